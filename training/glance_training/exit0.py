"""Exit 0: a linear classifier over hashed token features, distilled from the last exit; no encoder at all."""

import numpy as np
import torch
from torch import nn

from .data import plan_batches
from .losses import allowed_set_loss, distillation_loss

PAIR_BUCKETS = 65_536
# Features without an opinion that are counted with every text: one word of a comment ("implemented") is little to go by,
# and must not make exit 0 as sure as many words that agree.
NEUTRAL_FEATURES = 4
BIAS_LR = 0.02


def features(ids: list[int], vocabulary_size: int) -> list[int]:
    """Feature numbers of a text, in [0, vocabulary_size + 65536).

    `ids` are its token ids with [CLS] first and [SEP] last; features are the ids between and one hashed bucket for
    each adjoining pair of them.
    """
    inner = ids[1:-1]
    pairs = [vocabulary_size + (a * 1_000_003 + b * 7_919) % PAIR_BUCKETS for a, b in zip(inner, inner[1:])]
    return inner + pairs


class HashedClassifier(nn.Module):
    """logits = bias + sum of the features' rows of a table [vocabulary + 65536, labels] / (features + 4)."""

    def __init__(self, vocabulary_size: int, label_count: int):
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.table = nn.EmbeddingBag(vocabulary_size + PAIR_BUCKETS, label_count, mode="sum", sparse=True)
        self.bias = nn.Parameter(torch.zeros(label_count))
        nn.init.zeros_(self.table.weight)

    def forward(self, sequences: list[list[int]]) -> torch.Tensor:
        """Token ids of each text -> logits [texts, labels]."""
        bags = [features(ids, self.vocabulary_size) for ids in sequences]
        offsets = np.cumsum([0, *map(len, bags[:-1])])
        flat = torch.tensor([feature for bag in bags for feature in bag], dtype=torch.long)
        divisors = torch.tensor([[len(bag) + NEUTRAL_FEATURES] for bag in bags])
        return self.table(flat, torch.from_numpy(offsets)) / divisors + self.bias


def train_exit0(
    sequences: list[list[int]],
    allowed: torch.Tensor,
    weights: torch.Tensor,
    teacher: torch.Tensor,
    vocabulary_size: int,
    *,
    epochs: int,
    batch_size: int,
    gamma: float,
    temperature: float,
    table_lr: float,
    seed: int,
) -> HashedClassifier:
    """Trains exit 0 on the labels and on the last exit's logits `teacher` [texts, labels]."""
    classifier = HashedClassifier(vocabulary_size, allowed.shape[1])
    # Plain gradient descent on the table: a row moves as often as its feature occurs. Adam would give a feature that occurs
    # once steps as large as the words that matter, and learn the training texts by heart.
    table_optimiser = torch.optim.SGD(classifier.table.parameters(), lr=table_lr)
    bias_optimiser = torch.optim.Adam([classifier.bias], lr=BIAS_LR)
    lengths = [len(ids) for ids in sequences]
    for epoch in range(epochs):
        for batch in plan_batches(lengths, batch_size, np.random.default_rng([seed, epoch])):
            logits = classifier([sequences[i] for i in batch])
            loss = (1 - gamma) * allowed_set_loss(logits, allowed[batch], weights[batch])
            loss = loss + gamma * distillation_loss(logits, teacher[batch], temperature)
            for optimiser in (table_optimiser, bias_optimiser):
                optimiser.zero_grad()
            loss.backward()
            for optimiser in (table_optimiser, bias_optimiser):
                optimiser.step()
    return classifier.eval()


def quantise_table(table: np.ndarray, clip_percentile: float) -> tuple[np.ndarray, np.ndarray]:
    """Float [features, labels] -> int8 table and float32 scales [labels].

    Each label's column is clipped at the given percentile of its non-zero magnitudes: a handful of extreme rows
    would otherwise take the whole range from the many.
    """
    scales = np.ones(table.shape[1], dtype=np.float32)
    for column in range(table.shape[1]):
        magnitudes = np.abs(table[:, column])
        magnitudes = magnitudes[magnitudes > 0]
        if magnitudes.size:
            scales[column] = np.percentile(magnitudes, clip_percentile) / 127
    return np.clip(np.round(table / scales), -127, 127).astype(np.int8), scales
