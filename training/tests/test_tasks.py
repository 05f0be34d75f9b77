"""How texts are composed, labels mapped and rows split. test/unit/tasks.test.ts composes the same cases in the editor."""

import json
from pathlib import Path

import pytest

from glance_training import UserError
from glance_training.task import WHITE_SPACE, Row, letters, split_by_group, trim
from glance_training.tasks import FOLDS, PROJECT_TASKS, READERS, TASKS, comment_debt, comment_kind, commit_type, doc_section
from glance_training.tasks.file_kinds import file_kinds

ROCKET = "\U0001f680"


@pytest.mark.parametrize(
    "message, paths, expected",
    [
        ("fix login", (), "fix login [SEP]  [SEP] "),
        ("", (), " [SEP]  [SEP] "),
        ("Mend the login \n\nIt was broken.\nCloses #1.\n", ("src/login.ts", "README.md"), "Mend the login [SEP] docs source [SEP] It was broken.\nCloses #1."),
        ("Mend\r\n\r\nSince\r\nit broke.\r\n", (), "Mend [SEP]  [SEP] Since\r\nit broke."),
        ("feat: add a knob", (), "add a knob [SEP]  [SEP] "),
        ("BugFix(api)!:  say why", (), "say why [SEP]  [SEP] "),
        (" docs:say why", (), "say why [SEP]  [SEP] "),
        ("fix: fix: twice", (), "fix: twice [SEP]  [SEP] "),
        ("fixup: a note", (), "fixup: a note [SEP]  [SEP] "),
        ("feat (x): a note", (), "feat (x): a note [SEP]  [SEP] "),
        ("fix(x): mend \u00a0(#12)\r\nIn (#13)", (), "mend [SEP]  [SEP] In (#13)"),
        ("mend (#12) (#13)", (), "mend (#12) [SEP]  [SEP] "),
        ("(#12)", (), " [SEP]  [SEP] "),
        ("mend (#12\u0663)", (), "mend (#12\u0663) [SEP]  [SEP] "),
        ("a\nfix: b", (), "a [SEP]  [SEP] fix: b"),
        ("a", "1234567", "a [SEP] source source source source source source [SEP] "),
        ("a", (f"tests/{ROCKET * 994}", f"tests/{ROCKET * 995}"), "a [SEP] test source [SEP] "),
        ("a", ("docs\\a.png",), "a [SEP] docs [SEP] "),
        ("a [SEP] b", ("c [SEP] d",), "a [SEP] b [SEP] source [SEP] "),
        ("See [the guide](docs/guide.md), https://example.org/a?b#c.", (), "See the guide,  [SEP]  [SEP] "),
        ("run nyc [`8476b91`](https://example.org/8476b91)\n\nThis reverts commit 0123456789abcdef.", (), "run nyc `` [SEP]  [SEP] This reverts commit ."),
        ("[x] deadbeef, defaced and 1234567890 [a](b c)", (), "[x] deadbeef, defaced and 1234567890 [a](b c) [SEP]  [SEP] "),
    ],
)
def test_commits_are_composed_of_subject_kinds_of_files_and_body(message, paths, expected):
    assert commit_type.compose(message, paths) == expected


def test_files_are_of_the_kinds_that_the_editor_tells():
    cases = json.loads((Path(__file__).resolve().parents[2] / "test" / "fixtures" / "file-kinds.json").read_text(encoding="utf-8"))
    for kinds, lists in cases.items():
        for paths in lists:
            assert file_kinds(paths) == kinds, paths


def test_every_prefix_is_cut_and_no_other():
    for prefix in "feat feature fix bugfix hotfix doc docs style styles refactor refac perf performance test tests build ci chore revert".split():
        for written in (prefix, prefix.upper(), f"{prefix}(a, b)", f"{prefix}!", f"{prefix}()!"):
            assert commit_type.compose(f"{written}: x") == "x [SEP]  [SEP] "
    for other in ("feats", "wip", "fix(a)(b)", "fix!!", "ci (a)"):
        assert commit_type.compose(f"{other}: x") == f"{other}: x [SEP]  [SEP] "


@pytest.mark.parametrize(
    "text, heading, expected",
    [
        ("## Usage ##\n\nRun it.\n", None, "Usage [SEP] Run it."),
        ("Run it.\nThen stop it.", None, " [SEP] Run it.\nThen stop it."),
        ("Run it.", "# How to use", "How to use [SEP] Run it."),
        ("\n\nUsage\nRun it.", "## Usage", "Usage [SEP] Run it."),
        ("#### Usage\nRun it.", "Usage", "Usage [SEP] Run it."),
        ("# Usage\nRun it.", "Install", "Install [SEP] # Usage\nRun it."),
        ("# Usage\nRun it.", "", " [SEP] # Usage\nRun it."),
        ("###\nRun it.", None, " [SEP] ###\nRun it."),
        ("  # C#  ", None, "C [SEP] "),
        ("# Issue #1 first\nx", None, "Issue #1 first [SEP] x"),
        ("# Usage\r\nRun it.\r\n", None, "Usage [SEP] Run it."),
        ("", None, " [SEP] "),
        ("# A\n" + ROCKET * 1300, None, f"A [SEP] {ROCKET * 1200}"),
    ],
)
def test_sections_are_composed_of_heading_and_content(text, heading, expected):
    assert doc_section.compose(text, heading) == expected


def test_white_space_is_what_the_editor_trims():
    for character in map(chr, range(0x3100)):
        python, javascript = not character.strip(), character in WHITE_SPACE
        assert python == javascript or character in "\x1c\x1d\x1e\x1f\x85"
    assert trim("\ufeff\u00a0 a \x85\u3000") == "a \x85"
    assert doc_section.compose("\ufeff# \ufeffGroovy\nA language.\x1c\ufeff") == "Groovy [SEP] A language.\x1c"
    assert commit_type.compose("\ufefffix:\ufeff a\x85\n\x1f\n") == "a\x85 [SEP]  [SEP] \x1f"


def test_case_is_folded_as_in_the_editor():
    assert commit_type.compose("\u017ftyle: a") == "a [SEP]  [SEP] "
    assert commit_type.compose("f\u0131x: a") == "f\u0131x: a [SEP]  [SEP] "


def row(text, group, labels=("a",)):
    return Row(text, text, labels, group)


def test_no_text_is_on_two_sides_of_the_split():
    rows = [
        row("only here", "train"), row("Shared -- in the test", "train"), row("shared in calibration!", "train"),
        row("shared in calibration", "calibration"), row("shared in the test", "calibration"), row("in the test of calibration", "calibration"),
        row("shared in the test?", "test"), row("mine", "test"), row("in the TEST of calibration", "test"), row("in the test of calibration", "train"),
    ]  # fmt: skip
    splits = split_by_group(rows, {"calibration"}, {"test"})
    assert [r.text for r in splits["train"]] == ["only here"]
    assert [r.text for r in splits["calibration"]] == ["shared in calibration"]
    assert [r.text for r in splits["test"]] == ["shared in the test?", "mine", "in the TEST of calibration"]
    keys = [{letters(r.text) for r in found} for found in splits.values()]
    groups = [{r.group for r in found} for found in splits.values()]
    for i in range(3):
        for j in range(i):
            assert not keys[i] & keys[j] and not groups[i] & groups[j]


def test_folds_test_every_debt_project_once_and_never_what_calibrates():
    projects = {
        "apache-ant-1.7.0", "argouml", "columba-1.4-src", "emf-2.4.1", "hibernate-distribution-3.3.2.GA", "jEdit-4.2", "jfreechart-1.0.19", "sql12",
    }  # fmt: skip
    tested = [project for _, test in comment_debt.FOLDS for project in test]
    assert len(tested) == len(projects) and set(tested) == projects
    for calibration, test in comment_debt.FOLDS:
        assert calibration and set(calibration) <= projects and not set(calibration) & set(test)


@pytest.mark.parametrize("folds", [commit_type.FOLDS, comment_kind.FOLDS, doc_section.FOLDS])
def test_other_folds_do_not_overlap_either(folds):
    for calibration, test in folds:
        assert calibration and test and not set(calibration) & set(test)


def test_every_task_has_a_reader_and_folds():
    assert set(READERS) == set(TASKS) >= {task.id for task in PROJECT_TASKS} == set(FOLDS)
    assert FOLDS == {"comment-debt": 4, "commit-type": 1, "doc-section": 1, "comment-kind": 1}


def test_labels_are_those_of_the_contract():
    assert TASKS["comment-debt"].labels == ("none", "design", "requirement", "defect", "test", "documentation")
    assert TASKS["commit-type"].labels == ("feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert")
    assert TASKS["doc-section"].labels == ("what", "why", "how", "when", "who", "references", "contribution", "other")
    assert [task.id for task in PROJECT_TASKS if task.multi_label] == ["doc-section", "comment-kind"]
    assert [task.silent_label for task in PROJECT_TASKS] == ["none", None, None, None]


def test_debt_of_unknown_type_may_be_any():
    record = {"id": "1", "text": "// hack", "label": "WITHOUT_CLASSIFICATION", "group": "argouml", "bin_corrected": "SATD"}
    found = comment_debt.row_of_record(record)
    assert found == Row("1", "hack", comment_debt.DEBT_LABELS, "argouml")
    assert found.label is None and comment_debt.is_debt(found)
    certain = comment_debt.row_of_record({**record, "label": "DEFECT"})
    assert certain.label == "defect"
    assert not comment_debt.is_debt(comment_debt.row_of_record({**record, "bin_corrected": "non-SATD"}))


def test_only_rows_without_debt_are_capped():
    rows = [row(str(i), "g", ("none",) if i % 3 else ("test",)) for i in range(30)]
    capped = comment_debt.cap_none(rows, 5)
    assert [r for r in capped if r.labels == ("test",)] == [r for r in rows if r.labels == ("test",)]
    assert len(capped) == 15 and [int(r.text) for r in capped] == sorted(int(r.text) for r in capped)
    assert comment_debt.cap_none(rows, 5) == capped


def test_frequent_types_of_commits_are_capped(monkeypatch):
    monkeypatch.setattr(commit_type, "MAXIMUM_PER_LABEL", {"fix": 4})
    rows = [row(str(i), "g", ("fix",) if i % 2 else ("ci",)) for i in range(20)]
    capped = commit_type.cap_labels(rows)
    assert [r.label for r in capped].count("fix") == 4 and [r.label for r in capped].count("ci") == 10
    assert [int(r.text) for r in capped] == sorted(int(r.text) for r in capped)


def test_some_commits_lose_their_paths_and_nothing_else():
    rows = [row(commit_type.compose(f"subject {i}\n\nbody [SEP] {i}", (f"path/{i}",)), "g") for i in range(400)]
    dropped = commit_type.drop_paths(rows)
    bare = [i for i, r in enumerate(dropped) if r != rows[i]]
    assert 0.1 < len(bare) / len(rows) < 0.2
    assert all(dropped[i].text == f"subject {i} [SEP]  [SEP] body [SEP] {i}" for i in bare)
    assert commit_type.drop_paths(rows) == dropped


def write(folder, name, records):
    (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_commits_are_read(tmp_path):
    def record(group, text):
        return {"id": text, "group": group, "text": text, "paths": ["a.c"], "label": "fix"}

    calibration, test = commit_type.FOLDS[0]
    write(tmp_path, "commits.jsonl", [record("some/other", "fix: one"), record(calibration[0], "fix: two"), record(test[0], "fix: three")])
    read = commit_type.read(tmp_path, 0)
    assert {name: [r.text.split(" [SEP] ")[0] for r in rows] for name, rows in read.splits.items()} == {
        "train": ["one"], "calibration": ["two"], "test": ["three"], "unlabelled": ["two"], "unlabelled-test": ["three"],
    }  # fmt: skip
    assert read.splits["test"][0] == Row("fix: three", "three [SEP] source [SEP] ", ("fix",), test[0])
    assert [r.text for r in read.splits["unlabelled-test"]] == ["three [SEP]  [SEP] "]
    assert read.splits["unlabelled"] == [Row("fix: two without paths", "two [SEP]  [SEP] ", (), f"{calibration[0]} | without paths")]
    assert read.sources[0]["groups"] == ["some/other"] and read.sources[0]["rows"] == 1


def test_sections_are_split_by_their_repositorys_hash(tmp_path):
    records = [{"id": str(i), "group": f"owner/repository-{i}", "text": f"Text {'abcdefgh'[i % 8] * (i + 1)}", "heading": "# Head", "label": ["What", "How"]} for i in range(60)]
    write(tmp_path, "readme_sections.jsonl", records)
    splits = doc_section.read(tmp_path, 0).splits
    for name, parts in (("calibration", range(0, 14)), ("test", range(14, 28)), ("train", range(28, 100))):
        assert splits[name] and all(doc_section.part_of(r.group) in parts for r in splits[name])
    assert splits["train"][0].labels == ("what", "how") and splits["train"][0].text.startswith("Head [SEP] Text ")


def test_class_comments_know_the_categories_of_their_language(tmp_path):
    records = [
        {"id": "1", "group": "java:Guava", "lang": "java", "label": ["rational", "Ownership"], "text": "one"},
        {"id": "2", "group": "python:Mailpile", "lang": "python", "label": ["Summary", "DevelopmentNotes"], "text": "two"},
        {"id": "3", "group": "pharo:x", "lang": "pharo", "label": ["Keymessages"], "text": "three"},
    ]
    write(tmp_path, "code_comments.jsonl", records)
    java, python = comment_kind.read(tmp_path, 0).splits["train"]
    assert java.labels == ("rationale", "ownership") and "parameters" not in java.known
    assert python.labels == ("summary", "development-notes") and "rationale" not in python.known
    assert {*java.known, *python.known} == set(comment_kind.TASK.labels)


def test_glue_pairs_are_parted_and_the_development_set_tests(tmp_path):
    records = [
        {"split": "train", "text": "One.", "text_b": "Two.", "label": "entailment"},
        {"split": "dev", "text": "Three.", "label": "not_entailment"},
        {"split": "heldout", "text": "Four.", "label": "entailment"},
    ]
    write(tmp_path, "glue_rte.jsonl", records)
    splits = READERS["rte"](tmp_path, 0).splits
    assert [r.text for r in splits["train"]] == ["One. [SEP] Two."] and [r.text for r in splits["test"]] == ["Three."]
    assert splits["calibration"] == []


def test_missing_data_says_what_to_do(tmp_path):
    for read in READERS.values():
        with pytest.raises(UserError, match="--data"):
            read(tmp_path, 0)
