"""ONNX graphs of the encoder's segments, one layer and its exit's pooler each, with static int8 scales.

Written operator by operator, because exporters give neither com.microsoft's QAttention nor scales that are
independent of the batch. A text's answer must not depend on its company: every scale here is a constant.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from .data import pad
from .model import MultiExitEncoder
from .quantise import activation_scale, quantise_columns

OPSET = 18
IR_VERSION = 9
MICROSOFT = "com.microsoft"

# The inputs of the four matrix products of a layer.
PRODUCTS = ("attention", "attention_output", "intermediate", "output")

Ranges = dict[tuple[int, str], tuple[float, float]]


class ActivationRanges:
    """Observes the inputs of every matrix product while the float model reads texts.

    Keeps the lowest and highest value of each token, from which `at` derives ranges for any share of tokens to clip.
    """

    def __init__(self, model: MultiExitEncoder):
        self._model = model
        self._mask: Tensor | None = None
        self._extremes: dict[tuple[int, str], list[Tensor]] = {}

    @torch.no_grad()
    def observe(self, sequences: list[list[int]], batch_size: int = 32) -> None:
        """Runs the model on token id sequences and records the extremes of their tokens, padding left out."""
        handles = [
            module.register_forward_pre_hook(self._recorder((layer, product)))
            for layer, modules in enumerate(map(_products, self._model.bert.encoder.layer))
            for product, module in modules.items()
        ]
        try:
            ordered = sorted(sequences, key=len)
            for start in range(0, len(ordered), batch_size):
                ids, mask = map(torch.from_numpy, pad(ordered[start : start + batch_size]))
                self._mask = mask.bool()
                self._model.pool(ids, mask)
        finally:
            for handle in handles:
                handle.remove()

    def at(self, clipped_share: float) -> Ranges:
        """Ranges (low, high) that hold whole all but this share of tokens at either end; 0 is minimum and maximum."""
        ranges = {}
        for key, chunks in self._extremes.items():
            extremes = torch.cat(chunks)
            low = torch.quantile(extremes[:, 0], clipped_share).item()
            high = torch.quantile(extremes[:, 1], 1 - clipped_share).item()
            ranges[key] = (low, high)
        return ranges

    def _recorder(self, key: tuple[int, str]):
        def record(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            tokens = inputs[0].flatten(2)[self._mask]
            self._extremes.setdefault(key, []).append(torch.stack([tokens.amin(1), tokens.amax(1)], 1))

        return record


def _products(layer: nn.Module) -> dict[str, nn.Linear]:
    """The modules whose input each product quantises (query stands for query, key and value, which share theirs)."""
    return dict(
        zip(PRODUCTS, (layer.attention.self.query, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense))
    )


class _Graph:
    """Collects the nodes and constants of one segment."""

    def __init__(self, ranges: Ranges):
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._ranges = ranges

    def constant(self, name: str, value: np.ndarray | np.generic) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=f"{output}/{operator}", domain=domain, **attributes))
        return output

    def quantise(self, value: str, layer: int, product: str) -> tuple[str, str, str]:
        """Quantises a float tensor with its static scale; returns the names of values, scale and zero point."""
        scale, zero = activation_scale(*self._ranges[layer, product])
        names = self.constant(f"{product}.input.scale", scale), self.constant(f"{product}.input.zero", zero)
        return self.node("QuantizeLinear", [value, *names], f"{product}.input"), *names

    def weight(self, product: str, matrix: np.ndarray) -> tuple[str, str, str]:
        """Stores a weight [inputs, outputs] as int8; returns the names of values, scales and zero points."""
        values, scales = quantise_columns(matrix)
        return (
            self.constant(f"{product}.weight", values),
            self.constant(f"{product}.weight.scale", scales),
            self.constant(f"{product}.weight.zero", np.zeros(len(scales), np.int8)),
        )

    def linear(self, value: str, layer: int, product: str, module: nn.Linear, with_bias: bool = True) -> str:
        """An int8 matrix product with float output, [.., inputs] -> [.., outputs]."""
        quantised, scale, zero = self.quantise(value, layer, product)
        weight, weight_scale, weight_zero = self.weight(product, _array(module.weight).T)
        inputs = [quantised, weight, scale, weight_scale, zero, weight_zero]
        if with_bias:
            inputs.append(self.constant(f"{product}.bias", _array(module.bias)))
        return self.node("MatMulIntegerToFloat", inputs, f"{product}.result", MICROSOFT)

    def layer_norm(self, value: str, skip: str, name: str, module: nn.LayerNorm, output: str | None = None) -> str:
        """LayerNorm of value + skip, as one operator: ONNX Runtime's kernel of the plain LayerNormalization takes three times as long."""
        gain, bias = self.constant(f"{name}.gain", _array(module.weight)), self.constant(f"{name}.bias", _array(module.bias))
        return self.node("SkipLayerNormalization", [value, skip, gain, bias], output or name, MICROSOFT, epsilon=module.eps)


def build_segment(model: MultiExitEncoder, index: int, ranges: Ranges, last: bool) -> onnx.ModelProto:
    """The graph of layer `index` (from 0) and its exit's pooler. `last`: no segment comes after it.

    Inputs: `hidden` float32 [batch, tokens, hidden], `mask` int32 [batch, tokens] (1 = token, padding on the right).
    Outputs: `states` float32 [batch, tokens, hidden] (absent in the last segment), `pooled` float32 [batch, hidden].
    The first segment's input is the sum of word and position embeddings; it applies the embeddings' LayerNorm.
    """
    config, layer = model.bert.config, model.bert.encoder.layer[index]
    size = config.hidden_size
    graph = _Graph(ranges)

    hidden = "hidden"
    if index == 0:
        # Nothing is added here; two halves are the whole to the last bit.
        half = graph.node("Mul", [hidden, graph.constant("half", np.float32(0.5))], "embeddings.half")
        hidden = graph.layer_norm(half, half, "embeddings.norm", model.bert.embeddings.LayerNorm)

    attention = layer.attention.self
    projections = (attention.query, attention.key, attention.value)
    quantised, scale, zero = graph.quantise(hidden, index, "attention")
    weight, weight_scale, weight_zero = graph.weight("attention", np.concatenate([_array(p.weight).T for p in projections], axis=1))
    bias = graph.constant("attention.bias", np.concatenate([_array(p.bias) for p in projections]))
    context = graph.node(
        "QAttention",
        [quantised, weight, bias, scale, weight_scale, "mask", zero, weight_zero],
        "attention.result",
        MICROSOFT,
        num_heads=config.num_attention_heads,
    )
    result = graph.linear(context, index, "attention_output", layer.attention.output.dense)
    attended = graph.layer_norm(result, hidden, "attention.norm", layer.attention.output.LayerNorm)
    expanded = graph.linear(attended, index, "intermediate", layer.intermediate.dense, with_bias=False)
    expanded_bias = graph.constant("intermediate.bias", _array(layer.intermediate.dense.bias))
    activated = graph.node("BiasGelu", [expanded, expanded_bias], "intermediate.activated", MICROSOFT)
    result = graph.linear(activated, index, "output", layer.output.dense)
    states = graph.layer_norm(result, attended, "output.norm", layer.output.LayerNorm, "states")

    _pooler(graph, states, model.poolers[index])

    def value(name: str, kind: int, shape: list) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, shape)

    pooled = value("pooled", TensorProto.FLOAT, ["batch", size])
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            f"segment-{index + 1}",
            [value("hidden", TensorProto.FLOAT, ["batch", "tokens", size]), value("mask", TensorProto.INT32, ["batch", "tokens"])],
            [pooled] if last else [value("states", TensorProto.FLOAT, ["batch", "tokens", size]), pooled],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
        producer_name="glance_training",
    )


def _pooler(graph: _Graph, states: str, pooler: nn.Linear) -> None:
    """pooled = tanh(W mean + b), with the mean over the tokens that `mask` marks, in float32."""
    mask = graph.node("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT)
    count = graph.node("ReduceSum", [mask, graph.constant("axis", np.array([1]))], "mask.count", keepdims=1)
    share = graph.node("Unsqueeze", [graph.node("Div", [mask, count], "mask.share"), graph.constant("axis", np.array([1]))], "mask.row")
    mean = graph.node("Squeeze", [graph.node("MatMul", [share, states], "mean.row"), graph.constant("axis", np.array([1]))], "mean")
    weight, bias = graph.constant("pooler.weight", _array(pooler.weight)), graph.constant("pooler.bias", _array(pooler.bias))
    graph.node("Tanh", [graph.node("Gemm", [mean, weight, bias], "pooler.result", transB=1)], "pooled")


def segment_names(layers: int) -> list[str]:
    """File names of the segments, in order."""
    return [f"segment-{number}.onnx" for number in range(1, layers + 1)]


def write_segments(model: MultiExitEncoder, ranges: Ranges, folder: Path, layers: int) -> None:
    """Writes a segment for each of the first layers of the model into a folder, which shall hold no others."""
    for name in segment_names(model.layers)[layers:]:
        (folder / name).unlink(missing_ok=True)
    for index, name in enumerate(segment_names(layers)):
        onnx.save(build_segment(model, index, ranges, last=index == layers - 1), folder / name)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().numpy()
