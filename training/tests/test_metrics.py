import numpy as np
import pytest

from glance_training.data import DEBT_LABELS, LABELS, Row
from glance_training.metrics import calibration_error, debt_scores, exit_scores, fit_temperature, has_keyword, macro_f1
from glance_training.package import softmax
from glance_training.policies import entropy, entropy_exits, findings_changed, labels_at, patience_exits


def row(text="", allowed=("none",)):
    return Row("", text, allowed, "")


def test_debt_scores_by_hand():
    scores = debt_scores(np.array([True, True, False, False]), np.array([True, False, True, True]))
    assert scores == pytest.approx({"debtPrecision": 1 / 2, "debtRecall": 1 / 3, "debtF1": 0.4})
    assert debt_scores(np.array([False]), np.array([True]))["debtF1"] == 0


def test_macro_f1_is_over_the_labels_that_occur():
    assert macro_f1(np.array([0, 0, 1, 5]), np.array([0, 0, 1, 1])) == pytest.approx((1 + 2 / 3) / 2)


def test_calibration_error_by_hand():
    confidence, correct = np.array([0.9, 0.9, 0.5, 0.5]), np.array([True, False, True, False])
    assert calibration_error(confidence, correct) == pytest.approx(0.5 * 0.4 + 0.5 * 0.0)


def test_debt_of_unknown_type_counts_in_the_binary_score_only():
    rows = [row(), row(allowed=("design",)), row(allowed=DEBT_LABELS)]
    probabilities = np.eye(len(LABELS))[[0, 1, 0]]
    scores = exit_scores(probabilities, rows)
    assert scores["accuracy"] == 1 and scores["macroF1"] == 1
    assert scores["debtRecall"] == 0.5 and scores["rows"] == 3


def test_keyword_rule():
    assert has_keyword(row("a FixMe here")) and not has_keyword(row("to do"))


def test_temperature_recovers_a_known_scale():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, len(LABELS))) * 2
    labels = [generator.choice(len(LABELS), p=p) for p in softmax(logits)]
    rows = [row(allowed=(LABELS[label],)) for label in labels]
    assert fit_temperature(logits * 3, rows) == pytest.approx(3, rel=0.1)


# Three exits, four texts, two labels: probability of the second label.
SECOND = np.array([[0.01, 0.4, 0.4, 0.6], [0.3, 0.99, 0.6, 0.4], [0.2, 0.9, 0.7, 0.2]])
PROBABILITIES = np.stack([1 - SECOND, SECOND], axis=-1)


def test_entropy_policy():
    assert entropy(np.array([0.5, 0.5])) == pytest.approx(np.log(2))
    assert entropy(np.array([1.0, 0.0])) == 0
    exits = entropy_exits(PROBABILITIES, 0.1)
    assert exits.tolist() == [0, 1, 2, 2]
    assert labels_at(PROBABILITIES, exits).tolist() == [0, 1, 1, 0]


def test_patience_policy():
    assert patience_exits(PROBABILITIES, 1).tolist() == [1, 2, 2, 2]
    assert patience_exits(PROBABILITIES, 2).tolist() == [2, 2, 2, 2]


def test_findings_changed_counts_per_finding():
    assert findings_changed(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), silent=0) == 1.0
