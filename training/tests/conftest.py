"""A tiny base encoder with random weights and a tiny vocabulary: no network, no downloads, no real data."""

import json
import random

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from glance_training.data import DEBT_LABELS, LABELS, Row

WORDS = "todo fixme hack this is a the fast slow list map file reads writes ugly broken untested undocumented returns value".split()


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Folder of a base encoder: 2 layers, hidden size 32, 4 heads, random weights, its pooler included."""
    folder = tmp_path_factory.mktemp("base")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = special + [chr(code) for code in range(97, 123)] + ["##" + chr(code) for code in range(97, 123)] + WORDS[:]
    vocabulary = list(dict.fromkeys(vocabulary))
    tokenizer = Tokenizer(models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary.index("[CLS]")), ("[SEP]", vocabulary.index("[SEP]"))]
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
    )
    config.to_json_file(folder / "config.json")
    torch.manual_seed(0)
    save_file({k: v.contiguous() for k, v in BertModel(config).state_dict().items()}, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def rows():
    """120 made-up rows in three groups; the label follows from a keyword, so that a model can learn it."""
    generator = random.Random(0)
    made = []
    for i in range(120):
        words = generator.choices(WORDS[3:], k=generator.randint(2, 12))
        allowed = ("none",)
        if i % 4 == 0:
            words.insert(0, "todo")
            allowed = (DEBT_LABELS[i // 4 % len(DEBT_LABELS)],)
        if i % 24 == 0:
            allowed = DEBT_LABELS
        made.append(Row(f"row-{i}", " ".join(words), allowed, f"group-{i % 3}"))
    assert {label for row in made for label in row.allowed} == set(LABELS)
    return made


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, rows):
    """A folder like the one `prepare` writes, with the made-up rows: group 0 trains, 1 calibrates, 2 tests."""
    folder = tmp_path_factory.mktemp("prepared")
    for number, name in enumerate(("train", "calibration", "test")):
        lines = [json.dumps(row.__dict__) + "\n" for row in rows if row.group == f"group-{number}"]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps({"trainSha256": "0" * 64, "trainingData": []}), encoding="utf-8")
    return folder
