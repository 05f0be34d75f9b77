"""From a finished tiny run of two tasks to a package, its measurement and its golden answers."""

import hashlib
import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from glance_training import UserError, evaluate as evaluation, export as exporting, golden, promise
from glance_training.__main__ import main
from glance_training.answers import probabilities_of
from glance_training.card import render_card
from glance_training.data import read_split, read_summary
from glance_training.export import choose_defaults, choose_depth, export
from glance_training.metrics import ExitFit
from glance_training.package import ModelPackage, digest
from glance_training.policies import POLICIES, Scored
from glance_training.promise import calibrate
from glance_training.task import Row
from glance_training.tasks import PROJECT_TASKS
from glance_training.tasks.comment_debt import TASK as DEBT
from glance_training.tasks.doc_section import TASK as SECTION
from glance_training.train import load_run

TASKS = (DEBT, SECTION)
EXITS = 3
TEST_ROWS = {DEBT.id: 60, SECTION.id: 40}
# Int8 weights of 7 bits and activations of 8 bits, two layers of random weights.
PROBABILITY_TOLERANCE = 0.05


@pytest.fixture
def copy(package_folder, tmp_path):
    """A package to spoil."""
    return shutil.copytree(package_folder, tmp_path / "package")


@pytest.fixture(scope="module")
def package(package_folder):
    return ModelPackage(package_folder)


def sequences_of(package, prepared, task):
    return package.task(task.id).tokenise([row.text for row in read_split(prepared, task, "test")] + ["", "todo " * 200])


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_int8_package_agrees_with_the_float_model(run, package, prepared, task):
    sequences = sequences_of(package, prepared, task)
    ones = np.ones(EXITS)
    fitted = package.manifest["recipe"]["export"]["tasks"][task.id]
    fit = ExitFit(np.array(fitted["wide"]), np.array(fitted["offsets"]))
    reference = probabilities_of(fit.of(load_run(run).logits(sequences, task.id)), ones, task.multi_label)
    quantised = probabilities_of(package.task(task.id).logits(sequences), ones, task.multi_label)
    assert quantised.shape == (EXITS, len(sequences), len(task.labels))
    assert np.abs(quantised - reference).max() < PROBABILITY_TOLERANCE
    # Not trivially near: the answers vary far more than the tolerance.
    assert np.ptp(reference, axis=1).max() > 4 * PROBABILITY_TOLERANCE


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_answers_do_not_depend_on_the_batch(package, prepared, task):
    sequences = sequences_of(package, prepared, task)
    together = package.task(task.id).logits(sequences)
    for row in (0, len(sequences) // 2, len(sequences) - 1):
        assert np.abs(package.task(task.id).logits([sequences[row]])[:, 0] - together[:, row]).max() <= 1e-5


def test_each_task_cuts_at_its_own_length(package):
    for task in TASKS:
        assert package.task(task.id).entry["maximumTokens"] == task.maximum_tokens
    part = package.task(SECTION.id)
    part = type(part)(package, {**part.entry, "maximumTokens": 7})
    (long,) = part.tokenise(["todo " * 200])
    assert len(long) == 7 and long[0] == 101 and long[-1] == 102


def test_exit0_by_hand(package, package_folder):
    weights = load_file(package_folder / "doc-section.safetensors")
    vocabulary = package.manifest["encoder"]["vocabularySize"]
    part = package.task(SECTION.id)
    (ids,) = part.tokenise(["todo list [SEP] map"])
    _, a, b, separator, c, _ = ids
    assert separator == 102
    rows = [a, b, vocabulary + (a * 1000003 + b * 7919) % 65536, vocabulary + (c * 31337 + 1299709) % 65536]
    values = weights["exit0.table"][rows].astype(np.int64)
    # Three features in the first part, one in the second.
    total = values[:3].sum(0) / np.sqrt(3 + 4) + values[3] / np.sqrt(1 + 4)
    assert np.abs(total).sum() > 0
    assert np.allclose(part.logits([ids])[0, 0], weights["exit0.bias"] + weights["exit0.scale"] * total, atol=1e-5)


def test_wide_by_hand(package, package_folder):
    weights = load_file(package_folder / "comment-debt.safetensors")
    part = package.task(DEBT.id)
    (ids,) = part.tokenise(["todo list"])
    first, *others = part.logits([ids])[:, 0]
    pooled = [vectors[0] for vectors in package.pooled([ids])]
    for number, (logits, vector) in enumerate(zip(others, pooled), 1):
        own = weights[f"exit{number}.weight"] @ vector + weights[f"exit{number}.bias"]
        assert 0 <= weights[f"exit{number}.wide"][0] <= 1
        assert np.allclose(logits, own + weights[f"exit{number}.wide"] * first, atol=1e-5)
    assert max(weights[f"exit{number}.wide"][0] for number in (1, 2)) > 0


def test_segments_have_the_agreed_interface(package_folder):
    for number, outputs in ((1, ["states", "pooled"]), (2, ["pooled"])):
        session = onnxruntime.InferenceSession(package_folder / f"segment-{number}.onnx", providers=["CPUExecutionProvider"])
        assert [(i.name, i.type) for i in session.get_inputs()] == [("hidden", "tensor(float)"), ("mask", "tensor(int32)")]
        assert [o.name for o in session.get_outputs()] == outputs


def test_exit_1_costs_no_layer(package_folder):
    operators = [[node.op_type for node in onnx.load(package_folder / f"segment-{number}.onnx").graph.node] for number in (1, 2)]
    # All tokens go through a layer's attention in QAttention alone.
    assert [found.count("QAttention") for found in operators] == [0, 1]


def test_manifest_lists_every_file_with_its_hash(package_folder, package):
    files = package.manifest["files"]
    assert {p.name for p in package_folder.iterdir()} == {*files, "model.json", "README.md"}
    for name, entry in files.items():
        content = (package_folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_manifest_describes_each_task(package):
    manifest = package.manifest
    assert manifest["formatVersion"] == 4 and manifest["encoder"]["layers"] == len(manifest["encoder"]["segments"]) == 2
    assert [entry["id"] for entry in manifest["tasks"]] == [task.id for task in TASKS]
    for task, entry in zip(TASKS, manifest["tasks"]):
        assert entry["labels"] == list(task.labels) and entry["multiLabel"] == task.multi_label
        assert len(entry["temperatures"]) == EXITS and all(t > 0 for t in entry["temperatures"])
        assert set(entry["defaults"]) == {"maxDisagreement", "certainty", *POLICIES}
        assert entry["promise"]["confidence"] == 0.95
        levels = entry["promise"]["levels"]
        assert [set(level) for level in levels] == [{"maxDisagreement", "certainty"}] * len(levels)
        assert levels == sorted(levels, key=lambda level: level["maxDisagreement"])
    debt, section = manifest["tasks"]
    assert debt["silentLabel"] == "none" and "labelThresholds" not in debt and debt["promise"]["of"] == "findings"
    assert "silentLabel" not in section and len(section["labelThresholds"]) == len(SECTION.labels) and section["promise"]["of"] == "answers"
    assert debt["quality"]["split"] == {"calibration": ["group-1", "group-2"], "test": ["group-3"], "unlabelled": ["package-0", "package-1"]}
    assert [data["task"] for data in manifest["trainingData"]] == [DEBT.id, SECTION.id]


def test_the_promise_is_calibrated_on_comments_without_labels_too(run, prepared, package):
    """What the manifest says is what `calibrate` finds for the package's own answers to those texts."""
    part = package.task(DEBT.id)
    rows = read_split(prepared, DEBT, "calibration") + read_split(prepared, DEBT, "unlabelled")
    scored = part.scored(part.tokenise([row.text for row in rows]))
    found = calibrate(scored, np.array([row.group for row in rows]), part.silent)
    heads = part.certainty_heads
    assert np.allclose(heads.weights, found.heads.weights, atol=1e-4) and np.allclose(heads.biases, found.heads.biases, atol=1e-4)
    assert [level["maxDisagreement"] for level in part.entry["promise"]["levels"]] == [level.maximum_disagreement for level in found.levels]


def test_tokenizer_neither_pads_nor_truncates(package_folder):
    tokenizer = Tokenizer.from_file(str(package_folder / "tokenizer.json"))
    assert tokenizer.padding is None and tokenizer.truncation is None


def test_tensors_have_the_agreed_types(package_folder, package):
    embeddings = load_file(package_folder / "embeddings.safetensors")
    vocabulary, size = package.manifest["encoder"]["vocabularySize"], package.manifest["encoder"]["hiddenSize"]
    assert embeddings["words"].dtype == np.int8 and embeddings["words"].shape == (vocabulary, size)
    assert embeddings["scales"].shape == (vocabulary,) and embeddings["positions"].shape == (128, size)
    for task in TASKS:
        labels = len(task.labels)
        found = {name: (tensor.dtype.name, tensor.shape) for name, tensor in load_file(package_folder / f"{task.id}.safetensors").items()}
        assert found == {
            "exit0.table": ("int8", (vocabulary + 65536, labels)),
            "exit0.scale": ("float32", (labels,)),
            "exit0.bias": ("float32", (labels,)),
            **{f"exit{k}.weight": ("float32", (labels, size)) for k in (1, 2)},
            **{f"exit{k}.bias": ("float32", (labels,)) for k in (1, 2)},
            **{f"exit{k}.wide": ("float32", (1,)) for k in (1, 2)},
            **{f"certainty{k}.weight": ("float32", (6 + labels,)) for k in (0, 1)},
            **{f"certainty{k}.bias": ("float32", (1,)) for k in (0, 1)},
        }


def test_an_altered_or_missing_file_is_named(copy):
    segment = copy / "segment-2.onnx"
    content = bytearray(segment.read_bytes())
    content[100] ^= 1
    segment.write_bytes(content)
    with pytest.raises(UserError, match="segment-2.onnx is not the file"):
        ModelPackage(copy)
    segment.unlink()
    with pytest.raises(UserError, match="segment-2.onnx is missing"):
        ModelPackage(copy)


def test_other_formats_and_tasks_are_refused(copy, package):
    with pytest.raises(UserError, match="no task poetry; it has comment-debt, doc-section"):
        package.task("poetry")
    manifest = json.loads((copy / "model.json").read_text())
    (copy / "model.json").write_text(json.dumps(manifest | {"formatVersion": 1}))
    with pytest.raises(UserError, match="formatVersion is 1, this program reads 4"):
        ModelPackage(copy)


def test_other_rows_than_the_runs_are_refused(run, prepared, package_folder, tmp_path):
    other = shutil.copytree(prepared, tmp_path / "prepared")
    summary = read_summary(other, SECTION) | {"trainSha256": "0" * 64}
    (other / SECTION.id / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(UserError, match="other rows of doc-section"):
        export(run, other, tmp_path / "package")
    # Its test rows may be those that the run was trained on.
    with pytest.raises(UserError, match="other rows of doc-section"):
        evaluation.score_run(run, other, tmp_path / "results")
    with pytest.raises(UserError, match="other rows of doc-section"):
        evaluation.evaluate(package_folder, other, run, tmp_path / "results")
    assert not (tmp_path / "package").exists() and not (tmp_path / "results").exists()


def test_a_failed_export_leaves_the_old_package_alone(run, prepared, package_folder, monkeypatch):
    before = (package_folder / "model.json").read_bytes()
    monkeypatch.setattr(exporting, "MAXIMUM_PACKAGE_BYTES", 1000)
    monkeypatch.setattr(exporting, "CLIPPED_SHARES", (0.0,))
    with pytest.raises(UserError, match="more than"):
        export(run, prepared, package_folder)
    assert (package_folder / "model.json").read_bytes() == before
    ModelPackage(package_folder)


def test_the_package_ends_at_the_best_exit_whose_layers_bring_a_point_each():
    assert choose_depth([[0.1, 0.70, 0.80, 0.90]]) == 3
    assert choose_depth([[0.1, 0.70, 0.90, 0.80]]) == 2
    assert choose_depth([[0.1, 0.70, 0.895, 0.90]]) == 2
    assert choose_depth([[0.1, 0.70, 0.885, 0.90]]) == 3
    assert choose_depth([[0.95, 0.70, 0.90]]) == 2, "exit 0 is no depth: the encoder would not run at all"
    assert choose_depth([[0.1, 0.70, 0.80, 0.81], [0.1, 0.70, 0.80, 0.79]]) == 2, "the tasks' scores are averaged"


def test_layers_behind_the_last_exit_do_not_ship(run, prepared, package, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(exporting, "choose_depth", lambda scores: 1)
    manifest = export(run, prepared, tmp_path / "package")
    assert "`train` with --exit0-teacher 1" in capsys.readouterr().out
    # Where every text had its labels, exit 0 had no teacher.
    untaught = shutil.copytree(run, tmp_path / "untaught")
    recipe = json.loads((untaught / "recipe.json").read_text())
    for facts in recipe["tasks"].values():
        facts["unlabelledRows"] = 0
    (untaught / "recipe.json").write_text(json.dumps(recipe))
    export(untaught, prepared, tmp_path / "untaught package")
    assert "--exit0-teacher" not in capsys.readouterr().out
    shallow = ModelPackage(tmp_path / "package")
    assert manifest["encoder"]["layers"] == len(manifest["encoder"]["segments"]) == 1
    assert len(list((tmp_path / "package").glob("*.onnx"))) == 1
    for task in TASKS:
        part = shallow.task(task.id)
        assert part.exits == len(part.entry["temperatures"]) == 2 and len(part.entry["quality"]["depth"]["calibrationScores"]) == EXITS
        names = load_file(tmp_path / "package" / f"{task.id}.safetensors").keys()
        assert {"exit1.bias", "certainty0.bias"} <= names
        assert not {name for name in names if name.startswith(("exit2", "certainty1"))}
        sequences = sequences_of(shallow, prepared, task)
        # The segments are the same, and so are the answers of the exits that are left.
        assert np.allclose(part.logits(sequences)[1], package.task(task.id).logits(sequences)[1], atol=1e-5)
        assert part.certainty_heads.certainties(part.scored(sequences)).shape == (1, len(sequences))
    monkeypatch.setattr(evaluation, "ordinary_comments", lambda *_: None)
    report = evaluation.evaluate(tmp_path / "package", prepared, run, tmp_path)
    assert [len(report["tasks"][task.id]["exits"]) for task in TASKS] == [2, 2]
    assert golden.write_golden(tmp_path / "package", tmp_path / "golden.json") == len(golden.TEXTS) + len(golden.SECTIONS)


def test_the_card_says_when_nothing_has_been_measured(package_folder, package):
    card = (package_folder / "README.md").read_text()
    assert card == render_card(package.manifest)
    assert card.count("has not been measured yet") == 2
    assert "group-0" in card and "several may hold" in card and "An encoder of 2 layers" in card


def test_evaluate_writes_its_files(measured):
    copy, results = measured
    report = json.loads((results / "package.json").read_text())
    assert list(report["tasks"]) == [DEBT.id, SECTION.id] and report["model"]["layers"] == 2
    package = ModelPackage(copy)
    for task in TASKS:
        found, name = report["tasks"][task.id], {DEBT.id: "debtF1", SECTION.id: "weightedF1"}[task.id]
        assert found["headline"] == name and found["groups"] == ["group-3"]
        assert [(entry["exit"], entry["rows"]) for entry in found["exits"]] == [(exit_number, TEST_ROWS[task.id]) for exit_number in range(EXITS)]
        assert len(found["floatAgreement"]) == EXITS and min(found["floatAgreement"]) > 0.9
        assert found["byGroup"]["groups"]["group-3"]["exits"][2][name] == found["exits"][2][name]
        supported = [entry for entry in found["labels"].values() if entry["rows"]]
        assert np.mean([entry["f1"] for entry in supported]) == pytest.approx(found["exits"][2]["macroF1"], abs=1e-5)
        assert found["constant"] <= found["exits"][2][name]
        assert found["byGroup"]["intervals"] == [None] * EXITS, "one group says nothing of how groups differ"
        assert set(found["policies"]) == {*POLICIES, "certainty"}
        for points in found["policies"].values():
            assert all(p["changed"] == 0 and p["scoreChange"] == 0 for p in points if p["meanExit"] == 2)
            depths = [p["meanExit"] for p in points]
            assert depths == sorted(depths, reverse=True)
        assert [p["maxDisagreement"] for p in found["promise"]] == [p["maxDisagreement"] for p in package.task(task.id).entry["promise"]["levels"]]
        assert len(found["leaveOneOut"]) == 5 and found["unseen"] is None
        # What people read.
        quality = package.task(task.id).entry["quality"]
        assert quality["exits"] == found["exits"] and quality["promise"] == found["promise"]
        assert f"| 2 | {100 * found['exits'][2][name]:.1f} |" in (copy / "README.md").read_text()
    debt = report["tasks"][DEBT.id]
    assert debt["ordinaryComments"]["rows"] == 2 and len(debt["ordinaryComments"]["flagged"]) == EXITS
    assert debt["otherLanguages"] is None
    assert debt["byGroup"]["keywordRule"]["precision"] > 0
    assert "has not been measured" not in (copy / "README.md").read_text()


def test_each_unseen_group_is_answered_with_the_offsets_of_the_others(prepared):
    """Two groups look alike; what looks like the first label there is the second in group-3, which is half as large again."""
    task = replace(DEBT, id="one-of-two", labels=("a", "b"), silent_label=None, corrects_priors=True)
    made = [Row(f"{group}-{i}", str(i), ("ab"[i % 2],), group) for group in ("group-1", "group-2") for i in range(40)]
    made += [Row(f"group-3-{i}", str(i), ("b",), "group-3") for i in range(60)]
    looks_like_a = np.array([row.group == "group-3" or row.label == "a" for row in made])
    margins = np.where(looks_like_a, 4.0, 2.0) + np.random.default_rng(0).normal(0, 0.1, len(made))
    folder = prepared.parent / "unseen" / task.id
    folder.mkdir(parents=True)
    (folder / "calibration.jsonl").write_text("".join(json.dumps(asdict(row)) + "\n" for row in made[:80]))

    class Part:
        def tokenise(self, texts):
            return texts

        def logits(self, sequences):
            assert len(sequences) == len(made)
            return np.stack([margins, np.zeros(len(made))], axis=1)[None]

    found = evaluation.unseen_groups(task, Part(), folder.parent, made[80:])
    assert (found["rows"], found["groups"], len(found["exits"]), len(found["intervals"])) == (140, 3, 1, 1)
    # Group-3 as the others have it: all wrong. The others as each other and group-3 have it: every "a" is wrong. With its own texts counted, group-3 would be right.
    assert found["exits"][0]["accuracy"] == pytest.approx(40 / 140)


def test_a_package_is_measured_without_its_run_too(prepared, copy, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluation, "ordinary_comments", lambda *_: None)
    report = evaluation.evaluate(copy, prepared, tmp_path / "no-run", tmp_path)
    assert report["tasks"][DEBT.id]["floatAgreement"] is None
    assert "is left out" in capsys.readouterr().out


def test_a_run_is_scored_before_any_export(run, prepared, tmp_path, monkeypatch):
    assert main(["score", "--prepared", str(prepared), "--run", str(run), "--results", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "runs" / f"{run.name}.json").read_text())
    assert list(report["tasks"]) == [DEBT.id, SECTION.id] and report["recipe"]["layers"] == 2
    for task in TASKS:
        found = report["tasks"][task.id]
        assert found["fold"] == 0 and len(found["exits"]) == EXITS and found["exits"][2]["rows"] == TEST_ROWS[task.id]
    # The keyword gives the made-up debt away, and the model has learnt it.
    assert report["tasks"][DEBT.id]["exits"][2]["debtF1"] > 0.8


def test_golden_answers(package, package_folder, tmp_path):
    target = tmp_path / "golden.json"
    assert main(["golden", "--package", str(package_folder), "--output", str(target)]) == 0
    found = json.loads(target.read_text())
    cases = found["cases"]
    assert {case["task"] for case in cases} == {DEBT.id, SECTION.id}
    assert [case["text"] for case in cases if case["task"] == DEBT.id] == list(golden.TEXTS)
    assert [case["row"] for case in cases if case["task"] == SECTION.id] == list(golden.SECTIONS)
    files = package.manifest["files"]
    lines = "".join(f"{name} {files[name]['sha256']}\n" for name in sorted(files))
    assert found["modelSha256"] == hashlib.sha256(lines.encode()).hexdigest()
    for case in (cases[0], cases[-1]):
        assert list(case) == ["task", *(["row"] if "row" in case else []), "text", "ids", "probabilities", "certainty"]
        part = package.task(case["task"])
        assert case["ids"] == part.tokenise([case["text"]])[0]
        scored = part.scored([case["ids"]])
        assert np.allclose(case["probabilities"], scored.probabilities[:, 0], atol=1e-6)
        assert np.allclose(case["certainty"], part.certainty_heads.certainties(scored)[:, 0], atol=1e-6)
        assert np.shape(case["probabilities"]) == (EXITS, len(part.entry["labels"])) and len(case["certainty"]) == EXITS - 1


def test_golden_rows_are_tricky():
    texts = {task.id: [case["text"] for case in golden.inputs(task.id)] for task in PROJECT_TASKS}
    assert all(len(found) >= 12 for found in texts.values())
    rows = list(golden.inputs("commit-type"))
    assert all(case["text"].count(" [SEP] ") >= 2 for case in rows)
    assert any("paths" not in case["row"] for case in rows) and any(len(case["row"].get("paths", ())) > 6 for case in rows)
    cut = next(case["text"] for case in rows if any(len(path) > 1000 for path in case["row"].get("paths", ())))
    assert " [SEP] test source source source [SEP] " in cut, "a thousand characters are looked at, of which many take two UTF-16 code units"
    for name in ("commit-type", "doc-section", "comment-kind"):
        found = [case["row"]["text"] for case in golden.inputs(name)]
        assert "" in found and any("\r\n" in text for text in found) and any("[SEP]" in text for text in found)
        assert any("\ufeff" in text and "\x85" in text for text in found)
    # Nothing in them is lost on the way through the file.
    assert json.loads(json.dumps(texts)) == texts


def made_up(count, wrong):
    """Three exits, two labels, the first silent: exit 0 is sure of all and wrong, and unsure, about `wrong` texts."""
    second = np.full((3, count), 0.001)
    second[:, : count // 2] = 0.999
    second[0, :wrong] = 0.3
    return Scored(np.stack([1 - second, second], -1), None, np.full(count, 9))


def test_defaults_are_the_fastest_that_keep_the_promise():
    groups = np.arange(2000) % 4
    scored = made_up(2000, 100)
    calibration = calibrate(scored, groups, 0)
    defaults = choose_defaults(scored, calibration, groups, 0)
    level = next(level for level in calibration.levels if level.maximum_disagreement == 0.02)
    assert (defaults["maxDisagreement"], defaults["certainty"]) == (0.02, level.certainty)
    for name, policy in POLICIES.items():
        exits = policy.exits(scored, defaults[name])
        assert promise.keeps(scored, exits, groups, 0, defaults["maxDisagreement"])
        # Those that may leave at exit 0 let all go that it is right about, and keep the rest.
        if name in ("entropy", "max-probability"):
            assert (exits[:100] > 0).all() and (exits[100:] == 0).all()


def test_defaults_without_a_promise_are_the_most_careful():
    scored = made_up(20, 10)
    groups = np.arange(20) % 2
    calibration = calibrate(scored, groups, 0)
    assert calibration.levels == []
    defaults = choose_defaults(scored, calibration, groups, 0)
    assert defaults == {"maxDisagreement": 0.0, "certainty": promise.CERTAINTIES[0], **{name: policy.thresholds(scored)[0] for name, policy in POLICIES.items()}}


def test_a_digest_is_hash_and_size(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert digest(tmp_path / "file") == {"sha256": hashlib.sha256(b"abc").hexdigest(), "bytes": 3}
