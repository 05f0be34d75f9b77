import json
import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from glance_training import UserError, recipes
from glance_training.data import read_split
from glance_training.model import POOLING
from glance_training.policies import CHEAPEST_SHARES
from glance_training.recipes import RECIPES, Lead, Setting, add_result, compare, curves_of, mean_exits, measure, read_results, recipe_of, recipes_section, run_name, sample_rows, score
from glance_training.task import Row
from glance_training.tasks import TASKS
from glance_training.train import load_run, train

RTE = TASKS["rte"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"it rains snows the sun shines never always".split()]
SETTING = Setting(layers=2, max_rows=320)
SHA256 = "0" * 64
RESULTS = Path(__file__).resolve().parents[1] / "results"


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory):
    """A base encoder of 2 layers and hidden size 16 with random weights and a vocabulary of a dozen words."""
    folder = tmp_path_factory.mktemp("tiny-base")
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=128
    )
    config.to_json_file(folder / "config.json")
    torch.manual_seed(0)
    save_file({name: tensor.contiguous() for name, tensor in BertModel(config).state_dict().items()}, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder like the one `prepare` writes, with made-up rows of RTE in which one word decides the label."""
    folder = tmp_path_factory.mktemp("data") / RTE.id
    folder.mkdir()
    generator = random.Random(0)
    for split, count in (("train", 400), ("test", 40)):
        rows = []
        for number in range(count):
            label = RTE.labels[number % 2]
            words = [*generator.choices(WORDS[4:-2], k=5), "always" if number % 2 else "never"]
            rows.append(Row(f"{split}-{number}", " ".join(words), (label,), RTE.id))
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps({"trainSha256": SHA256}), encoding="utf-8")
    return folder.parent


@pytest.fixture
def run_compare(tiny_base, data, tmp_path):
    def call(*names, setting=SETTING):
        compare([RTE], names, [0], setting, prepared=data, base=tiny_base, runs=tmp_path / "runs", results=tmp_path)
        return read_results(tmp_path / "recipes.json")

    return call


@pytest.fixture
def no_training(monkeypatch):
    """From its call on, training is an error."""

    def refuse():
        def fail(*_, **__):
            raise AssertionError("trained again")

        monkeypatch.setattr(recipes, "train", fail)

    return refuse


def test_each_run_is_trained_once_and_entered(run_compare, no_training, tmp_path, data):
    entries = run_compare("deebert", "romebert")
    assert [entry["recipe"] for entry in entries] == ["romebert", "deebert"]
    rome, dee = entries
    # 320 rows are 5 batches, six times; each of DeeBERT's stages takes half of them.
    assert (rome["rows"], rome["testRows"], rome["steps"], dee["steps"]) == (320, 40, 30, 30)
    assert rome["hyperparameters"]["gamma"] == recipe_of("romebert", 0, SETTING).gamma
    assert rome["device"] == "cpu" and rome["versions"]["torch"] and rome["seconds"] >= 0
    assert [len(scores) for scores in rome["scores"].values()] == [2]
    folder = tmp_path / "runs" / rome["run"]
    assert not (folder / "checkpoint.pt").exists()
    assert all(1 <= mean <= 2 for mean in rome["meanExits"])
    assert rome["scores"] == measure(folder, RTE, read_split(data, RTE, "test"))["scores"]

    no_training()
    assert run_compare("romebert", "deebert") == entries


def test_a_task_that_asks_for_no_second_opinion_is_not_trained_without_one(run_compare, no_training):
    no_training()
    assert run_compare("without-second-opinion") == []


def test_compared_recipes_are_alike_in_what_the_shipped_model_does_for_single_tasks():
    assert all(recipe_of(name, 0, SETTING).undistilled == () for name in RECIPES)
    assert [name for name in RECIPES if not recipe_of(name, 0, SETTING).second_opinions] == ["without-second-opinion"]


def test_a_finished_run_without_an_entry_is_scored_alone(run_compare, no_training, tmp_path):
    entries = run_compare("pabee")
    (tmp_path / "recipes.json").unlink()
    no_training()
    assert run_compare("pabee") == entries


def test_a_stopped_run_goes_on(run_compare, tiny_base, data, tmp_path):
    rows = sample_rows(read_split(data, RTE, "train"), SETTING.max_rows)
    recipe = recipe_of("deebert", 0, SETTING)
    stopped = tmp_path / "runs" / run_name("rte", "deebert", 0, SETTING, SHA256)
    train({"rte": rows}, tiny_base, stopped, recipe, stop_after=17)
    train({"rte": rows}, tiny_base, tmp_path / "whole", recipe)
    run_compare("deebert")
    whole, gone_on = load_run(tmp_path / "whole").model, load_run(stopped).model
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), gone_on.state_dict().values()))


def test_other_settings_data_and_seeds_are_other_runs():
    names = {
        run_name("rte", "romebert", seed, setting, sha256)
        for seed in (0, 1)
        for setting in (SETTING, Setting(layers=2), Setting(layers=2, epochs_factor=0.5))
        for sha256 in (SHA256, "1" * 64)
    }
    assert len(names) == 12


def test_recipes_of_one_layer_are_refused(run_compare):
    with pytest.raises(UserError, match="--layers"):
        run_compare("romebert", setting=Setting(layers=1))


def test_a_sample_is_the_same_each_time_and_in_order():
    rows = [Row(str(number), "", ("entailment",), "rte") for number in range(50)]
    sample = sample_rows(rows, 10)
    assert sample == sample_rows(rows, 10) and len(set(sample)) == 10
    assert [int(row.id) for row in sample] == sorted(int(row.id) for row in sample)
    assert sample_rows(rows, 50) == sample_rows(rows, None) == rows


def test_seconds_are_those_of_all_sessions(tmp_path):
    seconds = (10.0, 20.0, 4.5, 9.0, 2.0)
    (tmp_path / "log.jsonl").write_text("".join(json.dumps({"seconds": value}) + "\n" for value in seconds), encoding="utf-8")
    assert recipes.training_seconds(tmp_path / "log.jsonl") == 31.0


def rows_of(task, *labels):
    return [Row(str(number), "", entry, "g") for number, entry in enumerate(labels)]


def one_hot(task, *answers):
    """Logits [texts, labels] in which the named labels are above 0."""
    return np.array([[1.0 if label in answer else -1.0 for label in TASKS[task].labels] for answer in answers])


def test_scores_of_two_labels():
    rows = rows_of("mrpc", ("equivalent",), ("equivalent",), ("equivalent",), ("not_equivalent",))
    logits = one_hot("mrpc", ["equivalent"], ["equivalent"], ["not_equivalent"], ["equivalent"])
    scores = score(TASKS["mrpc"], logits, rows)
    # Two hits, three answers, three true: precision and recall 2/3.
    assert scores["f1"] == pytest.approx(2 / 3) and scores["accuracy"] == 0.5
    # F1 of not_equivalent is 0.
    assert scores["macroF1"] == pytest.approx(1 / 3)


def test_scores_of_debt_count_rows_of_unknown_type():
    debt = TASKS["comment-debt"].labels[1:]
    rows = rows_of("comment-debt", ("none",), ("none",), ("design",), debt)
    logits = one_hot("comment-debt", ["none"], ["test"], ["none"], ["defect"])
    # One hit of two answers and two true.
    assert score(TASKS["comment-debt"], logits, rows)["debtF1"] == pytest.approx(0.5)


def test_scores_of_several_labels_weigh_by_support():
    rows = rows_of("doc-section", ("how",), ("how", "what"), ("how",), ("who",))
    logits = one_hot("doc-section", ["how"], ["how", "what"], ["what"], [])
    # No label above 0: the top one is the answer.
    logits[3, TASKS["doc-section"].labels.index("who")] = -0.5
    # how: 2 of 2 answers, 3 true, F1 0.8; what: 1 of 2 answers, 1 true, F1 2/3; who: 1.
    assert score(TASKS["doc-section"], logits, rows)["weightedF1"] == pytest.approx((3 * 0.8 + 2 / 3 + 1) / 5)


def test_unknown_labels_count_nowhere():
    task = TASKS["comment-kind"]
    rows = [Row("0", "", ("summary",), "g", known=("summary", "usage")), Row("1", "", ("pointer",), "g", known=("summary", "pointer"))]
    logits = one_hot("comment-kind", ["summary", "pointer"], ["pointer", "usage"])
    assert score(task, logits, rows)["weightedF1"] == 1.0


def test_a_mean_exit_counts_from_one_and_keeps_to_its_share():
    texts = 100
    last = np.tile([0.0, 9.0], (texts, 1))
    # All are sure at the second exit. The first one errs in the last two texts, more surely than it is right in the second half.
    first = np.tile([0.0, 4.0], (texts, 1))
    first[texts // 2 :] = [0.0, 2.0]
    first[-2:] = [3.0, 0.0]
    sequences = [[2, 3]] * texts
    most_careful, fastest = mean_exits(RTE, np.stack([first, last, last]), sequences)[:: len(CHEAPEST_SHARES) - 1]
    assert most_careful == pytest.approx(1.5) and fastest == 1
    # Where the surest err, texts stay until the last exit.
    assert mean_exits(RTE, np.stack([-9 * last, last]), sequences) == [2, 2, 2]
    # Nothing changes between two exits that find nothing, of a task where that is silent.
    debt = TASKS["comment-debt"]
    silent = one_hot(debt.id, *[[debt.silent_label]] * 4) * 9.0
    unsure = silent / 9
    unsure[0, :] = one_hot(debt.id, ["defect"])[0] * 3
    assert mean_exits(debt, np.stack([unsure, silent]), sequences[:4]) == [2, 2, 2]
    assert mean_exits(debt, np.stack([silent / 3, silent]), sequences[:4]) == [1, 1, 1]


def test_a_lead_is_measured_before_the_last_exit_and_at_it():
    lead = Lead.of(np.array([60.0, 70.0, 80.0]), np.array([50.0, 71.0, 80.5]))
    assert lead == Lead(early=4.5, largest=10.0, largest_exit=1, ahead=1, last=-0.5)
    assert lead.verdict == "holds"
    assert Lead(4.5, 10.0, 1, 1, -1.5).verdict == "holds before the last exit only"
    assert Lead(1.5, 10.0, 1, 1, 0.0).verdict == "does not hold"


def made_up(recipe, scores, seed=0, **changes):
    entry = {
        "task": "rte", "recipe": recipe, "seed": seed, "layers": 6, "maxRows": None, "epochsFactor": 1.0, "dataSha256": SHA256,
        "run": f"{recipe}-{seed}", "scores": {"accuracy": scores}, "rows": 2490, "testRows": 277, "steps": 117,
    }  # fmt: skip
    return {**entry, **changes}


@pytest.fixture
def results(tmp_path):
    """A results folder with the published curves and made-up runs of RTE, some in a smaller setting."""
    folder = tmp_path / "results"
    for entry in (
        made_up("deebert", [0.5, 0.5, 0.5, 0.52, 0.54, 0.6], steps=116),
        made_up("romebert", [0.52, 0.54, 0.56, 0.58, 0.58, 0.6], seed=1),
        made_up("romebert", [0.54, 0.56, 0.58, 0.58, 0.6, 0.6], seed=0),
        made_up("pabee", [0.5, 0.5, 0.55, 0.55, 0.55, 0.65]),
        made_up("romebert", [0.9] * 6, rows=100, maxRows=100),
    ):
        add_result(folder / "recipes.json", entry)
    (folder / "published.json").write_text((RESULTS / "published.json").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def test_the_exits_that_ship_are_shown_rather_than_more_recipes_of_earlier_ones():
    earlier = [made_up(name, [0.5] * 6) for name in ("romebert", "deebert", "pabee")]
    present = [made_up(name, [0.6] * 6, pooling=POOLING) for name in ("romebert", "deebert")]
    (shown,) = curves_of(earlier + present)
    assert shown.recipes == ["romebert", "deebert"] and shown.mean("romebert")[0] == 60
    # One side of the claim alone is no comparison.
    (shown,) = curves_of(earlier + present[:1])
    assert shown.mean("romebert")[0] == 50


def test_a_new_result_takes_the_place_of_its_like(results):
    add_result(results / "recipes.json", made_up("deebert", [0.1] * 6, run="another"))
    entries = read_results(results / "recipes.json")
    assert [(e["recipe"], e["seed"]) for e in entries if e["maxRows"] is None] == [("romebert", 0), ("romebert", 1), ("deebert", 0), ("pabee", 0)]
    assert len(entries) == 5 and [e["run"] for e in entries if e["recipe"] == "deebert"] == ["another"]
    assert not (results / "recipes.json.partial").exists()


def test_the_section_says_what_was_measured(results, tmp_path):
    pytest.importorskip("matplotlib")
    text = "\n".join(recipes_section(results, tmp_path / "plots"))
    assert "| `romebert` (2 seeds) | 53.0 ± 1.4 | 55.0 ± 1.4 |" in text
    assert "| `deebert` | 50.0 | 50.0 | 50.0 | 52.0 | 54.0 | 60.0 | 51.2 |" in text
    assert "| published `deebert`, exits 2, 4, ... 12 | 56.3 | 55.6 | 58.8 | 59.9 | 63.2 | 68.2 | 58.8 |" in text
    assert "on average 5.2 points above `deebert`, ahead at 5 of 5 exits, by most at exit 3 (+7.0); at the last exit 0.0 points above it" in text
    # Two standard errors of 60% on 277 rows are 5.9 points.
    assert "It cannot be told from so few rows on RTE (+5.2 before the last exit, +0.0 at it)." in text
    file = results / "recipes.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"testRows": 277', '"testRows": 2770'), encoding="utf-8")
    assert "It holds on RTE (+5.2 before the last exit, +0.0 at it)." in "\n".join(recipes_section(results, tmp_path / "plots"))
    assert "`pabee` -3.4 and +5.0" in text
    assert "117 steps (`deebert` 116), 277 test rows" in text
    assert "\n`compare --tasks rte --epochs-factor 1`: 2490 training rows, 117 steps" in text
    assert "90.0" not in text, "the smaller setting must not be mixed in"
    assert "(plots/recipes-rte.svg)" in text
    assert "mean exit where" not in text


def test_the_section_says_how_early_texts_leave(results, tmp_path):
    pytest.importorskip("matplotlib")
    for seed, means in enumerate(([3.0, 2.5, 2.0], [4.0, 2.5, 2.0])):
        add_result(results / "recipes.json", made_up("romebert", [0.6] * 6, seed=seed, meanExits=means))
    add_result(results / "recipes.json", made_up("deebert", [0.6] * 6, meanExits=[5.0, 4.25, 4.0]))
    text = "\n".join(recipes_section(results, tmp_path / "plots"))
    assert "|  | mean exit where 1% of answers may change | mean exit where 2%" in text
    assert "| `romebert` | 3.50 ± 0.71 | 2.50 ± 0.00 | 2.00 ± 0.00 |\n| `deebert` | 5.00 | 4.25 | 4.00 |\n" in text
    assert "Where 1% of answers may change, its texts leave at exit 3.50 on average, those of `deebert` at 5.00." in text


def test_plots_are_the_same_each_time(results, tmp_path):
    pytest.importorskip("matplotlib")
    recipes_section(results, tmp_path / "one")
    recipes_section(results, tmp_path / "other")
    first = (tmp_path / "one" / "recipes-rte.svg").read_bytes()
    assert first.startswith(b"<?xml") and first == (tmp_path / "other" / "recipes-rte.svg").read_bytes()
    assert b"dc:date" not in first


def test_nothing_compared_gives_no_section(tmp_path):
    assert recipes_section(tmp_path, tmp_path / "plots") == []
    assert not (tmp_path / "plots").exists()


def test_published_curves_have_their_exits_and_metrics():
    published = json.loads((RESULTS / "published.json").read_text(encoding="utf-8"))
    for task, entry in published["tasks"].items():
        assert entry["metric"] == recipes.METRICS[task][0]
        assert {name: len(percent) for name, percent in entry["percent"].items()} == {"romebert": published["exits"], "deebert": published["exits"]}
