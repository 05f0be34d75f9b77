"""From a finished tiny run to a package, its measurement and its golden answers."""

import hashlib
import json

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from glance_training import UserError, ordinary
from glance_training.__main__ import main
from glance_training.data import LABELS, read_split
from glance_training.export import choose_defaults, export
from glance_training.package import ModelPackage
from glance_training.train import Recipe, load_run, predict, train

# Int8 weights of 7 bits and activations of 8 bits, two layers of random weights.
PROBABILITY_TOLERANCE = 0.05


@pytest.fixture(scope="module")
def run(base, prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    recipe = Recipe(epochs=30, batch_size=8, encoder_lr=2e-3, head_lr=1e-2, exit0_epochs=20, bfloat16=False)
    train(read_split(prepared, "train"), base, folder, recipe)
    return folder


@pytest.fixture(scope="module")
def package_folder(run, prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    export(run, prepared, folder)
    return folder


@pytest.fixture(scope="module")
def package(package_folder):
    return ModelPackage(package_folder)


@pytest.fixture(scope="module")
def sequences(package, prepared):
    return package.tokenise([row.text for row in read_split(prepared, "test")] + ["", "todo " * 200])


def test_int8_package_agrees_with_the_float_model(run, package, sequences):
    model, exit0, _ = load_run(run)
    with torch.no_grad():
        reference = torch.stack([exit0(sequences), *predict(model, sequences)]).softmax(-1).numpy()
    quantised = torch.from_numpy(package.logits(sequences)).softmax(-1).numpy()
    assert np.abs(quantised - reference).max() < PROBABILITY_TOLERANCE
    # Not trivially near: the answers vary far more than the tolerance.
    assert np.ptp(reference, axis=1).max() > 4 * PROBABILITY_TOLERANCE


def test_answers_do_not_depend_on_the_batch(package, sequences):
    together = [pooled.copy() for pooled in package.pooled(sequences)]
    for row in (0, len(sequences) // 2, len(sequences) - 2):
        for exit_number, pooled in enumerate(package.pooled([sequences[row]])):
            assert np.abs(pooled[0] - together[exit_number][row]).max() <= 1e-6


def test_a_long_text_keeps_its_first_tokens_and_sep(package, sequences):
    long = sequences[-1]
    assert len(long) == 128 and long[0] == sequences[-2][0] and long[-1] == sequences[-2][-1]


def test_exit0_by_hand(package, package_folder):
    weights = load_file(package_folder / "comment-debt.safetensors")
    vocabulary = package.manifest["encoder"]["vocabularySize"]
    (ids,) = package.tokenise(["todo list"])
    _, a, b, _ = ids
    rows = [a, b, vocabulary + (a * 1000003 + b * 7919) % 65536]
    total = weights["exit0.table"][rows].astype(np.int64).sum(0)
    assert np.allclose(package.logits([ids])[0, 0], weights["exit0.bias"] + weights["exit0.scale"] * total / (3 + 4), atol=1e-6)


def test_segments_have_the_agreed_interface(package_folder):
    for number, outputs in ((1, ["states", "pooled"]), (2, ["pooled"])):
        session = onnxruntime.InferenceSession(package_folder / f"segment-{number}.onnx", providers=["CPUExecutionProvider"])
        assert [(i.name, i.type) for i in session.get_inputs()] == [("hidden", "tensor(float)"), ("mask", "tensor(int32)")]
        assert [o.name for o in session.get_outputs()] == outputs


def test_manifest_lists_every_file_with_its_hash(package_folder, package):
    files = package.manifest["files"]
    assert {p.name for p in package_folder.iterdir()} == {*files, "model.json", "README.md"}
    for name, entry in files.items():
        content = (package_folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    task = package.manifest["tasks"][0]
    assert task["labels"] == list(LABELS) and len(task["temperatures"]) == package.exits == 3


def test_tokenizer_neither_pads_nor_truncates(package_folder):
    tokenizer = Tokenizer.from_file(str(package_folder / "tokenizer.json"))
    assert tokenizer.padding is None and tokenizer.truncation is None


def test_tensors_have_the_agreed_types(package_folder, package):
    embeddings = load_file(package_folder / "embeddings.safetensors")
    vocabulary, size = package.manifest["encoder"]["vocabularySize"], package.manifest["encoder"]["hiddenSize"]
    assert embeddings["words"].dtype == np.int8 and embeddings["words"].shape == (vocabulary, size)
    assert embeddings["scales"].shape == (vocabulary,) and embeddings["positions"].shape == (128, size)
    heads = load_file(package_folder / "comment-debt.safetensors")
    assert heads["exit0.table"].dtype == np.int8 and heads["exit0.table"].shape == (vocabulary + 65536, len(LABELS))
    assert heads["exit2.weight"].shape == (len(LABELS), size)


def test_an_altered_or_missing_file_is_named(run, prepared, tmp_path):
    folder = tmp_path / "package"
    export(run, prepared, folder)
    segment = folder / "segment-2.onnx"
    content = bytearray(segment.read_bytes())
    content[100] ^= 1
    segment.write_bytes(content)
    with pytest.raises(UserError, match="segment-2.onnx"):
        ModelPackage(folder)
    segment.unlink()
    with pytest.raises(UserError, match="segment-2.onnx is missing"):
        ModelPackage(folder)


def test_a_failed_export_leaves_the_old_package_alone(run, prepared, package_folder, monkeypatch):
    before = (package_folder / "model.json").read_bytes()
    monkeypatch.setattr("glance_training.export.MAXIMUM_PACKAGE_BYTES", 1000)
    with pytest.raises(UserError, match="more than"):
        export(run, prepared, package_folder)
    assert (package_folder / "model.json").read_bytes() == before
    ModelPackage(package_folder)


def test_evaluate_and_golden(run, prepared, package_folder, tmp_path, monkeypatch):
    # In place of Python's standard library, whose reading takes long.
    (tmp_path / "library.py").write_text('"""Returns the number of lines."""\n# TODO: count the words\nx = 1  # the answer\n')
    monkeypatch.setattr(ordinary.sysconfig, "get_path", lambda name: str(tmp_path))
    common = ["--package", str(package_folder)]
    results = tmp_path / "results"
    assert main(["evaluate", *common, "--prepared", str(prepared), "--run", str(run), "--results", str(results)]) == 0
    report = json.loads((results / "comment-debt.json").read_text())
    assert [entry["exit"] for entry in report["exits"]] == [0, 1, 2]
    assert report["exits"][2]["rows"] == 40
    assert report["ordinaryComments"]["rows"] == 2 and len(report["ordinaryComments"]["flagged"]) == 3
    full = next(p for p in report["policies"] if p["policy"] == "full")
    assert full["meanExit"] == 2 and full["disagreement"] == 0 and full["debtF1"] == report["exits"][2]["debtF1"]
    package = ModelPackage(package_folder)
    assert package.task["quality"]["exits"] == report["exits"]
    f1 = f"{100 * report['exits'][2]['debtF1']:.1f}"
    assert f1 in (package_folder / "README.md").read_text() and f1 in (results / "comment-debt.md").read_text()

    golden_file = tmp_path / "golden.json"
    assert main(["golden", *common, "--output", str(golden_file)]) == 0
    golden = json.loads(golden_file.read_text())
    case = golden["cases"][0]
    assert case["ids"] == package.tokenise([case["text"]])[0]
    expected = package.probabilities(package.logits([case["ids"]]))[:, 0]
    assert np.allclose(case["probabilities"], expected, atol=1e-6)


def test_defaults_are_the_cheapest_within_the_bounds():
    # 1000 texts, 3 exits; exit 0 is sure of all and right about all but one text, a third of whose kind is debt.
    sure, unsure = 0.999, 0.7
    second = np.full((3, 1000), 1 - sure)
    second[:, :400] = sure
    assert choose_defaults(np.stack([1 - second, second], -1)) == {"entropy": 1.0, "patience": 1}
    # Now exit 0 is wrong, and unsure, about 100 texts: it must not answer them.
    second[0, :100] = 1 - unsure
    assert choose_defaults(np.stack([1 - second, second], -1))["entropy"] == 0.6
