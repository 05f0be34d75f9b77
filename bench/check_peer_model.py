"""Compares the peers' graph (bench/peer-model.ts) with a real export of a BERT of the same size: PyTorch's exporter, then ONNX
Runtime's dynamic quantisation with the arguments that Transformers.js's own conversion script uses for BERT.

    npm run bench -- --quick                       # writes the peers' model
    python bench/check_peer_model.py               # needs what training/ installs: torch, transformers, onnx, onnxruntime

Prints processor time, so that other work on the machine does not count. The weights of the real export are random: time does
not depend on them.
"""

import collections
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import BertConfig, BertForSequenceClassification

MODEL = Path(__file__).parents[1] / "out/bench/peer-models/comment-debt"
PEER = MODEL / "onnx/model_quantized.onnx"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
SHAPES = ((1, 16), (1, 64), (32, 16), (32, 64))
FUSED = ("DynamicQuantizeMatMul", "MatMulIntegerToFloat", "SkipLayerNormalization", "LayerNormalization", "Gelu")


def export(attention: str, opset: int, folder: Path) -> Path:
    """Writes a quantised classifier of as many layers as the peers' has, with the attention and opset of one generation of exporters."""
    layers = json.loads((MODEL / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"]
    config = BertConfig(hidden_size=384, num_hidden_layers=layers, num_attention_heads=12, intermediate_size=1536, num_labels=6)
    config._attn_implementation = attention
    example = torch.ones(2, 16, dtype=torch.int64)
    plain, quantised = folder / f"{attention}.onnx", folder / f"{attention}-quantised.onnx"
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {"logits": {0: "batch"}}
    torch.onnx.export(
        BertForSequenceClassification(config).eval(),
        (example, example, example * 0),
        plain,
        input_names=list(INPUTS),
        output_names=["logits"],
        dynamic_axes=axes,
        opset_version=opset,
        dynamo=False,
    )
    quantize_dynamic(plain, quantised, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    return quantised


def open_session(path: Path, folder: Path) -> tuple[onnxruntime.InferenceSession, dict[str, int]]:
    """A session with one thread, and how often its optimised graph has each of the fused operators."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.optimized_model_filepath = str(folder / "optimised.onnx")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    operators = collections.Counter(node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node)
    return session, {name: operators[name] for name in FUSED}


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {"peers' graph": PEER, "export, opset 14": export("eager", 14, folder), "export, opset 17": export("sdpa", 17, folder)}
        sessions = {}
        for label, path in paths.items():
            sessions[label], fused = open_session(path, folder)
            print(label, fused)
    random = np.random.default_rng(0)
    for shape in SHAPES:
        feed = {"input_ids": random.integers(1000, 20000, shape), "attention_mask": np.ones(shape, np.int64), "token_type_ids": np.zeros(shape, np.int64)}
        times: dict[str, list[float]] = {label: [] for label in sessions}
        for _ in range(15 if shape[0] > 1 else 60):
            for label, session in sessions.items():
                start = time.thread_time()
                session.run(None, feed)
                times[label].append(time.thread_time() - start)
        milliseconds = {label: statistics.median(values[2:]) * 1000 for label, values in times.items()}
        print(shape, {label: f"{value:.2f} ms" for label, value in milliseconds.items()})


if __name__ == "__main__":
    main()
