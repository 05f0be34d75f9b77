import json

import pytest

from glance_training import UserError, unlabelled, weak_labels
from glance_training.data import read_distillation_rows, read_split, read_summary
from glance_training.prepare import prepare
from glance_training.task import letters
from glance_training.tasks import comment_debt, comment_kind
from glance_training.tasks.comment_debt import OTHER_LANGUAGES, UNLABELLED
from glance_training.tasks.comment_debt import TASK as DEBT
from glance_training.unlabelled import unlabelled_comments

from test_weak_labels import fake_package


def record(text, group, label="WITHOUT_CLASSIFICATION", corrected=None):
    corrected = corrected or ("non-SATD" if label == "WITHOUT_CLASSIFICATION" else "SATD")
    return {"id": text, "text": text, "label": label, "group": group, "bin_corrected": corrected}


RECORDS = [
    record("// the list", "argouml"),
    record("// TODO: Fix it!", "argouml", "DEFECT"),
    record("/* shared, in the test */", "argouml"),
    record("// shared in calibration", "hibernate-distribution-3.3.2.GA"),
    record("// Shared -- in the test", "jEdit-4.2"),
    record("// hack", "columba-1.4-src", corrected="SATD"),
]
CLASS_COMMENTS = [
    {"id": "1", "lang": "java", "group": "java:Guava", "cls": "A.java", "label": ["summary"], "text": "a list that keeps its elements in order"},
    {"id": "2", "lang": "java", "group": "java:Guava", "cls": "A.java", "label": ["usage"], "text": "shared in calibration"},
    {"id": "3", "lang": "python", "group": "python:x", "cls": "B", "label": ["DevelopmentNotes"], "text": "the names of the arguments follow the paper"},
    {"id": "4", "lang": "python", "group": "python:x", "cls": "C", "label": ["Summary"], "text": "not implemented for matrices of complex numbers"},
]
PACKAGE = {
    "index.ts": "// reads the whole file\nconst a = 1; // HACK: in one go\n",
    "again.js": "// Reads the whole file!\n/* nothing of it is kept */\n",
    "bundle.min.js": "// the bundle\n",
    "node_modules/inner/index.js": "// of another package\n",
    "broken.py": "print 'Python 2'  # of another language\n",
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with made-up files, one made-up package to mine, and another one for comments without labels."""
    fake_package(tmp_path / "site", monkeypatch)
    for name, content in PACKAGE.items():
        file = tmp_path / "node_modules" / "made" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    (tmp_path / "node_modules" / "made" / "package.json").write_text('{"version": "2.0.0"}', encoding="utf-8")
    monkeypatch.setattr(unlabelled, "PYTHON_PACKAGES", (("no-such-package", "none"),))
    monkeypatch.setattr(unlabelled, "NODE_PACKAGES", ("made", "no-such-package"))
    monkeypatch.setattr(comment_debt, "NODE_MODULES", tmp_path / "node_modules")
    for name, records in (("satd.jsonl", RECORDS), ("code_comments.jsonl", CLASS_COMMENTS)):
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return tmp_path


def prepare_debt(data, output="out", fold=0):
    return prepare(data, data / output, [DEBT], fold)[DEBT.id]


def test_labelled_rows_are_split_and_weak_rows_train_only(data, monkeypatch):
    monkeypatch.setattr(weak_labels, "MAXIMUM_PER_FILE", 10)
    summary = prepare_debt(data)
    train, calibration, test = (read_split(data / "out", DEBT, name) for name in ("train", "calibration", "test"))
    assert [row.text for row in train if not row.weak] == ["the list", "TODO: Fix it!"]
    assert [row.text for row in calibration] == ["shared in calibration"]
    assert [row.text for row in test] == ["Shared -- in the test", "hack"]
    assert test[1].labels == comment_debt.DEBT_LABELS
    weak = {row.text: row.labels for row in train if row.weak}
    assert weak["one line and the next line"] == (DEBT.silent_label,)
    assert weak["TODO: read the rest of it"] == comment_debt.DEBT_LABELS
    assert summary["splits"]["train"]["rows"] == len(train)
    assert summary == read_summary(data / "out", DEBT)


def test_rows_without_debt_are_repeated_with_a_mark(data, monkeypatch):
    monkeypatch.setattr(comment_debt, "MARKED", ("FIXME {}",))
    prepare_debt(data)
    train = read_split(data / "out", DEBT, "train")
    none = [row.text for row in train if not comment_debt.is_debt(row)]
    marked = [row for row in train if row.id.startswith("marked-")]
    assert sorted(row.text for row in marked) == sorted(f"FIXME {text}" for text in none)
    assert all(row.labels == comment_debt.DEBT_LABELS and row.weak for row in marked)


def test_a_marked_row_is_no_text_of_another_split(data, monkeypatch):
    monkeypatch.setattr(comment_debt, "MARKED", ("FIXME {}",))
    records = [*RECORDS, {**RECORDS[0], "group": "jEdit-4.2", "text": "// FIXME the list"}]
    (data / "satd.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    prepare_debt(data)
    assert "FIXME the list" not in [row.text for row in read_split(data / "out", DEBT, "train")]


def test_another_fold_tests_other_projects(data):
    prepare_debt(data, fold=2)
    assert {row.group for row in read_split(data / "out", DEBT, "test")} == {"argouml"}
    with pytest.raises(UserError, match="folds 0 to 3, not 4"):
        prepare_debt(data, fold=4)


def test_class_comments_are_joined_and_development_notes_left_out(data):
    prepare_debt(data)
    texts = [row.text for row in read_split(data / "out", DEBT, "train") if row.group.startswith("github.com/nlbse2023") and not comment_debt.is_debt(row)]
    assert texts == ["a list that keeps its elements in order shared in calibration"]


def test_every_source_is_listed_with_its_licence(data):
    summary = prepare_debt(data)
    assert [entry["licence"] for entry in summary["trainingData"][1:]] == ["MIT", "CC0-1.0", "as there", "as there"]
    *labelled, distilled = summary["trainingData"]
    assert sum(entry["rows"] for entry in labelled) == summary["splits"]["train"]["rows"]
    assert distilled["rows"] == summary["splits"]["distillation"]["rows"] > 0


def test_prepare_gives_the_same_rows_again(data):
    assert prepare_debt(data, "again") == prepare_debt(data)


def test_a_weak_text_is_in_no_other_split(data):
    leaked = "Reads the whole file into a list of lines."
    records = [*RECORDS, {**RECORDS[0], "group": "jEdit-4.2", "text": f"// {leaked}"}]
    (data / "satd.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    prepare_debt(data)
    rows = {name: read_split(data / "out", DEBT, name) for name in ("train", "test")}
    assert letters(leaked) in {letters(row.text) for row in rows["test"]}
    assert letters(leaked) not in {letters(row.text) for row in rows["train"]}


def test_comments_without_labels_are_a_split_of_their_own(data):
    prepare_debt(data)
    rows = read_split(data / "out", DEBT, UNLABELLED)
    assert {letters(row.text) for row in rows} == {letters(t) for t in ("reads the whole file", "HACK: in one go", "nothing of it is kept")}
    assert {row.group for row in rows} == {"npm made 2.0.0"} and all(row.labels == () for row in rows)


def test_exit_0_learns_from_the_other_comments_of_the_training_sources(data, monkeypatch):
    monkeypatch.setattr(comment_debt, "MAXIMUM_LABELLED_NONE", 0)
    monkeypatch.setattr(weak_labels, "MAXIMUM_PER_FILE", 1)
    prepare_debt(data)
    others = {letters(row.text) for name in ("train", "calibration", "test", UNLABELLED) for row in read_split(data / "out", DEBT, name)}
    rows = read_distillation_rows(data / "out", DEBT)
    texts = [letters(row.text) for row in rows]
    assert len(texts) == len(set(texts)) and not others & set(texts) and all(row.labels == () for row in rows)
    # A row that the cap left out, and a comment of the mined package that the quota left out.
    assert letters("the list") in texts and {row.group for row in rows} == {"argouml", "PyPI made 1.0"}


def test_comments_without_labels_leave_out_what_was_seen_and_are_capped(data, monkeypatch):
    found = unlabelled_comments(data / "node_modules", {letters("HACK: in one go")})
    assert len(found) == 2
    monkeypatch.setattr(unlabelled, "MAXIMUM_ROWS", 1)
    assert len(unlabelled_comments(data / "node_modules", set())) == 1


def test_no_package_gives_training_and_calibration_both():
    """Of the real lists: what weak labels come from must not calibrate the promise."""
    assert not {name for name, _ in unlabelled.PYTHON_PACKAGES} & {name for name, _ in weak_labels.PACKAGES}


def test_debt_in_other_languages_is_kept_apart(data):
    records = [
        {"id": "1", "text": "# TODO", "bin": "SATD", "group": "g", "kind": "python"},
        {"id": "2", "text": "# fine", "bin": "non-SATD", "group": "g", "kind": "python"},
    ]
    (data / "satd_python_c.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    prepare_debt(data)
    (row,) = read_split(data / "out", DEBT, OTHER_LANGUAGES)
    assert row.text == "TODO" and row.group == "python" and comment_debt.is_debt(row)


def test_several_tasks_have_a_folder_each(data):
    summaries = prepare(data, data / "out", [DEBT, comment_kind.TASK], 0)
    assert list(summaries) == ["comment-debt", "comment-kind"]
    (first, *_) = read_split(data / "out", comment_kind.TASK, "train")
    assert first.labels == ("summary",) and first.known == comment_kind.KNOWN["java"]
    assert summaries["comment-kind"]["splits"]["train"]["labels"]["summary"] == 2


def test_missing_data_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="--data"):
        prepare_debt(tmp_path)
