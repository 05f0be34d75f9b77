"""Certainty: will the last exit give the same answer as this one? A logistic regression at every exit but the last."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from .answers import FLOOR, logit, same
from .policies import Scored

MAXIMUM_MARGIN = 10.0
OTHER_FEATURES = 6
# Inverse strength of the L2 penalty: weak, there are few weights and many texts.
INVERSE_PENALTY = 1.0
# A feature whose standard deviation is below this says nothing.
CONSTANT = 1e-6


def features(scored: Scored) -> np.ndarray:
    """Float64 [exits - 1, texts, 6 + labels]: what each exit but the last knows.

    Margins to the nearest and the second nearest other answer (differences of log-probabilities or logits, clipped), entropy,
    log of the text's length in tokens, share of the earlier exits with the same answer, change of the
    probabilities since the exit before, and the answer itself.
    """
    p, answers = scored.probabilities, scored.answers
    if scored.multi_label:
        margins = np.sort(np.abs(logit(p) - logit(scored.thresholds)), axis=-1)[..., :2]
        changes = np.abs(np.diff(p, axis=0)).mean(axis=-1)
    else:
        ordered = np.log(np.maximum(np.sort(p, axis=-1)[..., ::-1], FLOOR))
        # A task of two labels has no third: the floor stands for it.
        third = ordered[..., 2] if p.shape[-1] > 2 else np.full(p.shape[:2], np.log(FLOOR))
        margins = np.stack((ordered[..., 0] - ordered[..., 1], ordered[..., 0] - third), axis=-1)
        changes = np.abs(np.diff(p, axis=0)).sum(axis=-1) / 2
    lengths = np.log(scored.token_counts)
    found = []
    for number in range(scored.last):
        agreement = np.mean([same(answers[j], answers[number]) for j in range(number)], axis=0) if number else np.ones(len(lengths))
        change = changes[number - 1] if number else np.zeros(len(lengths))
        scalars = (*np.clip(margins[number], 0, MAXIMUM_MARGIN).T, scored.entropies[number], lengths, agreement, change)
        found.append(np.column_stack((*scalars, answers[number])))
    return np.stack(found)


@dataclass(frozen=True)
class CertaintyHeads:
    """Weights float32 [exits - 1, 6 + labels] and biases float32 [exits - 1]."""

    weights: np.ndarray
    biases: np.ndarray

    def certainties(self, scored: Scored) -> np.ndarray:
        """The probability, in [0, 1], that the last exit agrees: [exits - 1, texts]."""
        logits = np.einsum("etf,ef->et", features(scored), self.weights.astype(np.float64)) + self.biases[:, None]
        return 1 / (1 + np.exp(-logits))


def fit_certainty(scored: Scored) -> CertaintyHeads:
    """Fits the heads on texts that the encoder was not trained on; no labels are needed."""
    weights, biases = [], []
    for known, agrees in zip(features(scored), scored.as_last):
        if agrees.all() or not agrees.any():
            # Nothing to tell apart: as sure as counting allows (the rule of succession).
            weights.append(np.zeros(known.shape[1]))
            odds = (agrees.sum() + 1) / (len(agrees) - agrees.sum() + 1)
            biases.append(np.log(odds))
            continue
        scale = known.std(axis=0)
        # What never changes has a deviation of rounding errors, not always of 0.
        scale[scale < CONSTANT] = 1
        # An answer that is rarely given keeps its small deviation, and so its penalty: a few texts must not make it certain.
        scale[OTHER_FEATURES:] = 1
        fitted = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000).fit(known / scale, agrees)
        weights.append(fitted.coef_[0] / scale)
        biases.append(fitted.intercept_[0])
    return CertaintyHeads(np.array(weights, dtype=np.float32), np.array(biases, dtype=np.float32))
