import numpy as np
import pytest

from glance_training import metrics
from glance_training.answers import sigmoid, softmax
from glance_training.card import percent
from glance_training.data import Targets, targets_of
from glance_training.evaluate import jackknife_interval
from glance_training.metrics import (
    answer_scores,
    binary_scores,
    calibration_error,
    exit_scores,
    fit_label_thresholds,
    fit_offsets,
    fit_temperature,
    fit_wide,
    has_keyword,
    headline,
    label_f1,
    tune_offsets,
    tune_silent_offset,
)
from glance_training.policies import Scored
from glance_training.task import Row, Task
from glance_training.tasks.comment_debt import DEBT_LABELS
from glance_training.tasks.comment_debt import TASK as DEBT

ONE = Task("one", ("a", "b", "c"))
SEVERAL = Task("several", ("a", "b", "c"), multi_label=True)


def row(*labels, known=None, text=""):
    return Row("", text, labels, "", known)


def answers(*sets, task=SEVERAL):
    return np.array([[label in chosen for label in task.labels] for chosen in sets])


def test_binary_scores_by_hand():
    scores = binary_scores(np.array([True, True, False, False]), np.array([True, False, True, True]))
    assert scores == pytest.approx({"precision": 1 / 2, "recall": 1 / 3, "f1": 0.4})
    assert binary_scores(np.array([False]), np.array([True]))["f1"] == 0
    assert binary_scores(np.array([False]), np.array([False])) == {"precision": 0, "recall": 0, "f1": 0}


def test_tasks_are_judged_by_their_own_score():
    assert [headline(task) for task in (DEBT, ONE, SEVERAL)] == ["debtF1", "accuracy", "weightedF1"]


def test_scores_of_one_label_by_hand():
    rows = [row("a"), row("a"), row("a"), row("b")]
    scores = answer_scores(ONE, answers("a", "a", "b", "b", task=ONE), rows)
    # a: precision 1, recall 2/3; b: precision 1/2, recall 1. c occurs nowhere and does not count.
    assert scores == pytest.approx({"rows": 4, "accuracy": 0.75, "macroF1": (0.8 + 2 / 3) / 2})


def test_debt_of_unknown_type_counts_in_the_binary_score_only():
    rows = [row("none"), row("design"), row(*DEBT_LABELS), row("none")]
    scores = answer_scores(DEBT, answers(["none"], ["design"], ["none"], ["test"], task=DEBT), rows)
    assert scores["rows"] == 4 and scores["debtPrecision"] == scores["debtRecall"] == scores["debtF1"] == 0.5
    assert scores["accuracy"] == pytest.approx(2 / 3) and scores["macroF1"] == pytest.approx((2 / 3 + 1) / 2)


def test_weighted_f1_leaves_out_labels_that_nobody_looked_for():
    rows = [row("a", "b"), row("a", known=("a", "c")), row("c", known=("a", "c")), row("b")]
    found = answers(["a", "b"], ["b"], ["a", "b", "c"], ["b"])
    # a: in all 4 rows known; found in 1 and 3, holds in 1 and 2: F1 1/2. b: known in 1 and 4 alone, right in both.
    # c: right wherever it was looked for.
    targets = targets_of(SEVERAL, rows)
    assert label_f1(found, targets) == pytest.approx([0.5, 1, 1])
    scores = answer_scores(SEVERAL, found, rows)
    assert scores == pytest.approx({"rows": 4, "macroF1": 2.5 / 3, "weightedF1": (2 * 0.5 + 2 * 1 + 1 * 1) / 5})


def test_calibration_error_by_hand():
    confidence, correct = np.array([0.9, 0.9, 0.5, 0.5]), np.array([True, False, True, False])
    assert calibration_error(confidence, correct) == pytest.approx(0.5 * 0.4 + 0.5 * 0.0)
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0


def test_each_exit_is_scored_with_its_calibration():
    rows = [row("a"), row("b"), row("a", "b")]
    p = np.array([[[0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], [[0.9, 0.05, 0.05], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0]]])
    first, last = exit_scores(ONE, Scored(p, None, np.full(3, 5)), rows)
    # The third row's label is unknown: it counts in neither.
    assert [first["exit"], first["rows"], first["accuracy"], last["accuracy"]] == [0, 3, 0.5, 1.0]
    assert first["expectedCalibrationError"] == pytest.approx(0.3)
    assert last["expectedCalibrationError"] == pytest.approx(0.1)


def test_of_several_labels_every_known_probability_is_calibrated():
    rows = [row("a"), row("a", known=("a",))]
    p = np.array([[[0.9, 0.2, 0.2], [0.9, 0.99, 0.99]]])
    (found,) = exit_scores(SEVERAL, Scored(p, np.full(3, 0.5), np.full(2, 5)), rows)
    # Known: 0.9 and 0.9 of what holds, 0.2 and 0.2 of what does not.
    assert found["expectedCalibrationError"] == pytest.approx((2 * 0.1 + 2 * 0.2) / 4)


def test_what_nobody_knows_has_no_score():
    p = np.full((1, 2, 3), 1 / 3)
    (of_one,) = exit_scores(ONE, Scored(p, None, np.full(2, 5)), [row("a", "b"), row("a", "c")])
    assert of_one == {"exit": 0, "rows": 2, "accuracy": None, "macroF1": None, "expectedCalibrationError": None}
    (of_several,) = exit_scores(SEVERAL, Scored(p, np.full(3, 0.5), np.full(2, 5)), [row(known=()), row(known=())])
    assert of_several == {"exit": 0, "rows": 2, "macroF1": None, "weightedF1": None, "expectedCalibrationError": None}
    # Debt is known, its type is not.
    assert answer_scores(DEBT, answers(["test"], task=DEBT), [row(*DEBT_LABELS)]) == {
        "rows": 1, "debtPrecision": 1, "debtRecall": 1, "debtF1": 1, "accuracy": None, "macroF1": None,
    }  # fmt: skip
    assert percent(None) == "-" and percent(0.1234) == "12.3"


def test_keyword_rule():
    assert has_keyword(row("none", text="a FixMe here")) and not has_keyword(row("none", text="to do"))


def test_temperature_recovers_a_known_scale():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 6)) * 2
    holds = np.eye(6, dtype=bool)[[generator.choice(6, p=p) for p in softmax(logits)]]
    targets = Targets(holds, np.ones_like(holds))
    assert fit_temperature(logits * 3, targets, multi_label=False) == pytest.approx(3, rel=0.1)
    assert fit_temperature(logits / 2, targets, multi_label=False) == pytest.approx(1 / 2, rel=0.1)


def test_temperature_of_several_labels_asks_the_known_ones_alone():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 4)) * 2
    holds = generator.random(logits.shape) < sigmoid(logits)
    known = np.ones_like(holds)
    known[:, 3] = False
    # What nobody looked for does not hold in the data, whatever it is in truth.
    holds[:, 3] = False
    assert fit_temperature(logits * 3, Targets(holds, known), multi_label=True) == pytest.approx(3, rel=0.1)


def test_temperature_sums_the_labels_that_may_hold():
    # Whatever the temperature, one of the first two labels holds with the same probability but for the third.
    logits = np.tile([1.0, 1.0, 0.0], (100, 1))
    holds = np.tile([True, True, False], (90, 1)).tolist() + [[False, False, True]] * 10
    targets = Targets(np.array(holds), np.ones((100, 3), dtype=bool))
    # Likeliest where 2 e / (2 e + 1) = 0.9 for e = exp(1 / T): T = 1 / ln 4.5.
    assert fit_temperature(logits, targets, multi_label=False) == pytest.approx(1 / np.log(4.5), rel=1e-2)


def test_label_thresholds_have_the_highest_f1():
    # The first label holds from 0.7 on, the second from 0.3 on, the third for too few examples to tell.
    p = np.tile(np.linspace(0, 1, 501)[:, None], (1, 3))
    holds = np.stack([p[:, 0] >= 0.7, p[:, 1] >= 0.3, p[:, 2] > 0.99], axis=1)
    assert 0 < holds[:, 2].sum() < 8
    targets = Targets(holds, np.ones_like(holds))
    found = fit_label_thresholds(p, targets)
    assert found == pytest.approx([0.7, 0.3, 0.5], abs=0.021) and found[2] == 0.5


def test_label_thresholds_take_the_middle_of_a_plateau_and_the_known_rows_alone():
    # Probabilities are 0.2 or 0.8: every threshold between is as good.
    p = np.repeat([[0.2], [0.8]], 50, axis=0)
    holds = p > 0.5
    known = np.ones_like(holds)
    (middle,) = fit_label_thresholds(p, Targets(holds, known))
    assert middle == pytest.approx(0.5, abs=0.05)
    # Rows in which nobody looked would make 0.2 hold as well.
    misleading = np.vstack([p, np.full((100, 1), 0.2)]), np.vstack([holds, np.ones((100, 1), dtype=bool)]), np.vstack([known, np.zeros((100, 1), dtype=bool)])
    assert fit_label_thresholds(misleading[0], Targets(*misleading[1:])) == [middle]


def test_the_jackknife_of_equal_groups_is_the_interval_of_their_mean():
    # Four groups of ten texts with 9, 8, 7 and 6 right: the mean is 0.75, the standard error of the mean of the four is
    # sqrt(var / 4) = sqrt((0.0225 + 0.0025 + 0.0025 + 0.0225) / 3 / 4) = 0.06455, and t(3) at 97.5% is 3.18245.
    task = Task(id="t", labels=("a", "b"))
    rows = [Row(str(i), "", ("a",), f"g{i // 10}") for i in range(40)]
    right = np.array([i % 10 < 9 - i // 10 for i in range(40)])
    answers = np.column_stack((right, ~right))
    low, high = jackknife_interval(task, answers, rows, np.array([row.group for row in rows]))
    assert (low, high) == pytest.approx((0.75 - 3.18245 * 0.06455, 0.75 + 3.18245 * 0.06455), abs=1e-4)
    assert jackknife_interval(task, answers[:20], rows[:20], np.array([row.group for row in rows[:20]])) is None


def test_offsets_correct_the_frequencies_that_an_exit_expects():
    # The logits say nothing of the texts; the label "a" holds three times as often as "b": offsets of ln(3) apart.
    task = Task(id="t", labels=("a", "b"))
    rows = [Row(str(i), "", ("b" if i % 4 == 0 else "a",), "g") for i in range(400)]
    offsets = fit_offsets(np.tile([0.0, 5.0], (400, 1)), targets_of(task, rows))
    assert offsets.sum() == pytest.approx(0, abs=1e-6)
    assert offsets[0] - (offsets[1] + 5) == pytest.approx(np.log(3), abs=1e-2)


def test_tuned_offsets_trade_accuracy_for_rare_labels(monkeypatch):
    # A weak sign of "b", which holds for one text in ten: the likeliest offsets never answer "b".
    task = Task(id="t", labels=("a", "b"))
    rare = np.arange(4000) % 10 == 0
    sign = np.where(rare, 0.45, 0.0) + np.random.default_rng(0).normal(0, 0.3, 4000)
    logits = np.stack([np.full(4000, 2.0), sign], axis=1)
    targets = targets_of(task, [Row(str(i), "", ("b" if b else "a",), "g") for i, b in enumerate(rare)])

    def scores(offsets):
        found = (logits + offsets).argmax(axis=1) == 1
        return (found == rare).mean(), sum(binary_scores(found == side, rare == side)["f1"] for side in (True, False)) / 2

    def tuned_at(share):
        monkeypatch.setattr(metrics, "ACCURACY_SHARE", share)
        offsets = tune_offsets(logits, targets)
        assert offsets.sum() == pytest.approx(0, abs=1e-6)
        return scores(offsets)

    likely = scores(fit_offsets(logits, targets))
    evenly, by_accuracy = tuned_at(0.5), tuned_at(1.0)
    assert evenly[1] > likely[1] + 0.2
    assert by_accuracy[0] > max(evenly[0], likely[0]) and by_accuracy[1] < evenly[1]
    # Nothing of a finer grid is better by more than its steps are finer.
    assert sum(evenly) > max(sum(scores(np.array([0, offset]))) for offset in np.arange(0, 3, 0.02)) - 0.01


@pytest.mark.parametrize("multi_label", [False, True])
def test_wide_is_the_most_likely_weight_of_exit_0(multi_label):
    generator = np.random.default_rng(0)
    deep, first = generator.normal(size=(2, 4000, 2)) * 2
    # Labels drawn from the probabilities of deep + 0.5 first: what the fit must find again.
    joined = deep + 0.5 * first
    if multi_label:
        holds = generator.random(joined.shape) < 1 / (1 + np.exp(-joined))
    else:
        one = generator.random(len(joined)) < 1 / (1 + np.exp(joined[:, 0] - joined[:, 1]))
        holds = np.column_stack((~one, one))
    assert fit_wide(deep, first, Targets(holds, np.ones_like(holds)), multi_label) == pytest.approx(0.5, abs=0.07)


def test_wide_is_between_nothing_and_all():
    generator = np.random.default_rng(0)
    first = generator.random(400) < 0.5
    holds = np.column_stack((first, ~first))
    targets = Targets(holds, np.ones_like(holds))

    def opinion(share: float) -> np.ndarray:
        """Logits that are right of so many texts."""
        return np.where(holds == (generator.random(400) < share)[:, None], 2.0, -2.0)

    assert fit_wide(opinion(0.9), opinion(0.3), targets, False) == 0
    assert fit_wide(opinion(0.5), opinion(0.9), targets, False) == 1


def test_the_silent_label_gives_way_until_f1_is_best():
    # Findings have a logit of -0.1 to -0.4, all else of -2: an offset between 0.4 and 2 parts them, and 1 is the most that is tried.
    logits = np.array([[0.0, -0.1], [0.0, -0.4], [0.0, -2.0], [0.0, -2.0]] * 10)
    silent = np.array([False, False, True, True] * 10)
    holds = np.column_stack((silent, ~silent))
    offsets = tune_silent_offset(logits, Targets(holds, np.ones_like(holds)), 0)
    assert offsets[1] == 0 and -1 <= offsets[0] < -0.4


def test_the_silent_label_stays_where_findings_are_found_already():
    logits = np.array([[0.0, 1.0], [0.0, -0.1], [0.0, -0.1], [0.0, -0.1]] * 10)
    silent = np.array([False, True, True, True] * 10)
    holds = np.column_stack((silent, ~silent))
    assert -0.5 <= tune_silent_offset(logits, Targets(holds, np.ones_like(holds)), 0)[0] <= 0
