"""What the files are that a commit changes: source, tests, documentation and so on, told from their paths."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

# The editor's own table. It names the kinds in the order in which they are tried; the last fits every path. In JavaScript `$` is the end and nothing else.
TABLE = Path(__file__).resolve().parents[3] / "src" / "core" / "tasks" / "file-kinds.json"
KINDS = [(kind, re.compile(pattern.replace("$", r"\Z"))) for kind, pattern in json.loads(TABLE.read_text(encoding="utf-8"))]


def file_kinds(paths: Sequence[str]) -> str:
    """The kind of each file at these paths, in the order of the table: "docs", "build source source"."""
    found = sorted(next(place for place, (_, pattern) in enumerate(KINDS) if pattern.search(path.lower())) for path in paths)
    return " ".join(KINDS[place][0] for place in found)
