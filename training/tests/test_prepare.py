import json

import pytest

from glance_training import UserError, ordinary
from glance_training.data import SILENT_LABEL, letters, read_split, row_of_record, split_rows
from glance_training.prepare import cap_none, prepare

from test_data import RECORDS
from test_ordinary import fake_package

CLASS_COMMENTS = [
    {"group": "java:Guava", "cls": "A.java", "label": ["summary"], "text": "a list that keeps its elements in order"},
    {"group": "java:Guava", "cls": "A.java", "label": ["usage"], "text": "shared in calibration"},
    {"group": "python:x", "cls": "B", "label": ["DevelopmentNotes"], "text": "the names of the arguments follow the paper"},
    {"group": "python:x", "cls": "C", "label": ["Summary"], "text": "not implemented for matrices of complex numbers"},
]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with made-up files, and one made-up package as the only one to mine."""
    fake_package(tmp_path / "site", monkeypatch)
    for name, records in (("satd.jsonl", RECORDS), ("code_comments.jsonl", CLASS_COMMENTS)):
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return tmp_path


def test_labelled_rows_are_split_and_weak_rows_train_only(data):
    summary = prepare(data, data / "out")
    expected = split_rows([row_of_record(record) for record in RECORDS])
    assert read_split(data / "out", "test") == expected["test"]
    assert read_split(data / "out", "calibration") == expected["calibration"]
    train = read_split(data / "out", "train")
    assert [row for row in train if not row.weak] == expected["train"]
    weak = [row for row in train if row.weak]
    assert weak and all(row.allowed == (SILENT_LABEL,) for row in weak)
    assert summary["splits"]["train"]["rows"] == len(train)


def test_class_comments_are_joined_and_development_notes_left_out(data):
    prepare(data, data / "out")
    texts = [row.text for row in read_split(data / "out", "train") if row.group.startswith("github.com/nlbse2023")]
    assert texts == ["a list that keeps its elements in order shared in calibration"]


def test_every_source_is_listed_with_its_licence(data):
    summary = prepare(data, data / "out")
    assert [entry["licence"] for entry in summary["trainingData"][1:]] == ["MIT", "CC0-1.0"]
    assert sum(entry["rows"] for entry in summary["trainingData"]) == summary["splits"]["train"]["rows"]


def test_prepare_gives_the_same_rows_again(data):
    first = prepare(data, data / "out")
    assert prepare(data, data / "again") == first


def test_a_weak_text_is_in_no_other_split(data):
    leaked = "Reads the whole file into a list of lines."
    records = [*RECORDS, {**RECORDS[0], "group": "jEdit-4.2", "text": f"// {leaked}"}]
    (data / "satd.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    prepare(data, data / "out")
    rows = {name: read_split(data / "out", name) for name in ("train", "test")}
    assert letters(leaked) in {letters(row.text) for row in rows["test"]}
    assert letters(leaked) not in {letters(row.text) for row in rows["train"]}


def test_only_rows_without_debt_are_capped():
    rows = split_rows([row_of_record(record) for record in RECORDS * 3])["train"]
    capped = cap_none(rows, 1)
    assert [row.is_debt for row in capped].count(True) == [row.is_debt for row in rows].count(True) == 3
    assert [row.is_debt for row in capped].count(False) == 1


def test_missing_data_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="--data"):
        prepare(tmp_path, tmp_path / "out")
