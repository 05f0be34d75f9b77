import numpy as np
import pytest

from glance_training import UserError
from glance_training.data import load_tokenizer, pad, plan_batches, read_split, read_summary, row_weights, targets_of, tokenise
from glance_training.json_lines import read_json_lines, require
from glance_training.task import Row, Task

ONE = Task("one", ("a", "b", "c"))
SEVERAL = Task("several", ("a", "b", "c"), multi_label=True)


def row(labels, known=None):
    return Row("", "", labels, "", known)


def test_missing_files_say_what_to_do(tmp_path):
    with pytest.raises(UserError, match="prepare"):
        read_split(tmp_path, ONE, "train")
    with pytest.raises(UserError, match="prepare"):
        read_summary(tmp_path, ONE)
    with pytest.raises(UserError, match="--data"):
        require(tmp_path, "satd.jsonl")


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "satd.jsonl"
    path.write_text('{"id": 1}\n{"id"\n', encoding="utf-8")
    with pytest.raises(UserError, match="line 2"):
        read_json_lines(path)


def test_targets_of_one_label_are_those_that_may_hold():
    targets = targets_of(ONE, [row(("b",)), row(("a", "c"))])
    assert targets.holds.tolist() == [[False, True, False], [True, False, True]]
    assert targets.known.all()


def test_targets_of_several_labels_know_what_was_looked_for():
    targets = targets_of(SEVERAL, [row(("b",), ("a", "b")), row(()), row(("a", "b", "c"))])
    assert targets.holds.tolist() == [[False, True, False], [False] * 3, [True] * 3]
    assert targets.known.tolist() == [[True, True, False], [True] * 3, [True] * 3]
    assert targets_of(SEVERAL, []).holds.shape == targets_of(SEVERAL, []).known.shape == (0, 3)


def test_rare_labels_weigh_more():
    rows = [row(("a",))] * 90 + [row(("b",))] * 10
    weights = row_weights(rows, 0.5)
    assert weights.mean() == pytest.approx(1.0)
    assert weights[-1] / weights[0] == pytest.approx(3.0)
    assert row_weights(rows, 0.0).tolist() == [1.0] * 100


def test_batches_hold_every_row_once_and_rows_of_like_length():
    lengths = list(np.random.default_rng(0).integers(3, 100, 1000))
    batches = plan_batches(lengths, 16, np.random.default_rng(1))
    assert sorted(i for batch in batches for i in batch) == list(range(1000))
    spread = np.mean([max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in batches])
    assert spread < 10


def test_a_separator_in_a_text_is_the_separator_token(base):
    tokenizer = load_tokenizer(base / "tokenizer.json")
    (one, parts, long) = tokenise(tokenizer, ["list", "list [SEP]  [SEP] map", "list " * 50], 8)
    cls, word, separator = one
    assert parts == [cls, word, separator, separator, tokenizer.token_to_id("map"), separator] and separator == 102
    assert long == [cls, *[word] * 6, separator]


def test_padding_is_on_the_right():
    ids, mask = pad([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]] and mask.tolist() == [[1, 1, 1], [1, 0, 0]]
