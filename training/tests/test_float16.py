"""The package for graphics cards, from the tiny run and its int8 package."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, numpy_helper
from transformers import BertConfig

from glance_training import UserError, float16 as halving
from glance_training.__main__ import main
from glance_training.answers import probabilities_of
from glance_training.data import read_split
from glance_training.float16 import export_float16
from glance_training.graph import build_segment, halved
from glance_training.metrics import ExitFit
from glance_training.model import MultiExitEncoder
from glance_training.package import ModelPackage, digest
from glance_training.tasks.comment_debt import TASK as DEBT
from glance_training.tasks.doc_section import TASK as SECTION
from glance_training.train import load_run

TASKS = (DEBT, SECTION)
# 11 bits of every weight and state, two layers of random weights: a tenth of what int8 is allowed.
PROBABILITY_TOLERANCE = 0.005
FIXTURE = Path(__file__).parents[2] / "test" / "fixtures" / "float16-segment.onnx"


@pytest.fixture(scope="module")
def float16_folder(run, package_folder, prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("float16") / "tiny"
    arguments = {"run": run, "prepared": prepared, "package": package_folder, "output": folder}
    assert main(["export-float16", *(part for name, path in arguments.items() for part in (f"--{name}", str(path)))]) == 0
    return folder


@pytest.fixture(scope="module")
def package(float16_folder):
    return ModelPackage(float16_folder)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_it_agrees_with_the_float_model(run, package, prepared, task):
    sequences = package.task(task.id).tokenise([row.text for row in read_split(prepared, task, "test")] + ["", "todo " * 200])
    found = package.task(task.id).logits(sequences)
    logits = load_run(run).logits(sequences, task.id)
    # Exit 0, of which the others take a share, has an int8 table in every package.
    exported = package.manifest["recipe"]["export"]["tasks"][task.id]
    fit = ExitFit(np.array(exported["wide"]), np.array(exported["offsets"]))
    logits[0] = found[0] - fit.offsets[0]
    logits = fit.of(logits)
    ones = np.ones(len(logits))
    reference = probabilities_of(logits, ones, task.multi_label)[1:]
    halves = probabilities_of(found, ones, task.multi_label)[1:]
    assert np.abs(halves - reference).max() < PROBABILITY_TOLERANCE
    assert np.ptp(reference, axis=1).max() > 20 * PROBABILITY_TOLERANCE


def test_padding_changes_nothing(package):
    short, long = package.tokenise(["todo fix", "this is the slow list of the ugly map"], 128)
    together = list(package.pooled([short, long]))
    for alone, both in zip(package.pooled([short]), together):
        assert np.abs(alone[0] - both[0]).max() < 1e-3


def test_it_reckons_in_float16_between_inputs_and_outputs_in_float32(float16_folder):
    for number, outputs in ((1, ["states", "pooled"]), (2, ["pooled"])):
        graph = onnx.load(float16_folder / f"segment-{number}.onnx").graph
        assert {tensor.data_type for tensor in graph.initializer} == {TensorProto.FLOAT16, TensorProto.INT64}
        assert all("Quant" not in node.op_type and "Integer" not in node.op_type and node.op_type != "QAttention" for node in graph.node)
        session = onnxruntime.InferenceSession(float16_folder / f"segment-{number}.onnx", providers=["CPUExecutionProvider"])
        assert [(i.name, i.type) for i in session.get_inputs()] == [("hidden", "tensor(float)"), ("mask", "tensor(int32)")]
        assert [(o.name, o.type) for o in session.get_outputs()] == [(name, "tensor(float)") for name in outputs]


def test_all_but_the_segments_is_the_int8_packages(float16_folder, package_folder, package):
    assert {path.name for path in float16_folder.iterdir()} == {path.name for path in package_folder.iterdir()}
    for name in package.manifest["files"]:
        assert ((float16_folder / name).read_bytes() == (package_folder / name).read_bytes()) != name.startswith("segment-")


def test_the_manifest_says_what_it_is_and_where_its_calibration_is_from(package_folder, package):
    manifest, int8 = package.manifest, ModelPackage(package_folder).manifest
    assert "precision" not in int8["encoder"] and manifest["encoder"] == int8["encoder"] | {"precision": "float16"}
    assert manifest["name"] == f"{int8['name']}-float16" and manifest["version"] == int8["version"]
    assert manifest["calibratedFor"] == {"name": int8["name"], "version": int8["version"], "manifestSha256": digest(package_folder / "model.json")["sha256"]}
    for entry, before in zip(manifest["tasks"], int8["tasks"]):
        assert {**entry, "quality": None} == {**before, "quality": None}
        found = entry["quality"]["againstInt8"]
        assert found["texts"] > 50 and 0 <= found["fullDepth"] < 0.2 and 0 <= found["default"] < 0.2


def test_it_counts_answers_that_differ(package, package_folder, prepared):
    texts = [row.text for row in read_split(prepared, DEBT, "test")]
    part, int8 = package.task(DEBT.id), ModelPackage(package_folder).task(DEBT.id)
    assert halving.difference(int8, int8, texts) == {"texts": len(texts), "fullDepth": 0, "default": 0}
    # The labels of the last exit, one place further.
    int8._weights["exit2.bias"] = np.array([0, 1000, 0, 0, 0, 0], dtype=np.float32)
    expected = 1 - np.mean(part.scored(part.tokenise(texts)).answers[-1][:, 1])
    assert halving.difference(part, int8, texts)["fullDepth"] == pytest.approx(expected, abs=1e-5) and expected > 0.5


def test_the_card_says_that_the_promise_was_calibrated_for_int8(float16_folder, package_folder):
    card = (float16_folder / "README.md").read_text()
    assert "the promise was not calibrated for this package" in card and "16-bit floats" in card and "8-bit" not in card
    assert card.count("has not been measured yet") == 2
    assert "Made for graphics cards" not in (package_folder / "README.md").read_text()


def test_what_was_measured_in_int8_is_not_passed_off_as_its_own(run, measured, prepared, tmp_path):
    manifest = export_float16(run, prepared, measured[0], tmp_path / "float16")
    assert [set(entry["quality"]) for entry in manifest["tasks"]] == [{"split", "depth", "againstInt8"}] * 2


def test_wrong_combinations_are_refused(run, prepared, package_folder, float16_folder, tmp_path):
    with pytest.raises(UserError, match="is in float16 itself"):
        export_float16(run, prepared, float16_folder, tmp_path / "out")
    with pytest.raises(UserError, match="is the int8 package itself"):
        export_float16(run, prepared, package_folder, package_folder)
    with pytest.raises(UserError, match="is no model package"):
        export_float16(run, prepared, package_folder, run)
    with pytest.raises(UserError, match="holds no finished training run"):
        export_float16(tmp_path / "nothing", prepared, package_folder, tmp_path / "out")
    for name in ("model.safetensors", "exit0.safetensors"):
        other = shutil.copytree(run, tmp_path / f"other {name}")
        with (other / name).open("ab") as weights:
            weights.write(b" ")
        with pytest.raises(UserError, match="was not exported from"):
            export_float16(other, prepared, package_folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_large_a_package_is_not_written(run, prepared, package_folder, float16_folder, monkeypatch):
    before = (float16_folder / "model.json").read_bytes()
    monkeypatch.setattr(halving, "MAXIMUM_PACKAGE_BYTES", 1000)
    with pytest.raises(UserError, match="more than the 1000"):
        export_float16(run, prepared, package_folder, float16_folder)
    assert (float16_folder / "model.json").read_bytes() == before


def test_the_engines_fixture_is_what_the_exporter_writes():
    """The unit tests of the editor's engine open it. To write it anew, delete it and run this test."""
    model = MultiExitEncoder(BertConfig(vocab_size=8, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16), {}).eval()
    generator = np.random.default_rng(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(generator.normal(size=parameter.shape)))
    segment = halved(build_segment(model, 1, None, last=True))
    if not FIXTURE.exists():
        onnx.save(segment, FIXTURE)
    fixture = onnx.load(FIXTURE)
    assert fixture.graph.node == segment.graph.node
    assert {t.name: numpy_helper.to_array(t).tobytes() for t in fixture.graph.initializer} == {t.name: numpy_helper.to_array(t).tobytes() for t in segment.graph.initializer}
