"""Exit policies: at which exit each text leaves, given every exit's probabilities [exits, texts, labels]."""

import numpy as np


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy over the last axis, in nats."""
    return -(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(axis=-1)


def entropy_exits(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Leave at the first exit whose entropy is below the threshold, at the last anyhow (DeeBERT). Returns int [texts]."""
    sure = entropy(probabilities) < threshold
    sure[-1] = True
    return sure.argmax(axis=0)


def patience_exits(probabilities: np.ndarray, patience: int) -> np.ndarray:
    """Leave once `patience` exits in a row have repeated the label of the one before (PABEE). Returns int [texts]."""
    labels = probabilities.argmax(axis=-1)
    repeats = np.zeros_like(labels)
    for exit_number in range(1, len(labels)):
        repeats[exit_number] = np.where(labels[exit_number] == labels[exit_number - 1], repeats[exit_number - 1] + 1, 0)
    patient = repeats >= patience
    patient[-1] = True
    return patient.argmax(axis=0)


def labels_at(probabilities: np.ndarray, exits: np.ndarray) -> np.ndarray:
    """The label number that each text leaves with, int [texts]."""
    return probabilities.argmax(axis=-1)[exits, np.arange(len(exits))]


def disagreement(answers: np.ndarray, full: np.ndarray) -> float:
    """Share of texts whose answer differs from the full model's."""
    return float((answers != full).mean())


def findings_changed(answers: np.ndarray, full: np.ndarray, silent: int) -> float:
    """Texts whose answer differs from the full model's in a finding, per finding of the full model.

    A finding is an answer other than the silent label. It changes when it appears, disappears or gets another label.
    """
    # Different answers cannot both be silent, so every difference touches a finding.
    return float((answers != full).sum() / max(1, (full != silent).sum()))
