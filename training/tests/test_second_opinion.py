import numpy as np
import pytest

from glance_training.second_opinion import FOLDS, second_opinions
from glance_training.task import Row, Task

TASK = Task(id="made-up", labels=("build", "chore", "never"), second_opinion=0.5)


def rows(group, *texts_and_labels):
    return [Row(f"{group}-{number}", text, (label,), group) for number, (text, label) in enumerate(texts_and_labels * 5)]


def test_habits_of_a_group_are_what_the_others_do_not_share():
    own = rows("own", ("bump the version", "build"), ("mend the lights", "chore"))
    other = rows("other", ("bump the version", "chore"), ("mend the lights", "build"))
    opinions = second_opinions(TASK, own + other)
    assert opinions.shape == (20, 3) and opinions.dtype == np.float32
    assert opinions.sum(axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    answers = opinions.argmax(axis=1)
    # Of its own texts a group is told what the other would have said.
    assert answers[:10].tolist() == [1, 0] * 5 and answers[10:].tolist() == [0, 1] * 5


def test_a_label_of_one_group_alone_is_unknown_to_its_opinions():
    own = rows("own", ("bump the version", "never"), ("mend the lights", "chore"))
    other = rows("other", ("bump the version", "chore"), ("mend the lights", "build"))
    opinions = second_opinions(TASK, own + other)
    assert (opinions[:10, 2] == 0).all() and (opinions[10:, 2] > 0).all()


def test_groups_that_know_a_single_label_say_nothing_else():
    opinions = second_opinions(TASK, rows("own", ("bump", "build"), ("mend", "chore")) + rows("other", ("bump", "chore")))
    assert opinions[:10].tolist() == [[0, 1, 0]] * 10


def test_more_groups_than_folds_each_get_an_opinion():
    many = [row for number in range(FOLDS + 2) for row in rows(f"group-{number}", ("bump the version", "build"), ("mend the lights", "chore"))]
    assert second_opinions(TASK, many).argmax(axis=1).tolist() == [0, 1] * 5 * (FOLDS + 2)


def test_one_group_has_no_other_to_ask():
    assert second_opinions(TASK, rows("own", ("bump", "build"), ("mend", "chore"))) is None
