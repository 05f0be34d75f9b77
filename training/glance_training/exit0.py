"""Exit 0: logistic regression over hashed token features of each part of a text; no encoder at all."""

import math

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from torch import nn

from .losses import Batch, distillation_loss, label_loss

PAIR_BUCKETS = 65_536
# Id of the token that parts the pieces of an input (subject, kinds of files, body), and that ends it.
SEPARATOR_ID = 102
# Features without an opinion that are counted with every part of a text: one word of a comment ("implemented") is little to go by,
# and must not make exit 0 as sure as many words that agree.
NEUTRAL_FEATURES = 4
# Pairs of gradients that L-BFGS keeps.
MEMORY = 6


def features(ids: list[int], vocabulary_size: int) -> list[list[int]]:
    """Feature numbers of each part of a text, in [0, vocabulary_size + 65536), each once and in the first part that has it.

    `ids` are its token ids with [CLS] first and [SEP] last. Features are the ids between and one hashed bucket for each
    adjoining pair of them. A separator is no feature: it begins the next part, in which ids are hashed as well, so that
    "test" among the kinds of files is another feature than "test" in the subject.
    """
    found: dict[int, int] = {}
    part, previous = 0, None
    for token in ids[1:-1]:
        if token == SEPARATOR_ID:
            part, previous = part + 1, None
            continue
        salt = part * 1_299_709
        found.setdefault(token if part == 0 else vocabulary_size + (token * 31_337 + salt) % PAIR_BUCKETS, part)
        if previous is not None:
            found.setdefault(vocabulary_size + (previous * 1_000_003 + token * 7_919 + salt) % PAIR_BUCKETS, part)
        previous = token
    return [[feature for feature, home in found.items() if home == number] for number in range(part + 1)]


def feature_weight(count: int) -> float:
    """What each of the `count` features of a part of a text weighs.

    A part has a weight of its own: a commit's few kinds of files, or a section's heading, say more than their share of all words.
    """
    return 1 / math.sqrt(count + NEUTRAL_FEATURES)


def feature_matrix(sequences: list[list[int]], vocabulary_size: int) -> csr_matrix:
    """Float32 [texts, vocabulary + 65536]: 1 / sqrt(features of the part + 4) where a text has the feature."""
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for ids in sequences:
        for part in features(ids, vocabulary_size):
            values += [feature_weight(len(part))] * len(part)
            columns += part
        ends.append(len(columns))
    shape = (len(sequences), vocabulary_size + PAIR_BUCKETS)
    return csr_matrix((np.array(values, dtype=np.float32), np.array(columns, dtype=np.int64), np.array(ends)), shape=shape)


class HashedClassifier(nn.Module):
    """logits = bias + sum over the parts of a text: the features' rows of a table [vocabulary + 65536, labels] / sqrt(features of the part + 4)."""

    def __init__(self, vocabulary_size: int, label_count: int):
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.table = nn.Embedding(vocabulary_size + PAIR_BUCKETS, label_count)
        self.bias = nn.Parameter(torch.zeros(label_count))
        nn.init.zeros_(self.table.weight)

    @torch.no_grad()
    def forward(self, sequences: list[list[int]]) -> torch.Tensor:
        """Token ids of each text -> logits [texts, labels]."""
        return torch.from_numpy(feature_matrix(sequences, self.vocabulary_size) @ self.table.weight.numpy()) + self.bias


def train_exit0(
    sequences: list[list[int]],
    targets: Batch,
    teacher: torch.Tensor | None,
    vocabulary_size: int,
    *,
    gamma: float,
    temperature: float,
    penalty: float,
    iterations: int,
) -> HashedClassifier:
    """Fits exit 0 to (1 - gamma) times the labels and gamma times an exit's logits `teacher` [texts, labels], or to the labels alone where there is none.

    `targets` are of the first texts; the others have no labels and teach by the teacher's answer alone. The loss is that of the
    encoder's earlier exits plus penalty / 2 times the squares of the table's weights, each divided by the square of its feature's inverse document
    frequency: rare features, of which there are many, would otherwise not come to weigh. L-BFGS goes towards its minimum from zero, `iterations` steps at most.
    """
    texts = feature_matrix(sequences, vocabulary_size)
    used, columns = np.unique(texts.indices, return_inverse=True)
    texts = csr_matrix((texts.data, columns, texts.indptr), shape=(len(sequences), len(used)))
    transposed = texts.T.tocsr()
    frequencies = np.bincount(columns, minlength=len(used))
    inverse_frequencies = 1 + np.log((1 + len(sequences)) / (1 + frequencies))
    penalties = (penalty / inverse_frequencies**2)[:, None]
    labelled, labels = targets.holds.shape

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        rows = weights.reshape(-1, labels)
        table, bias = rows[:-1], rows[-1]
        logits = torch.from_numpy((texts @ table.astype(np.float32) + bias).astype(np.float32)).requires_grad_()
        total = label_loss(logits[:labelled], targets)
        if teacher is not None:
            total = (1 - gamma) * total + gamma * distillation_loss(logits, teacher, temperature, targets.multi_label)
        total.backward()
        gradient = logits.grad.numpy()
        return (
            total.item() + float((penalties * table**2).sum()) / 2,
            np.concatenate([transposed @ gradient + penalties * table, gradient.sum(0, dtype=np.float64)[None]]).ravel(),
        )

    options = {"maxiter": iterations, "maxcor": MEMORY}
    weights = minimize(loss, np.zeros((len(used) + 1) * labels), jac=True, method="L-BFGS-B", options=options).x.reshape(-1, labels)
    classifier = HashedClassifier(vocabulary_size, labels)
    with torch.no_grad():
        classifier.table.weight[torch.from_numpy(used).long()] = torch.from_numpy(weights[:-1]).float()
        classifier.bias.copy_(torch.from_numpy(weights[-1]))
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
