import math

import numpy as np
import pytest

from glance_training.certainty import CertaintyHeads, features, fit_certainty
from glance_training.policies import Scored


def test_features_of_one_label_by_hand():
    p = np.array([[[0.7, 0.2, 0.1]], [[0.3, 0.6, 0.1]], [[0.5, 0.4, 0.1]], [[1 - 2e-13, 1e-13, 1e-13]]])
    found = features(Scored(p, None, np.array([12])))[:, 0]
    assert found.shape == (3, 6 + 3)

    def entropy(q):
        return -sum(x * math.log(x) for x in q)

    length = math.log(12)
    # d1, d2, entropy, length, agreement, change, answer.
    assert found[0] == pytest.approx([math.log(0.7 / 0.2), math.log(0.7 / 0.1), entropy(p[0, 0]), length, 1, 0, 1, 0, 0])
    assert found[1] == pytest.approx([math.log(0.6 / 0.3), math.log(0.6 / 0.1), entropy(p[1, 0]), length, 0, 0.4, 0, 1, 0])
    assert found[2] == pytest.approx([math.log(0.5 / 0.4), math.log(0.5 / 0.1), entropy(p[2, 0]), length, 0.5, 0.2, 1, 0, 0])


def test_features_of_several_labels_by_hand():
    thresholds = np.array([0.5, 0.2, 0.4])
    p = np.array([[[0.9, 0.2, 0.1]], [[0.8, 0.1, 0.3]], [[0.9, 0.9, 0.9]]])
    found = features(Scored(p, thresholds, np.array([5])))[:, 0]

    def logit(x):
        return math.log(x / (1 - x))

    def entropy(q):
        return -sum(x * math.log(x) + (1 - x) * math.log(1 - x) for x in q)

    margins = sorted(abs(logit(a) - logit(t)) for a, t in zip(p[0, 0], thresholds))
    assert margins[0] == pytest.approx(0, abs=1e-9)
    assert found[0] == pytest.approx([*margins[:2], entropy(p[0, 0]), math.log(5), 1, 0, 1, 1, 0])
    margins = sorted(abs(logit(a) - logit(t)) for a, t in zip(p[1, 0], thresholds))
    assert found[1] == pytest.approx([*margins[:2], entropy(p[1, 0]), math.log(5), 0, (0.1 + 0.1 + 0.2) / 3, 1, 0, 0])


def test_margins_are_clipped_and_probabilities_floored():
    sure = np.array([[[1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]]])
    assert features(Scored(sure, None, np.array([3])))[0, 0, :3] == pytest.approx([10, 10, 0])
    assert features(Scored(sure, np.full(3, 0.5), np.array([3])))[0, 0, :3] == pytest.approx([10, 10, 0])
    # Of two labels there is no third: the floor stands for it.
    two = np.array([[[0.6, 0.4]], [[0.6, 0.4]]])
    assert features(Scored(two, None, np.array([3])))[0, 0, :2] == pytest.approx([math.log(1.5), 10])


def test_agreement_and_change_compare_with_the_right_exits():
    # The answers are 0, 1, 1, 0, 0.
    first = np.array([0.9, 0.2, 0.1, 0.8, 0.9])
    found = features(Scored(np.stack([first, 1 - first], -1)[:, None], None, np.array([3])))[:, 0]
    assert found[:, 4] == pytest.approx([1, 0, 1 / 2, 1 / 3])
    assert found[:, 5] == pytest.approx([0, 0.7, 0.1, 0.7])


def test_certainties_by_hand():
    scored = Scored(np.array([[[0.75, 0.25]], [[0.5, 0.5]]]), None, np.array([1]))
    heads = CertaintyHeads(np.array([[1.0, 0, 0, 5.0, 0, 0, -1.0, 0]], dtype=np.float32), np.array([0.5], dtype=np.float32))
    # ln 3 + 5 ln 1 - 1 + 0.5.
    assert heads.certainties(scored)[0, 0] == pytest.approx(1 / (1 + math.exp(-(math.log(3) - 0.5))))


def made_up(count, seed):
    """Two exits; the more even exit 0's probabilities are, the likelier the last exit differs. Label 2 is never kept."""
    generator = np.random.default_rng(seed)
    first = generator.dirichlet([0.5, 0.5, 0.5], count)
    ordered = np.sort(first, axis=1)
    keep = 1 / (1 + np.exp(-2 * (np.log(ordered[:, 2] / np.maximum(ordered[:, 1], 1e-9)) - 1)))
    differs = generator.random(count) > keep
    answer = first.argmax(1)
    last = np.eye(3)[np.where(differs, (answer + 1) % 3, answer)]
    return Scored(np.stack([first, 0.98 * last + 0.01 * (1 - last)]), None, generator.integers(5, 60, count)), keep


def test_certainty_is_learnt_where_it_can_be():
    heads = fit_certainty(made_up(6000, 0)[0])
    unseen, keep = made_up(6000, 1)
    (certainty,) = heads.certainties(unseen)
    agrees = unseen.as_last[0]
    # Among texts of like certainty, as many agree as it says.
    for low in np.arange(0.3, 1.0, 0.1):
        chosen = (certainty >= low) & (certainty < low + 0.1)
        assert agrees[chosen].mean() == pytest.approx(certainty[chosen].mean(), abs=0.06)
    assert np.abs(certainty - keep).mean() < 0.05
    # Not trivially: the share that agrees says much less.
    assert np.abs(agrees.mean() - keep).mean() > 0.15


def test_a_feature_that_never_changes_does_no_harm():
    # All texts have 9 tokens and one entropy; the deviation of either is a rounding error. The answer alone tells.
    early = np.where(np.arange(300)[:, None] % 3 == 0, (0.1, 0.9), (0.9, 0.1))
    scored = Scored(np.stack([early, np.tile((0.9, 0.1), (300, 1))]), None, np.full(300, 9))
    assert 0 < np.log(scored.token_counts).std() < 1e-9, "the example must hold such a feature"
    (certainty,) = fit_certainty(scored).certainties(scored)
    assert certainty[::3].max() < 0.1 and certainty[1::3].min() > 0.9


def test_nothing_to_tell_apart_is_as_sure_as_counting_allows():
    always = Scored(np.tile(np.array([0.9, 0.1]), (3, 98, 1)), None, np.full(98, 5))
    assert fit_certainty(always).certainties(always) == pytest.approx(np.full((2, 98), 99 / 100))
    never = Scored(np.stack([np.tile([0.9, 0.1], (98, 1)), np.tile([0.1, 0.9], (98, 1))]), None, np.full(98, 5))
    assert fit_certainty(never).certainties(never) == pytest.approx(np.full((1, 98), 1 / 100))


def test_no_texts_at_all_say_nothing():
    none = Scored(np.empty((3, 0, 2)), None, np.empty(0))
    text = Scored(np.tile(np.array([0.9, 0.1]), (3, 1, 1)), None, np.array([5]))
    assert fit_certainty(none).certainties(text) == pytest.approx(np.full((2, 1), 0.5))
