"""Scores of answers, and the fit of temperatures and label thresholds."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from .answers import probabilities_of, softmax, widened
from .data import Targets, targets_of
from .policies import Scored
from .task import Row, Task

KEYWORDS = re.compile(r"todo|fixme|hack|xxx", re.IGNORECASE)
CALIBRATION_BINS = 15
# A threshold from fewer examples than this would be chance.
MINIMUM_EXAMPLES = 8
# Of the silent label's logit, in nats. More, fitted on a single project, is of that project: offsets of up to three lost on projects that are unlike it.
SILENT_OFFSETS = np.arange(0, 1.01, 0.25)
# The least weight of an exit's own logits beside exit 0's.
LEAST_DEEP = 0.1
# By how much the offset of a label is moved in search of a better one, in nats: all of them are tried, since a rare label is answered only from a few nats on.
# The smallest moves come first: of equals, they are taken.
OFFSET_MOVES = np.array(sorted(np.arange(-4, 4.01, 0.125), key=abs))
# What is best for a label depends on the others.
OFFSET_SWEEPS = 3
# How much accuracy counts in choosing them; the rest is macro F1. In a trial (not kept) over all repositories that training did not see, left out in turn,
# the last exit had at shares of 0.5, 0.8 and 0.9 an accuracy of 64.1, 65.0 and 64.9 and a macro F1 of 47.6, 46.4 and 45.9.
ACCURACY_SHARE = 0.8


def has_keyword(row: Row) -> bool:
    """The keyword rule: a comment admits debt when it contains todo, fixme, hack or xxx."""
    return KEYWORDS.search(row.text) is not None


def binary_scores(predicted: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 from bool [texts] arrays; 0 where a share has nothing to be of."""
    hits = int((predicted & actual).sum())
    precision = hits / max(1, int(predicted.sum()))
    recall = hits / max(1, int(actual.sum()))
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall) if hits else 0.0}


def label_f1(answers: np.ndarray, targets: Targets) -> np.ndarray:
    """F1 of each label from answer sets bool [texts, labels], over the texts in which the label was looked for."""
    return np.array(
        [binary_scores(answers[known, j], targets.holds[known, j])["f1"] for j, known in enumerate(targets.known.T)]
    )


def headline(task: Task) -> str:
    """The score that a task is judged by."""
    return "debtF1" if task.silent_label else "weightedF1" if task.multi_label else "accuracy"


def answer_scores(task: Task, answers: np.ndarray, rows: list[Row]) -> dict[str, float | None]:
    """Scores of answer sets bool [texts, labels]; None where nothing is known that could be scored.

    Debt scores (tasks with a silent label) are binary and count every row. Accuracy and macro F1 leave out rows of which
    only several possible labels are known. F1 averages are over the labels that occur; weighted F1 weighs each by how often it does.
    """
    targets = targets_of(task, rows)
    scores: dict[str, float | None] = {"rows": len(rows)}
    if task.silent_label:
        silent = task.labels.index(task.silent_label)
        found = binary_scores(~answers[:, silent], ~targets.holds[:, silent])
        scores |= {"debtPrecision": found["precision"], "debtRecall": found["recall"], "debtF1": found["f1"]}
    if not task.multi_label:
        sure = targets.holds.sum(axis=1) == 1
        answers, targets = answers[sure], Targets(targets.holds[sure], targets.known[sure])
        scores["accuracy"] = float((answers == targets.holds).all(axis=1).mean()) if sure.any() else None
    counts = (targets.holds & targets.known).sum(axis=0)
    f1 = label_f1(answers, targets)
    scores["macroF1"] = float(f1[counts > 0].mean()) if counts.any() else None
    if task.multi_label:
        scores["weightedF1"] = float((f1 * counts).sum() / counts.sum()) if counts.any() else None
    return scores


def exit_scores(task: Task, scored: Scored, rows: list[Row]) -> list[dict]:
    """Scores of each exit, and the expected calibration error of its confidence."""
    return [
        {"exit": number, **answer_scores(task, scored.answers[number], rows), "expectedCalibrationError": _calibration_error_of(task, p, rows)}
        for number, p in enumerate(scored.probabilities)
    ]


def _calibration_error_of(task: Task, probabilities: np.ndarray, rows: list[Row]) -> float | None:
    """Of the answers' confidence in a task of one label; of every label's probability where several may hold."""
    targets = targets_of(task, rows)
    if task.multi_label:
        return calibration_error(probabilities[targets.known], targets.holds[targets.known])
    sure = targets.holds.sum(axis=1) == 1
    best = probabilities[sure].argmax(axis=1)
    return calibration_error(probabilities[sure].max(axis=1), targets.holds[sure][np.arange(len(best)), best])


def calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float | None:
    """Expected calibration error (Guo et al., arXiv 1706.04599) over 15 bins of equal width; None of no answers."""
    if not len(confidence):
        return None
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs(confidence[bins == b].sum() - correct[bins == b].sum()) for b in np.unique(bins)]
    return float(sum(gaps) / len(confidence))


def fit_temperature(logits: np.ndarray, targets: Targets, multi_label: bool) -> float:
    """The temperature that gives the rows the highest likelihood (Guo et al., arXiv 1706.04599).

    logits [texts, labels]. A row of which several labels are possible counts with their summed probability.
    """

    def loss(log_temperature: float) -> float:
        return _negative_log_likelihood(logits / np.exp(log_temperature), targets, multi_label)

    return float(np.exp(_minimise(loss, -np.log(20.0), np.log(20.0))))


@dataclass(frozen=True)
class ExitFit:
    """What is fitted to a task's exits before their temperatures: float32 `wide` [exits] (see fit_wide) and `offsets` [exits, labels]."""

    wide: np.ndarray
    offsets: np.ndarray

    def of(self, logits: np.ndarray) -> np.ndarray:
        """Logits [exits, texts, labels] as they are answered by."""
        return widened(logits, self.wide) + self.offsets[:, None]

    def up_to(self, depth: int) -> "ExitFit":
        return ExitFit(self.wide[: depth + 1], self.offsets[: depth + 1])


def fit_exits(task: Task, logits: np.ndarray, targets: Targets) -> ExitFit:
    """The fit of a task's exits, from their own logits [exits, texts, labels] of calibration texts."""
    first, *others = logits
    wide = np.array([0.0, *(fit_wide(at_exit, first, targets, task.multi_label) for at_exit in others)], dtype=np.float32)
    joined = widened(logits, wide)
    if task.silent_label:
        silent = task.labels.index(task.silent_label)
        offsets = np.array([tune_silent_offset(at_exit, targets, silent) for at_exit in joined])
    elif task.corrects_priors:
        offsets = np.array([tune_offsets(at_exit, targets) for at_exit in joined])
    else:
        offsets = np.zeros((len(logits), len(task.labels)))
    return ExitFit(wide, offsets.astype(np.float32))


def fit_wide(logits: np.ndarray, exit0_logits: np.ndarray, targets: Targets, multi_label: bool) -> float:
    """How much of exit 0's logits to add to another exit's, both [texts, labels], for the highest likelihood: from 0 to 1.

    Wide & Deep Learning (Cheng et al., arXiv 1606.07792), fitted after training: a logistic regression with a weight for either's
    logits, of which only the ratio counts, since temperatures are fitted later. No exit leans on exit 0 more than on itself: calibration texts may
    be of a single project, whose debt has a keyword.
    """

    def loss(weights: np.ndarray) -> float:
        deep, wide = weights
        return _negative_log_likelihood(deep * logits + wide * exit0_logits, targets, multi_label)

    deep, wide = minimize(loss, np.array([1.0, 0.5]), method="L-BFGS-B", bounds=[(LEAST_DEEP, None), (0.0, None)]).x
    return float(min(1.0, wide / deep))


def fit_offsets(logits: np.ndarray, targets: Targets) -> np.ndarray:
    """What to add to the logits [texts, labels] of a task of one label, per label, for the highest likelihood; the offsets' mean is 0.

    It corrects the frequencies that an exit expects of the labels, no more.
    """

    def loss(offsets: np.ndarray) -> tuple[float, np.ndarray]:
        p = softmax(logits + offsets)
        among = np.maximum((p * targets.holds).sum(axis=1, keepdims=True), 1e-300)
        gradient = (p - p * targets.holds / among).mean(axis=0)
        return float(-np.log(among).mean()), gradient

    offsets = minimize(loss, np.zeros(logits.shape[1]), jac=True, method="L-BFGS-B").x
    return offsets - offsets.mean()


def tune_offsets(logits: np.ndarray, targets: Targets) -> np.ndarray:
    """As `fit_offsets`, but for the highest weighted mean of accuracy and macro F1 (of the labels that occur): rare labels count, too.

    `ACCURACY_SHARE` is the weight of accuracy. By coordinate ascent from the most likely offsets. Every row has one label.
    """
    offsets = fit_offsets(logits, targets)
    actual = targets.holds.argmax(axis=1)
    counts = np.bincount(actual, minlength=logits.shape[1])

    def score(found: np.ndarray) -> float:
        hits = np.bincount(actual[found == actual], minlength=len(counts))
        f1 = 2 * hits / np.maximum(1, counts + np.bincount(found, minlength=len(counts)))
        return float(ACCURACY_SHARE * hits.sum() / len(actual) + (1 - ACCURACY_SHARE) * f1[counts > 0].mean())

    best = score((logits + offsets).argmax(axis=1))
    for _ in range(OFFSET_SWEEPS):
        for label in np.flatnonzero(counts):
            others = logits + offsets
            # From which move on the label is the answer, and what is the answer up to there.
            distance = -others[:, label]
            others[:, label] = -np.inf
            distance += others.max(axis=1)
            otherwise = others.argmax(axis=1)
            scores = [score(np.where(move > distance, label, otherwise)) for move in OFFSET_MOVES]
            if max(scores) > best:
                best = max(scores)
                offsets[label] += OFFSET_MOVES[int(np.argmax(scores))]
    return offsets - offsets.mean()


def tune_silent_offset(logits: np.ndarray, targets: Targets, silent: int) -> np.ndarray:
    """What to add to the logits [texts, labels] of a task with a silent label, per label, for the highest F1 of findings: 0 but for that label, at most 0 there.

    Likelihood makes exits careful where findings are rare, and F1 is what the task is judged by. Of a plateau the middle is taken.
    """
    found = ~targets.holds[:, silent]
    others = np.delete(logits, silent, axis=1).max(axis=1)
    f1 = np.array([binary_scores(others > logits[:, silent] - offset, found)["f1"] for offset in SILENT_OFFSETS])
    # Smoothed, so that no lucky point wins.
    smooth = np.convolve(np.pad(f1, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    best = np.flatnonzero(smooth >= smooth.max() - 1e-9)
    offsets = np.zeros(logits.shape[1])
    offsets[silent] = -SILENT_OFFSETS[best[len(best) // 2]]
    return offsets


def _negative_log_likelihood(logits: np.ndarray, targets: Targets, multi_label: bool) -> float:
    """The mean over the texts, or over the labels that were looked for; logits [texts, labels]."""
    p = probabilities_of(logits[None], np.ones(1), multi_label)[0]
    likelihood = np.where(targets.holds, p, 1 - p)[targets.known] if multi_label else (p * targets.holds).sum(axis=1)
    return float(-np.log(np.maximum(likelihood, 1e-300)).mean())


def _minimise(loss: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one minimum in [low, high] has it, by golden section."""
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return (low + high) / 2


def fit_label_thresholds(probabilities: np.ndarray, targets: Targets) -> list[float]:
    """For each label of a multi-label task, the threshold of the highest F1, from probabilities [texts, labels]; 0.5 for rare labels.

    Of a plateau the middle is taken.
    """
    # Below and above, a threshold would rest on the few texts with such a probability.
    grid = np.round(np.arange(0.2, 0.81, 0.02), 2)
    thresholds = []
    for j, known in enumerate(targets.known.T):
        p, holds = probabilities[known, j], targets.holds[known, j]
        if holds.sum() < MINIMUM_EXAMPLES:
            thresholds.append(0.5)
            continue
        f1 = np.array([binary_scores(p >= t, holds)["f1"] for t in grid])
        # Smoothed, so that no lucky point wins.
        smooth = np.convolve(np.pad(f1, 2, mode="edge"), np.ones(5) / 5, mode="valid")
        best = np.flatnonzero(smooth >= smooth.max() - 1e-9)
        thresholds.append(float(grid[best[len(best) // 2]]))
    return thresholds
