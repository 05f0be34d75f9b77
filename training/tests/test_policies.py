"""Every policy on a small array, by hand."""

import math

import numpy as np
import pytest

from glance_training.policies import (
    POLICIES,
    Scored,
    answers_at,
    careful_to_fast,
    certainty_exits,
    change,
    entropy_exits,
    f_pabee_exits,
    first_exit,
    max_probability_exits,
    patience_exits,
    pcee_exits,
)

# Four exits, four texts, two labels: the probability of the second label.
SECOND = np.array(
    [
        [0.01, 0.40, 0.40, 0.60],
        [0.02, 0.99, 0.60, 0.40],
        [0.30, 0.98, 0.70, 0.20],
        [0.20, 0.90, 0.60, 0.30],
    ]
)
ONE = Scored(np.stack([1 - SECOND, SECOND], axis=-1), None, np.full(4, 9))
# Four exits, two texts, two labels of which several may hold.
SEVERAL = Scored(
    np.array(
        [
            [[0.99, 0.60], [0.99, 0.01]],
            [[0.98, 0.05], [0.40, 0.01]],
            [[0.97, 0.04], [0.10, 0.02]],
            [[0.90, 0.10], [0.10, 0.80]],
        ]
    ),
    np.array([0.5, 0.5]),
    np.full(2, 9),
)


def binary_entropy(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


def test_the_last_exit_lets_every_text_leave():
    sure = np.array([[False, False, True], [False, True, True], [False, False, False]])
    assert first_exit(sure).tolist() == [2, 1, 0]
    assert not sure[-1].any(), "the argument is left as it was"


def test_scored_knows_its_answers():
    assert ONE.last == 3 and not ONE.multi_label and SEVERAL.multi_label
    assert ONE.answers[:, :, 1].astype(int).tolist() == [[0, 0, 0, 1], [0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0]]
    assert ONE.as_last.tolist() == [[True, False, False, False], [True] * 4, [True] * 4, [True] * 4]
    assert SEVERAL.answers.astype(int).tolist() == [[[1, 1], [1, 0]], [[1, 0], [1, 0]], [[1, 0], [1, 0]], [[1, 0], [0, 1]]]
    some = ONE.of(np.array([1, 3]))
    assert some.answers.tolist() == ONE.answers[:, [1, 3]].tolist() and len(some.token_counts) == 2


def test_entropy():
    # H(0.01) = 0.056, H(0.02) = 0.098.
    assert entropy_exits(ONE, 0.1).tolist() == [0, 1, 3, 3]
    assert entropy_exits(ONE, binary_entropy(0.01)).tolist() == [3, 3, 3, 3], "below the threshold, not at it"
    # The sum over the labels: H(0.99) + H(0.6) = 0.73, then H(0.98) + H(0.05) = 0.30; H(0.99) + H(0.01) = 0.11.
    assert entropy_exits(SEVERAL, 0.4).tolist() == [1, 0]


def test_max_probability():
    assert max_probability_exits(ONE, 0.7).tolist() == [0, 1, 2, 2]
    assert max_probability_exits(ONE, 0.98).tolist() == [0, 1, 3, 3]
    # Of several labels the least sure one: 0.6, then 0.95; 0.99 at once.
    assert max_probability_exits(SEVERAL, 0.95).tolist() == [1, 0]


def test_patience():
    assert patience_exits(ONE, 1).tolist() == [1, 2, 2, 2]
    assert patience_exits(ONE, 2).tolist() == [2, 3, 3, 3]
    assert patience_exits(ONE, 3).tolist() == [3, 3, 3, 3]
    # A set repeats itself only as a whole.
    assert patience_exits(SEVERAL, 1).tolist() == [2, 1]


def test_pcee_asks_this_exit_and_the_one_before():
    assert pcee_exits(ONE, 0.1).tolist() == [1, 2, 3, 3]
    assert pcee_exits(ONE, 10).tolist() == [1, 1, 1, 1], "never at exit 0"
    assert pcee_exits(SEVERAL, 0.4).tolist() == [2, 3]


def test_f_pabee_asks_how_far_the_exit_moved():
    def divergence(p, q):
        return binary_entropy((p + q) / 2) - (binary_entropy(p) + binary_entropy(q)) / 2

    # Text 0 moves by 0.01, text 1 by 0.59 and then by 0.01, texts 2 and 3 by 0.2 and 0.1.
    assert divergence(0.01, 0.02) < 0.002 < divergence(0.6, 0.7) < 0.01 < divergence(0.4, 0.6)
    assert f_pabee_exits(ONE, 0.002).tolist() == [1, 2, 3, 3]
    assert f_pabee_exits(ONE, 0.01).tolist() == [1, 2, 2, 3]
    assert f_pabee_exits(ONE, 1.0).tolist() == [1, 1, 1, 1], "never at exit 0"
    # The mean over the labels of the binary divergences.
    moved = (divergence(0.99, 0.40) + divergence(0.01, 0.01)) / 2
    assert f_pabee_exits(SEVERAL, moved * 1.001).tolist()[1] == 1
    assert f_pabee_exits(SEVERAL, moved * 0.999).tolist()[1] == 2


def test_certainty():
    certainties = np.array([[0.9, 0.99, 0.1], [1.0, 0.5, 0.2]])
    assert certainty_exits(certainties, 0.99).tolist() == [1, 0, 2]
    assert certainty_exits(certainties, 0.1).tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("scored", [ONE, SEVERAL])
def test_thresholds_go_from_careful_to_fast(name, scored):
    policy = POLICIES[name]
    thresholds = policy.thresholds(scored)
    exits = np.array([policy.exits(scored, threshold) for threshold in thresholds])
    assert (np.diff(exits, axis=0) <= 0).all()
    assert (exits[0] == scored.last).any()
    # The fastest lets every text leave as soon as the policy can; patience needs answers that agree.
    if name != "patience":
        assert exits[-1].max() == (1 if name in ("pcee", "f-pabee") else 0)


def test_thresholds_reach_as_far_as_the_texts():
    # Eight labels, each even: an entropy of 8 ln 2. Three exits: a patience of three would be one of two.
    even = Scored(np.full((3, 5, 8), 0.5), np.full(8, 0.5), np.full(5, 9))
    assert POLICIES["entropy"].thresholds(even)[-1] == POLICIES["pcee"].thresholds(even)[-1] == pytest.approx(8 * math.log(2), abs=2e-6)
    assert POLICIES["patience"].thresholds(even) == (2, 1)


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_thresholds_lie_where_the_numbers_are(scale):
    # Nine in ten within a hundredth of the others' range: both parts are divided finely, whatever their scale.
    generator = np.random.default_rng(0)
    unsure = scale * np.concatenate([generator.uniform(0, 0.01, 9000), generator.uniform(0, 1, 1000)])
    below = np.array([(unsure < threshold).mean() for threshold in careful_to_fast(unsure)])
    assert below[0] == 0 and below[-1] == 1
    assert np.diff(below).max() < 0.02


def test_answers_are_those_of_the_exits_taken():
    assert answers_at(ONE, np.array([0, 0, 1, 3])).argmax(axis=1).tolist() == [0, 0, 1, 0]


def test_changes_are_counted_per_finding_where_a_label_is_silent():
    # The full model finds something in texts 1 and 2. Text 1's finding is lost, text 3 gets one.
    exits = np.array([0, 0, 1, 0])
    findings = change(ONE, exits, silent=0)
    assert findings.changed.tolist() == [False, True, False, True] and findings.seen.tolist() == [False, True, True, False]
    assert findings.share == 1.0
    answers = change(ONE, exits, silent=None)
    assert answers.seen.all() and answers.share == 0.5


def test_nothing_seen_and_nothing_changed_is_a_share_of_none():
    nothing = Scored(np.full((2, 3, 2), [0.9, 0.1]), None, np.full(3, 9))
    assert change(nothing, np.zeros(3, dtype=int), silent=0).share == 0
