import numpy as np
import pytest

from glance_training.answers import answer_sets, entropy, logit, probabilities_of, same, sigmoid, softmax


def test_probabilities_by_hand():
    assert softmax(np.log([[1.0, 2.0, 5.0]])) == pytest.approx(np.array([[0.125, 0.25, 0.625]]))
    assert softmax(np.array([1000.0, 1000.0])).tolist() == [0.5, 0.5]
    assert sigmoid(np.log([0.25, 1.0, 3.0])) == pytest.approx(np.array([0.2, 0.5, 0.75]))


def test_each_exit_has_its_own_temperature():
    logits = np.log(np.array([[[9.0, 1.0]], [[9.0, 1.0]]], dtype=np.float32))
    assert probabilities_of(logits, [1.0, 2.0], multi_label=False)[:, 0] == pytest.approx(np.array([[0.9, 0.1], [0.75, 0.25]]))
    assert probabilities_of(logits, [1.0, 2.0], multi_label=True)[:, 0] == pytest.approx(np.array([[0.9, 0.5], [0.75, 0.5]]))


def test_one_label_answers_with_the_most_probable_one_the_first_of_equals():
    assert answer_sets(np.array([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4]]), None).tolist() == [[False, True, False], [True, False, False]]


def test_several_labels_answer_with_those_at_their_thresholds_or_the_most_probable_one():
    thresholds = np.array([0.5, 0.3, 0.9])
    probabilities = np.array([[0.5, 0.3, 0.9], [0.6, 0.2, 0.8], [0.4, 0.2, 0.8], [0.1, 0.1, 0.1]])
    assert answer_sets(probabilities, thresholds).tolist() == [
        [True, True, True],
        [True, False, False],
        # None reaches its threshold: the most probable label is the answer, far as it may be from its own.
        [False, False, True],
        [True, False, False],
    ]


def test_same_means_the_same_set():
    one = np.array([[True, False], [True, True], [False, True]])
    other = np.array([[True, False], [True, False], [True, False]])
    assert same(one, other).tolist() == [True, False, False]


def test_entropies_by_hand():
    assert entropy(np.array([0.5, 0.5]), multi_label=False) == pytest.approx(np.log(2))
    assert entropy(np.array([1.0, 0.0]), multi_label=False) == 0
    assert entropy(np.array([0.5, 1.0, 0.25]), multi_label=True) == pytest.approx(
        np.log(2) - 0.25 * np.log(0.25) - 0.75 * np.log(0.75)
    )


def test_logits_are_clamped():
    found = logit(np.array([0.0, 0.5, 0.75, 1.0]))
    assert found[:3] == pytest.approx([np.log(1e-12), 0, np.log(3)]) and found[3] == pytest.approx(-found[0], rel=1e-4)
