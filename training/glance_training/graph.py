"""ONNX graphs of the encoder's segments: in int8 with static scales, for processors, or in float16, for graphics cards.

Exit k reads the first token's state behind layer k, and the mean of the states in front of it. So segment k takes all tokens
through layer k - 1 and the first token alone through layer k: whoever leaves at exit k never pays for the other tokens of layer k.
The first token's attention is reckoned with keys and values that are never made. With q the query of a head, the scores are
(W_k' q) . h_t, and the result is W_v (sum a_t h_t): two products a token and head with the state h_t itself instead of two
matrices a token. (The key's bias adds the same to all scores, so that the softmax does not see it.)

Written operator by operator, because exporters give neither com.microsoft's QAttention nor scales that are
independent of the batch. A text's answer must not depend on its company: every scale here is a constant.

Both kinds have the same layers and the same inputs and outputs in float32; `_Int8Graph` and `_FloatGraph` are what differs.
"""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers.float16 import convert_float_to_float16
from torch import Tensor, nn

from .data import pad
from .model import MultiExitEncoder
from .quantise import activation_scale, quantise_columns

OPSET = 18
IR_VERSION = 9
MICROSOFT = "com.microsoft"

# The inputs of the four matrix products of a layer, and of the two halves of its exit's pooler.
PRODUCTS = ("attention", "attention_output", "intermediate", "output")
POOLER_PRODUCTS = ("pooler_first", "pooler_mean")

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
            module.register_forward_pre_hook(self._token_recorder((layer, product)))
            for layer, modules in enumerate(map(_products, self._model.bert.encoder.layer))
            for product, module in modules.items()
        ]
        handles += [pooler.register_forward_pre_hook(self._pooler_recorder(layer)) for layer, pooler in enumerate(self._model.poolers)]
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

    def _token_recorder(self, key: tuple[int, str]):
        def record(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            states = inputs[0]
            # Of the last layer there is the first token alone.
            self._record(key, states[self._mask[:, : states.shape[1]]])

        return record

    def _pooler_recorder(self, layer: int):
        def record(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            for product, half in zip(POOLER_PRODUCTS, inputs[0].chunk(2, 1)):
                self._record((layer, product), half)

        return record

    def _record(self, key: tuple[int, str], vectors: Tensor) -> None:
        self._extremes.setdefault(key, []).append(torch.stack([vectors.amin(1), vectors.amax(1)], 1))


def _products(layer: nn.Module) -> dict[str, nn.Linear]:
    """The modules whose input each product quantises (query stands for query, key and value, which share theirs)."""
    return dict(
        zip(PRODUCTS, (layer.attention.self.query, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense))
    )


class _Graph(ABC):
    """Collects the nodes and constants of one segment."""

    # Added to the scores of padding: its share of the attention is 0.
    far_below: np.float32

    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: np.ndarray | np.generic) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=f"{output}/{operator}", domain=domain, **attributes))
        return output

    @abstractmethod
    def product(self, value: str, name: str, layer: int, product: str, matrix: np.ndarray, bias: np.ndarray | None) -> str:
        """value matrix + bias with float output, [.., inputs] -> [.., outputs]; the matrix is [inputs, outputs]."""

    @abstractmethod
    def matrices_of_heads(self, name: str, matrices: np.ndarray) -> str:
        """Stores weights [heads, inputs, outputs] for products in floating point."""

    @abstractmethod
    def attention(self, layer: int, matrix: np.ndarray, bias: np.ndarray, heads: int) -> str:
        """The attention of all tokens of `hidden` to those that `mask` marks; matrix [hidden, 3 hidden] and bias [3 hidden] are of query, key and value."""

    @abstractmethod
    def layer_norm(self, value: str, skip: str, name: str, module: nn.LayerNorm, output: str | None = None) -> str:
        """LayerNorm of value + skip."""

    def feed_forward(self, context: str, skip: str, prefix: str, index: int, layer: nn.Module, output: str) -> str:
        """What follows the attention in a layer, [.., hidden] -> [.., hidden]."""
        dense = layer.attention.output.dense
        result = self.product(context, f"{prefix}.attention_output", index, "attention_output", _array(dense.weight).T, _array(dense.bias))
        attended = self.layer_norm(result, skip, f"{prefix}.attention.norm", layer.attention.output.LayerNorm)
        expanded = self.product(attended, f"{prefix}.intermediate", index, "intermediate", _array(layer.intermediate.dense.weight).T, None)
        expanded_bias = self.constant(f"{prefix}.intermediate.bias", _array(layer.intermediate.dense.bias))
        activated = self.node("BiasGelu", [expanded, expanded_bias], f"{prefix}.activated", MICROSOFT)
        dense = layer.output.dense
        result = self.product(activated, f"{prefix}.output", index, "output", _array(dense.weight).T, _array(dense.bias))
        return self.layer_norm(result, attended, f"{prefix}.norm", layer.output.LayerNorm, output)


class _Int8Graph(_Graph):
    """Matrix products in int8, the rest in float32."""

    far_below = np.float32(-1e9)

    def __init__(self, ranges: Ranges):
        super().__init__()
        self._ranges = ranges

    def product(self, value: str, name: str, layer: int, product: str, matrix: np.ndarray, bias: np.ndarray | None) -> str:
        quantised, scale, zero = self._quantise(value, name, layer, product)
        weight, weight_scale, weight_zero = self._weight(name, matrix)
        inputs = [quantised, weight, scale, weight_scale, zero, weight_zero]
        if bias is not None:
            inputs.append(self.constant(f"{name}.bias", bias))
        return self.node("MatMulIntegerToFloat", inputs, f"{name}.result", MICROSOFT)

    def matrices_of_heads(self, name: str, matrices: np.ndarray) -> str:
        """As int8: ONNX Runtime restores them once, when it opens the graph."""
        values, scales = zip(*map(quantise_columns, matrices))
        floats = self.node("Cast", [self.constant(f"{name}.weight", np.stack(values))], f"{name}.weight.float", to=TensorProto.FLOAT)
        return self.node("Mul", [floats, self.constant(f"{name}.weight.scale", np.stack(scales)[:, None])], f"{name}.weight.restored")

    def attention(self, layer: int, matrix: np.ndarray, bias: np.ndarray, heads: int) -> str:
        quantised, scale, zero = self._quantise("hidden", "layer.attention", layer, "attention")
        weight, weight_scale, weight_zero = self._weight("layer.attention", matrix)
        inputs = [quantised, weight, self.constant("layer.attention.bias", bias), scale, weight_scale, "mask", zero, weight_zero]
        return self.node("QAttention", inputs, "layer.attention.result", MICROSOFT, num_heads=heads)

    def layer_norm(self, value: str, skip: str, name: str, module: nn.LayerNorm, output: str | None = None) -> str:
        """As one operator: ONNX Runtime's kernel of the plain LayerNormalization takes three times as long."""
        gain, bias = self.constant(f"{name}.gain", _array(module.weight)), self.constant(f"{name}.bias", _array(module.bias))
        return self.node("SkipLayerNormalization", [value, skip, gain, bias], output or name, MICROSOFT, epsilon=module.eps)

    def _quantise(self, value: str, name: str, layer: int, product: str) -> tuple[str, str, str]:
        """Quantises a float tensor with its static scale; returns the names of values, scale and zero point."""
        scale, zero = activation_scale(*self._ranges[layer, product])
        names = self.constant(f"{name}.input.scale", scale), self.constant(f"{name}.input.zero", zero)
        return self.node("QuantizeLinear", [value, *names], f"{name}.input"), *names

    def _weight(self, name: str, matrix: np.ndarray) -> tuple[str, str, str]:
        """Stores a weight [inputs, outputs] as int8; returns the names of values, scales and zero points."""
        values, scales = quantise_columns(matrix)
        return (
            self.constant(f"{name}.weight", values),
            self.constant(f"{name}.weight.scale", scales),
            self.constant(f"{name}.weight.zero", np.zeros(len(scales), np.int8)),
        )


class _FloatGraph(_Graph):
    """Everything in float32, by operators that ONNX Runtime's providers for graphics cards have in float16, too."""

    # float16 ends at 65504.
    far_below = np.float32(-1e4)

    def product(self, value: str, name: str, layer: int, product: str, matrix: np.ndarray, bias: np.ndarray | None) -> str:
        result = self.node("MatMul", [value, self.constant(f"{name}.weight", matrix)], f"{name}.result")
        return result if bias is None else self.node("Add", [result, self.constant(f"{name}.bias", bias)], f"{name}.sum")

    def matrices_of_heads(self, name: str, matrices: np.ndarray) -> str:
        return self.constant(f"{name}.weight", matrices)

    def attention(self, layer: int, matrix: np.ndarray, bias: np.ndarray, heads: int) -> str:
        inputs = ["hidden", self.constant("layer.attention.weight", matrix), self.constant("layer.attention.bias", bias), "mask"]
        return self.node("Attention", inputs, "layer.attention.result", MICROSOFT, num_heads=heads)

    def layer_norm(self, value: str, skip: str, name: str, module: nn.LayerNorm, output: str | None = None) -> str:
        """The standard's operator reckons mean and variance in float32, which SkipLayerNormalization leaves to the provider."""
        gain, bias = self.constant(f"{name}.gain", _array(module.weight)), self.constant(f"{name}.bias", _array(module.bias))
        total = self.node("Add", [value, skip], f"{name}.input")
        return self.node("LayerNormalization", [total, gain, bias], output or name, epsilon=module.eps)


def build_segment(model: MultiExitEncoder, index: int, ranges: Ranges | None, last: bool) -> onnx.ModelProto:
    """The graph that leads to exit `index` + 1 from what the segment before gave. `last`: no segment comes after it.

    In int8 with `ranges` of the activations; without, in float32, for `halved`.

    Inputs: `hidden` float32 [batch, tokens, hidden], `mask` int32 [batch, tokens] (1 = token, padding on the right).
    Outputs: `states` float32 [batch, tokens, hidden] (absent in the last segment), `pooled` float32 [batch, hidden].
    The first segment's input is the sum of word and position embeddings; it applies the embeddings' LayerNorm. The others take
    all tokens through layer `index` - 1 (from 0).
    """
    size = model.bert.config.hidden_size
    graph = _Int8Graph(ranges) if ranges else _FloatGraph()
    if index == 0:
        # Nothing is added here; two halves are the whole to the last bit.
        half = graph.node("Mul", ["hidden", graph.constant("half", np.float32(0.5))], "embeddings.half")
        states = graph.layer_norm(half, half, "embeddings.norm", model.bert.embeddings.LayerNorm, "states")
    else:
        states = _whole_layer(graph, index - 1, model.bert.encoder.layer[index - 1])
    first = _first_state(graph, states, index, model.bert.encoder.layer[index])
    _pooler(graph, first, _mean(graph, states), index, model.poolers[index])

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


def _whole_layer(graph: _Graph, index: int, layer: nn.Module) -> str:
    """Takes `hidden` through a layer; the result is `states`."""
    attention = layer.attention.self
    projections = (attention.query, attention.key, attention.value)
    matrix, bias = np.concatenate([_array(p.weight).T for p in projections], axis=1), np.concatenate([_array(p.bias) for p in projections])
    context = graph.attention(index, matrix, bias, attention.num_attention_heads)
    return graph.feed_forward(context, "hidden", "layer", index, layer, "states")


def _first_state(graph: _Graph, states: str, index: int, layer: nn.Module) -> str:
    """What a layer makes of the first token, [batch, hidden]: see the module's description."""
    attention = layer.attention.self
    heads, head_size, size = attention.num_attention_heads, attention.attention_head_size, attention.all_head_size
    shrink = head_size**-0.5
    first = graph.node("Gather", [states, graph.constant("zero", np.array(0))], "first", axis=1)
    query = graph.product(first, "first.query", index, "attention", _array(attention.query.weight).T * shrink, _array(attention.query.bias) * np.float32(shrink))

    by_head = graph.node("Reshape", [query, graph.constant("by_head", np.array([0, heads, head_size]))], "first.query.by_head")
    by_head = graph.node("Transpose", [by_head], "first.query.of_head", perm=[1, 0, 2])
    sought = _of_heads(graph, by_head, "first.key", _array(attention.key.weight).reshape(heads, head_size, size))
    sought = graph.node("Transpose", [sought], "first.sought", perm=[1, 0, 2])
    scores = graph.node("FusedMatMul", [sought, states], "first.scores", MICROSOFT, transB=1)
    padding = graph.node("Sub", [graph.constant("one", np.float32(1)), _float_mask(graph)], "padding")
    padding = graph.node("Mul", [padding, graph.constant("far_below", graph.far_below)], "padding.score")
    padding = graph.node("Unsqueeze", [padding, graph.constant("axis", np.array([1]))], "padding.row")
    shares = graph.node("Softmax", [graph.node("Add", [scores, padding], "first.scores.of_tokens")], "first.shares", axis=-1)

    seen = graph.node("Transpose", [graph.node("MatMul", [shares, states], "first.seen")], "first.seen.of_head", perm=[1, 0, 2])
    # [outputs, inputs] of each head, turned: [heads, inputs, outputs].
    context = _of_heads(graph, seen, "first.value", _array(attention.value.weight).reshape(heads, head_size, size).transpose(0, 2, 1))
    context = graph.node("Transpose", [context], "first.context.by_head", perm=[1, 0, 2])
    context = graph.node("Reshape", [context, graph.constant("whole", np.array([0, size]))], "first.context.plain")
    context = graph.node("Add", [context, graph.constant("first.value.bias", _array(attention.value.bias))], "first.context")
    return graph.feed_forward(context, first, "first", index, layer, "first.state")


def _of_heads(graph: _Graph, rows: str, name: str, matrices: np.ndarray) -> str:
    """rows [heads, batch, inputs] times matrices [heads, inputs, outputs] in floating point.

    A row of zeros goes along: ONNX Runtime has another kernel for a single row, which rounds otherwise, so that a text alone
    would get another answer than in company.
    """
    heads, inputs, _ = matrices.shape
    company = graph.constant(f"{name}.company", np.zeros((heads, 1, inputs), np.float32))
    result = graph.node("MatMul", [graph.node("Concat", [rows, company], f"{name}.rows", axis=1), graph.matrices_of_heads(name, matrices)], f"{name}.with_company")
    first, last, one = (graph.constant(f"place.{place}", np.array([place])) for place in (0, -1, 1))
    return graph.node("Slice", [result, first, last, one, one], f"{name}.product")


def _float_mask(graph: _Graph) -> str:
    """The mask in float32. May be asked for once more: nodes of one name are one."""
    if not any("mask.float" in node.output for node in graph.nodes):
        graph.node("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT)
    return "mask.float"


def _mean(graph: _Graph, states: str) -> str:
    """The mean over the tokens that `mask` marks, [batch, hidden]."""
    mask = _float_mask(graph)
    count = graph.node("ReduceSum", [mask, graph.constant("axis", np.array([1]))], "mask.count", keepdims=1)
    share = graph.node("Unsqueeze", [graph.node("Div", [mask, count], "mask.share"), graph.constant("axis", np.array([1]))], "mask.row")
    return graph.node("Squeeze", [graph.node("MatMul", [share, states], "mean.row"), graph.constant("axis", np.array([1]))], "mean")


def _pooler(graph: _Graph, first: str, mean: str, index: int, pooler: nn.Linear) -> None:
    """pooled = tanh(P [first; mean] + p), a product for each half: they differ in their ranges."""
    of_first, of_mean = np.split(_array(pooler.weight).T, 2)
    result = graph.product(first, "pooler.first", index, "pooler_first", of_first, _array(pooler.bias))
    result = graph.node("Add", [result, graph.product(mean, "pooler.mean", index, "pooler_mean", of_mean, None)], "pooler.result")
    graph.node("Tanh", [result], "pooled")


def segment_names(layers: int) -> list[str]:
    """File names of the segments, in order."""
    return [f"segment-{number}.onnx" for number in range(1, layers + 1)]


def halved(segment: onnx.ModelProto) -> onnx.ModelProto:
    """A segment in float32 with weights and everything between its inputs and outputs in float16."""
    # By name, not by inference: ONNX does not know the types that Microsoft's operators give.
    return convert_float_to_float16(segment, keep_io_types=True, disable_shape_infer=True)


def write_segments(model: MultiExitEncoder, ranges: Ranges | None, folder: Path, layers: int) -> None:
    """Writes a segment for each of the first layers of the model into a folder, which shall hold no others; without `ranges` in float16."""
    for name in segment_names(model.layers)[layers:]:
        (folder / name).unlink(missing_ok=True)
    for index, name in enumerate(segment_names(layers)):
        segment = build_segment(model, index, ranges, last=index == layers - 1)
        onnx.save(segment if ranges else halved(segment), folder / name)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().numpy()
