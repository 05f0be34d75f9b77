from glance_training import linear
from glance_training.linear import linear_answers
from glance_training.task import Row, Task

ONE = Task(id="one", labels=("bug", "list"))
SEVERAL = Task(id="several", labels=("bug", "list", "never"), multi_label=True)


def rows(texts_and_labels):
    return [Row(str(number), text, labels, "group") for number, (text, labels) in enumerate(texts_and_labels)]


def test_words_decide():
    trained = rows([("a bug in here", ("bug",)), ("a list of names", ("list",))] * 5)
    answers = linear_answers(ONE, trained, trained, rows([("the bug", ()), ("names", ())]))
    assert answers.tolist() == [[True, False], [False, True]]


def test_a_word_means_something_else_in_another_part():
    trained = rows([("fix [SEP] names [SEP]", ("bug",)), ("names [SEP] fix [SEP]", ("list",))] * 5)
    answers = linear_answers(ONE, trained, trained, rows([("fix [SEP] [SEP] ", ()), (" [SEP] fix [SEP] ", ())]))
    assert answers.tolist() == [[True, False], [False, True]]


def test_several_labels_may_hold_and_one_that_never_does_is_never_answered():
    trained = rows([("bug", ("bug",)), ("names", ("list",)), ("bug names", ("bug", "list"))] * 5)
    answers = linear_answers(SEVERAL, trained, trained, rows([("bug names", ()), ("names", ())]))
    assert answers.tolist() == [[True, True, False], [False, True, False]]


def test_the_penalty_is_the_best_on_calibration_texts(monkeypatch):
    trained = rows([("bug", ("bug",)), ("names", ("list",)), ("bug names", ("bug",))] * 5)
    monkeypatch.setattr(linear, "INVERSE_PENALTIES", (1e-9, 1e3))
    asked = rows([("names", ())])
    # With the first nothing is learnt but what is frequent.
    assert linear_answers(ONE, trained, trained, asked).tolist() == [[False, True]]
    assert linear_answers(ONE, trained, rows([("names", ("bug",))]), asked).tolist() == [[True, False]]
