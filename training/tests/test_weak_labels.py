import email.message
import random

import pytest

from glance_training import UserError, weak_labels
from glance_training.weak_labels import (
    Comment,
    Mined,
    c_comments,
    file_comments,
    has_cue,
    is_marked,
    is_ordinary,
    licence_of,
    mine,
    python_comments,
    source_files,
    standard_library_comments,
)

PYTHON = '''# Copyright 2026 The Authors. All rights reserved.
"""Reads the whole file into a list of lines."""
import os

class Reader:
    """Keeps a buffer of missing values

    and their places.
    """
    # the first line of a block
    # and its second line
    size = 1  # the number of lines in it

    def read(self):
        # TODO: read the rest of it
        return "# no comment at all here"
'''
C = '''/* Copyright 2026 The Authors. All rights reserved. */
const char *url = "http://example.org/*";  // the address of the server
/**
 * Adds two numbers.
 * @return the sum of both
 */
// one line and
// the next line
int add(int a, int b);
'''


class FakeDistribution:
    """Stands in for importlib.metadata.Distribution."""

    version = "1.0"

    def __init__(self, root, licence):
        self._root = root
        self.metadata = email.message.Message()
        self.metadata["Name"], self.metadata["License"] = "made", licence

    def locate_file(self, path):
        return self._root / path


def fake_package(root, monkeypatch, licence="MIT"):
    """Writes a package of two files below `root` and makes it the only one to mine."""
    (root / "made").mkdir(parents=True)
    (root / "made" / "reader.py").write_text(PYTHON, encoding="utf-8")
    (root / "made" / "add.h").write_text(C, encoding="utf-8")
    monkeypatch.setattr(weak_labels, "PACKAGES", (("made", ("made",)),))
    monkeypatch.setattr(weak_labels, "distribution", lambda name: FakeDistribution(root, licence))


def test_comments_of_python():
    assert list(python_comments(PYTHON)) == [
        Comment("Reads the whole file into a list of lines.", "documentation"),
        Comment("Keeps a buffer of missing values and their places.", "documentation"),
        Comment("Copyright 2026 The Authors. All rights reserved.", "licence"),
        Comment("the first line of a block and its second line", "comment"),
        Comment("the number of lines in it", "comment"),
        Comment("TODO: read the rest of it", "comment"),
    ]


def test_comments_of_c():
    assert list(c_comments(C)) == [
        Comment("Copyright 2026 The Authors. All rights reserved.", "licence"),
        Comment("the address of the server", "comment"),
        Comment("Adds two numbers. @return the sum of both", "documentation"),
        Comment("one line and the next line", "comment"),
    ]


def test_unreadable_files_give_nothing(tmp_path):
    (tmp_path / "old.py").write_text("print 'Python 2'  # the words of another language")
    (tmp_path / "bytes.py").write_bytes(b"# \xff\xfe")
    assert [file_comments(path) for path in source_files([tmp_path])] == [[], []]


@pytest.mark.parametrize(
    "text",
    ["TODO: read the rest", "this is a quick hack", "not implemented", "we should move this", "works around a bug", "why is this here?", "ugly, but fast"],
)
def test_cues_of_debt(text):
    assert has_cue(text)
    assert not is_ordinary(Comment(f"{text} and some more words", "documentation"))


def test_documentation_may_speak_of_missing_values_a_comment_may_not():
    text = "Fills missing values with a constant"
    assert is_ordinary(Comment(text, "documentation"))
    assert not is_ordinary(Comment(text, "comment"))
    assert not is_ordinary(Comment("Fills them", "documentation"))


def test_documentation_may_speak_of_fixes_and_bugs_a_comment_may_not():
    for text in ("Reports each problem with the fix for it", "The better of two bounds for the sum", "Collects the bugs of one tracker"):
        assert is_ordinary(Comment(text, "documentation"))
        assert not is_ordinary(Comment(text, "comment"))
    assert not is_ordinary(Comment("Reports the bugs, but this is a hack", "documentation"))


@pytest.mark.parametrize(("text", "marked"), [("TODO: read the rest", True), ("(FIXME) later", True), ("TODO", False), ("the todo list", False), ("TODOS of all", False)])
def test_marks_are_words_of_their_own_in_capitals(text, marked):
    assert is_marked(Comment(text, "comment")) is marked


def test_mining_is_reproducible_and_takes_no_text_twice(tmp_path, monkeypatch):
    fake_package(tmp_path, monkeypatch)
    monkeypatch.setattr(weak_labels, "MAXIMUM_PER_FILE", 10)
    files = source_files([tmp_path])
    mined = mine(files, set(), random.Random(0))
    assert mined == mine(files, set(), random.Random(0))
    assert mined.ordinary.count("Copyright 2026 The Authors. All rights reserved.") == 1
    assert mined.marked == ["TODO: read the rest of it"]
    assert mine(files, {weak_labels.letters(text) for text in mined.ordinary}, random.Random(0)) == Mined([], mined.marked)


def test_quotas(tmp_path, monkeypatch):
    fake_package(tmp_path, monkeypatch)
    files = source_files([tmp_path])
    monkeypatch.setattr(weak_labels, "MAXIMUM_PER_FILE", 1)
    mined = mine(files, set(), random.Random(0))
    assert len(mined.ordinary + mined.marked) == 2
    monkeypatch.setattr(weak_labels, "MAXIMUM_PER_KIND", {"documentation": 0, "comment": 0, "licence": 1, "marked": 0})
    assert mine(files, set(), random.Random(0)) == Mined(["Copyright 2026 The Authors. All rights reserved."], [])


def test_only_permissive_licences_are_mined(tmp_path):
    assert licence_of(FakeDistribution(tmp_path, "BSD-3-Clause")) == "BSD-3-Clause"
    for licence in ("GPL-3.0", "MPL-2.0 AND MIT", "Proprietary"):
        with pytest.raises(UserError, match=licence):
            licence_of(FakeDistribution(tmp_path, licence))


def test_the_standard_library_is_sampled_without_what_was_seen(tmp_path, monkeypatch):
    (tmp_path / "test").mkdir()
    (tmp_path / "reader.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "test" / "reader.py").write_text('"""Tests of the reader."""', encoding="utf-8")
    monkeypatch.setattr(weak_labels.sysconfig, "get_path", lambda name: str(tmp_path))
    texts = standard_library_comments({weak_labels.letters("the number of lines in it")}, 10)
    assert sorted(texts) == [
        "Copyright 2026 The Authors. All rights reserved.",
        "Reads the whole file into a list of lines.",
        "the first line of a block and its second line",
    ]
    assert len(standard_library_comments(set(), 2)) == 2
