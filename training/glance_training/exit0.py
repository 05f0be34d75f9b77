"""Exit 0: a linear classifier over hashed token features, distilled from the last exit; no encoder at all."""

import numpy as np
import torch
from torch import nn

from .data import plan_batches
from .losses import Batch, distillation_loss, label_loss

PAIR_BUCKETS = 65_536
# Id of the token that parts the pieces of an input (subject, paths, body), and that ends it.
SEPARATOR_ID = 102
# Features without an opinion that are counted with every text: one word of a comment ("implemented") is little to go by,
# and must not make exit 0 as sure as many words that agree.
NEUTRAL_FEATURES = 4
BIAS_LR = 0.02


def features(ids: list[int], vocabulary_size: int) -> list[int]:
    """Feature numbers of a text, in [0, vocabulary_size + 65536).

    `ids` are its token ids with [CLS] first and [SEP] last. Features are the ids between and one hashed bucket for each
    adjoining pair of them. A separator is no feature: it begins the next part, in which ids are hashed as well, so that
    "test" among the paths is another feature than "test" in the subject.
    """
    found = []
    part, previous = 0, None
    for token in ids[1:-1]:
        if token == SEPARATOR_ID:
            part, previous = part + 1, None
            continue
        salt = part * 1_299_709
        found.append(token if part == 0 else vocabulary_size + (token * 31_337 + salt) % PAIR_BUCKETS)
        if previous is not None:
            found.append(vocabulary_size + (previous * 1_000_003 + token * 7_919 + salt) % PAIR_BUCKETS)
        previous = token
    return found


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
        return self.of_features([np.array(features(ids, self.vocabulary_size), dtype=np.int64) for ids in sequences])

    def of_features(self, bags: list[np.ndarray]) -> torch.Tensor:
        """Feature numbers of each text -> logits [texts, labels]."""
        sizes = np.array([len(bag) for bag in bags])
        offsets = np.concatenate([[0], sizes.cumsum()[:-1]]).astype(np.int64)
        divisors = torch.from_numpy(sizes[:, None] + NEUTRAL_FEATURES)
        return self.table(torch.from_numpy(np.concatenate(bags)), torch.from_numpy(offsets)) / divisors + self.bias


def train_exit0(
    sequences: list[list[int]],
    targets: Batch,
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
    """Trains exit 0 on the labels of all texts and on the last exit's logits `teacher` [texts, labels]."""
    classifier = HashedClassifier(vocabulary_size, teacher.shape[1])
    # Plain gradient descent on the table: a row moves as often as its feature occurs. Adam would give a feature that occurs
    # once steps as large as the words that matter, and learn the training texts by heart.
    table_optimiser = torch.optim.SGD(classifier.table.parameters(), lr=table_lr)
    bias_optimiser = torch.optim.Adam([classifier.bias], lr=BIAS_LR)
    bags = [np.array(features(ids, vocabulary_size), dtype=np.int64) for ids in sequences]
    lengths = [len(ids) for ids in sequences]
    for epoch in range(epochs):
        for chosen in plan_batches(lengths, batch_size, np.random.default_rng([seed, epoch])):
            logits = classifier.of_features([bags[i] for i in chosen])
            batch = Batch(targets.holds[chosen], targets.known[chosen], targets.weights[chosen], targets.multi_label)
            loss = (1 - gamma) * label_loss(logits, batch)
            loss = loss + gamma * distillation_loss(logits, teacher[chosen], temperature, targets.multi_label)
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
