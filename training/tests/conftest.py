"""A tiny base encoder with random weights and a tiny vocabulary, and made-up rows: no network, no downloads, no real data."""

import random
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from glance_training import evaluate as evaluation, export as exporting, promise, weak_labels
from glance_training.__main__ import main
from glance_training.data import read_distillation_rows, read_split, read_summary
from glance_training.exit0 import SEPARATOR_ID
from glance_training.export import export
from glance_training.prepare import prepare
from glance_training.task import Row, TaskData
from glance_training.tasks import READERS
from glance_training.tasks.comment_debt import DEBT_LABELS, DISTILLATION, UNLABELLED
from glance_training.tasks.comment_debt import TASK as DEBT
from glance_training.tasks.doc_section import TASK as SECTION
from glance_training.train import Recipe, train

WORDS = "todo fixme hack this is a the fast slow list map file reads writes ugly broken untested undocumented returns value".split()
TOPICS = {"what": "list", "how": "file", "who": "value"}
SPLIT_OF_GROUP = {"group-0": "train", "group-1": "calibration", "group-2": "calibration", "group-3": "test"}


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Folder of a base encoder: 2 layers, hidden size 32, 4 heads, random weights, its pooler included."""
    folder = tmp_path_factory.mktemp("base")
    letters = [chr(code) for code in range(97, 123)]
    vocabulary = ["[PAD]", "[UNK]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *(word for word in WORDS if len(word) > 1)]
    # [CLS] and [SEP] where BERT has them: exit 0 knows the separator by its number.
    vocabulary += [f"[unused{number}]" for number in range(SEPARATOR_ID - 1 - len(vocabulary))] + ["[CLS]", "[SEP]"]
    ids = {token: number for number, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, ids[token]) for token in ("[CLS]", "[SEP]")]
    )
    tokenizer.enable_padding(length=128)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=160,
        # Larger than BERT's: with so few weights, the texts would hardly differ, and nothing would be learnt.
        initializer_range=0.15,
    )
    config.to_json_file(folder / "config.json")
    torch.manual_seed(0)
    save_file({k: v.contiguous() for k, v in BertModel(config).state_dict().items()}, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def debt_rows():
    """240 made-up comments in four groups; the label follows from a keyword, so that a model can learn it."""
    generator = random.Random(0)
    made = []
    for i in range(240):
        words = generator.choices(WORDS[3:], k=generator.randint(2, 12))
        labels: tuple[str, ...] = (DEBT.silent_label,)
        if i // 4 % 2 == 0:
            words.insert(0, "todo")
            labels = DEBT_LABELS if i // 4 % 10 == 0 else (DEBT_LABELS[i // 8 % len(DEBT_LABELS)],)
        made.append(Row(f"row-{i}", " ".join(words), labels, f"group-{i % 4}"))
    assert {label for row in made for label in row.labels} == set(DEBT.labels)
    return made


@pytest.fixture(scope="session")
def section_rows():
    """160 made-up sections in four groups; a label holds where its word occurs. In every fifth only "what" was looked for."""
    generator = random.Random(1)
    made = []
    for i in range(160):
        words = generator.choices(WORDS[3:], k=generator.randint(2, 8))
        labels = tuple(label for label, word in TOPICS.items() if word in words) or ("other",)
        known = ("what",) if i % 5 == 0 else None
        made.append(Row(f"section-{i}", f"{words[0]} [SEP] {' '.join(words)}", labels, f"group-{i % 4}", known))
    return made


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, debt_rows, section_rows):
    """What `prepare` writes of the made-up rows: group 0 trains, 1 and 2 calibrate, 3 tests; and comments without labels."""
    folder = tmp_path_factory.mktemp("prepared")
    generator = random.Random(2)
    bare = [Row(f"bare-{i}", " ".join(generator.choices(WORDS, k=6)), (), f"package-{i % 2}") for i in range(90)]
    with pytest.MonkeyPatch.context() as patch:
        for task, rows, more in ((DEBT, debt_rows, {UNLABELLED: bare[:60], DISTILLATION: bare[60:]}), (SECTION, section_rows, {})):
            splits = {name: [row for row in rows if SPLIT_OF_GROUP[row.group] == name] for name in SPLIT_OF_GROUP.values()}
            source = {"name": "Made-up", "source": "made up", "licence": "MIT", "rows": len(splits["train"]), "groups": ["group-0"]}
            read = TaskData(task, splits | more, [source])
            patch.setitem(READERS, task.id, lambda data, fold, read=read: read)
        prepare(Path("nowhere"), folder, [DEBT, SECTION], 0)
    return folder


@pytest.fixture(scope="session")
def run(base, prepared, tmp_path_factory):
    """A finished run of both tasks."""
    folder = tmp_path_factory.mktemp("run")
    recipe = Recipe(layers=2, epochs_factor=5, batch_size=8, encoder_lr=2e-3, head_lr=1e-2, exit0_iterations=20, bfloat16=False)
    facts = {"dataSha256": {task.id: read_summary(prepared, task)["trainSha256"] for task in (DEBT, SECTION)}}
    rows = {task.id: read_split(prepared, task, "train") for task in (DEBT, SECTION)}
    train(rows, base, folder, recipe, unlabelled={DEBT.id: read_distillation_rows(prepared, DEBT)}, facts=facts)
    return folder


@pytest.fixture(scope="session")
def package_folder(run, prepared, tmp_path_factory):
    """The run's package, before its quality is measured."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        # The made-up groups have 60 texts at most.
        patch.setattr(promise, "MINIMUM_BLOCK", 20)
        # As deep as the run, whatever the made-up texts gain from it.
        patch.setattr(exporting, "choose_depth", lambda scores: len(scores) - 1)
        export(run, prepared, folder)
    return folder


@pytest.fixture(scope="session")
def measured(run, package_folder, prepared, tmp_path_factory):
    """A copy of the package after `evaluate`, and the folder of results that it wrote."""
    folder = tmp_path_factory.mktemp("measured")
    shutil.copytree(package_folder, folder / "package")
    # In place of Python's standard library, whose reading takes long.
    (folder / "library").mkdir()
    (folder / "library" / "library.py").write_text('"""Returns the number of lines."""\n# TODO: count the words\nx = 1  # the answer\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weak_labels.sysconfig, "get_path", lambda name: str(folder / "library"))
        patch.setattr(evaluation, "MINIMUM_GROUP", 20)
        arguments = {"package": folder / "package", "prepared": prepared, "run": run, "results": folder / "results"}
        assert main(["evaluate", *(part for name, path in arguments.items() for part in (f"--{name}", str(path)))]) == 0
    return folder / "package", folder / "results"
