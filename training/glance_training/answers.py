"""What an exit answers: probabilities, and the set of labels that they make hold."""

import numpy as np

FLOOR = 1e-12


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, in float64."""
    logits = logits.astype(np.float64)
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def probabilities_of(logits: np.ndarray, temperatures: np.ndarray, multi_label: bool) -> np.ndarray:
    """Calibrated probabilities of logits [exits, texts, labels], given a temperature per exit."""
    scaled = logits / np.asarray(temperatures)[:, None, None]
    return sigmoid(scaled) if multi_label else softmax(scaled)


def widened(logits: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Logits [exits, texts, labels] to each of which exit 0's are added, times the exit's weight of `wide` [exits]; that of exit 0 is 0."""
    return logits + wide[:, None, None] * logits[0]


def answer_sets(probabilities: np.ndarray, thresholds: np.ndarray | None) -> np.ndarray:
    """Bool [..., labels]: the labels that an exit says hold.

    With thresholds (a multi-label task's, one per label): those whose probability reaches theirs, the most probable one
    where none does. Without: the most probable one.
    """
    best = np.eye(probabilities.shape[-1], dtype=bool)[probabilities.argmax(axis=-1)]
    if thresholds is None:
        return best
    holds = probabilities >= thresholds
    return np.where(holds.any(axis=-1, keepdims=True), holds, best)


def same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether answer sets are equal: bool, without the last axis."""
    return (one == other).all(axis=-1)


def logit(probabilities: np.ndarray) -> np.ndarray:
    clamped = np.clip(probabilities, FLOOR, 1 - FLOOR)
    return np.log(clamped) - np.log(1 - clamped)


def entropy(probabilities: np.ndarray, multi_label: bool) -> np.ndarray:
    """In nats, over the last axis: Shannon's, or the sum of the labels' binary entropies."""

    def terms(p: np.ndarray) -> np.ndarray:
        return -(p * np.log(np.maximum(p, 1e-300)))

    return (terms(probabilities) + (terms(1 - probabilities) if multi_label else 0)).sum(axis=-1)
