import numpy as np
import pytest

from glance_training import UserError
from glance_training.data import DEBT_LABELS, Row, letters, plan_batches, read_json_lines, read_split, row_of_record, row_weights, split_rows


def record(text, group, label="WITHOUT_CLASSIFICATION", corrected=None):
    corrected = corrected or ("non-SATD" if label == "WITHOUT_CLASSIFICATION" else "SATD")
    return {"id": text, "text": text, "label": label, "group": group, "bin_corrected": corrected}


RECORDS = [
    record("// the list", "argouml"),
    record("// TODO: Fix it!", "argouml", "DEFECT"),
    record("/* shared, in the test */", "argouml"),
    record("// shared in calibration", "sql12"),
    record("// Shared -- in the test", "jEdit-4.2"),
    record("// shared in calibration", "hibernate-distribution-3.3.2.GA"),
    record("// shared in the test", "hibernate-distribution-3.3.2.GA"),
    record("// hack", "columba-1.4-src", corrected="SATD"),
]


def test_labels_and_unknown_debt():
    assert row_of_record(RECORDS[1]) == Row("// TODO: Fix it!", "TODO: Fix it!", ("defect",), "argouml")
    hack = row_of_record(RECORDS[-1])
    assert hack.allowed == DEBT_LABELS and hack.label is None and hack.is_debt


def test_no_text_is_on_two_sides_of_the_split():
    splits = split_rows([row_of_record(r) for r in RECORDS])
    assert [row.text for row in splits["train"]] == ["the list", "TODO: Fix it!"]
    assert [row.text for row in splits["calibration"]] == ["shared in calibration"]
    assert [row.text for row in splits["test"]] == ["Shared -- in the test", "hack"]
    keys = [{letters(row.text) for row in rows} for rows in splits.values()]
    groups = [{row.group for row in rows} for rows in splits.values()]
    for i in range(3):
        for j in range(i):
            assert not keys[i] & keys[j] and not groups[i] & groups[j]


def test_missing_data_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="prepare"):
        read_split(tmp_path, "train")


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "satd.jsonl"
    path.write_text('{"id": 1}\n{"id"\n', encoding="utf-8")
    with pytest.raises(UserError, match="line 2"):
        read_json_lines(path)


def test_rare_labels_weigh_more():
    rows = [Row("", "", ("none",), "")] * 90 + [Row("", "", ("test",), "")] * 10
    weights = row_weights(rows, 0.5)
    assert weights.mean() == pytest.approx(1.0)
    assert weights[-1] / weights[0] == pytest.approx(3.0)


def test_batches_hold_every_row_once_and_rows_of_like_length():
    lengths = list(np.random.default_rng(0).integers(3, 100, 1000))
    batches = plan_batches(lengths, 16, np.random.default_rng(1))
    assert sorted(i for batch in batches for i in batch) == list(range(1000))
    spread = np.mean([max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in batches])
    assert spread < 10
