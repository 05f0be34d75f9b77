"""Scores of answers, and the fit of temperatures."""

import re

import numpy as np

from .data import LABELS, SILENT_LABEL, Row, allowed_matrix
from .package import softmax

SILENT = LABELS.index(SILENT_LABEL)
KEYWORDS = re.compile(r"todo|fixme|hack|xxx", re.IGNORECASE)
CALIBRATION_BINS = 15


def has_keyword(row: Row) -> bool:
    """The keyword rule: a comment admits debt when it contains todo, fixme, hack or xxx."""
    return KEYWORDS.search(row.text) is not None


def debt_scores(predicted: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of debt from bool [texts] arrays; 0 where a share has nothing to be of."""
    hits = int((predicted & actual).sum())
    precision = hits / max(1, int(predicted.sum()))
    recall = hits / max(1, int(actual.sum()))
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"debtPrecision": precision, "debtRecall": recall, "debtF1": f1}


def exit_scores(probabilities: np.ndarray, rows: list[Row]) -> dict[str, float]:
    """Scores of one exit's probabilities [texts, labels].

    The debt scores count every row. Accuracy, macro F1 (over the labels that occur among the rows) and the expected
    calibration error of the confidence leave out rows whose type of debt is unknown.
    """
    answers = probabilities.argmax(axis=1)
    debt = np.array([row.is_debt for row in rows])
    known = np.array([row.label is not None for row in rows])
    truth = np.array([LABELS.index(row.label) for row in rows if row.label is not None])
    confidence = probabilities.max(axis=1)[known]
    correct = answers[known] == truth
    return {
        "rows": len(rows),
        "accuracy": float(correct.mean()),
        "macroF1": macro_f1(answers[known], truth),
        **debt_scores(answers != SILENT, debt),
        "expectedCalibrationError": calibration_error(confidence, correct),
    }


def macro_f1(answers: np.ndarray, truth: np.ndarray) -> float:
    """Mean F1 over the labels that occur in `truth`."""
    return float(np.mean([debt_scores(answers == label, truth == label)["debtF1"] for label in np.unique(truth)]))


def calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Expected calibration error (Guo et al., arXiv 1706.04599) over 15 bins of equal width."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs(confidence[bins == b].sum() - correct[bins == b].sum()) for b in np.unique(bins)]
    return float(sum(gaps) / len(confidence))


def fit_temperature(logits: np.ndarray, rows: list[Row]) -> float:
    """The temperature that gives the rows the highest likelihood (Guo et al., arXiv 1706.04599).

    logits [texts, labels]. A row with several allowed labels counts with their summed probability. Searches
    [1/20, 20] by golden section on the logarithm.
    """
    allowed = allowed_matrix(rows)

    def loss(log_temperature: float) -> float:
        share = (softmax(logits / np.exp(log_temperature)) * allowed).sum(axis=1)
        return -np.log(np.maximum(share, 1e-300)).mean()

    low, high = -np.log(20.0), np.log(20.0)
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return float(np.exp((low + high) / 2))
