import json
from pathlib import Path

import pytest

from glance_training.markers import strip_markers

FIXTURE = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "comment-markers.json"
CASES = json.loads(FIXTURE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[repr(case["comment"]) for case in CASES])
def test_strips_as_the_shared_fixture_says(case):
    assert strip_markers(case["comment"]) == case["text"]


def test_stripping_twice_changes_nothing_more_for_plain_words():
    once = strip_markers("/* TODO: one\n * two */")
    assert once == "TODO: one two"
    assert strip_markers(once) == once
