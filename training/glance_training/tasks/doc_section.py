"""doc-section: what a section of a README is about; several labels may hold.

Source: readme_sections.jsonl (Prana et al., EMSE 2018, arXiv 1802.06997).
"""

import hashlib
from pathlib import Path

from ..json_lines import read_json_lines, require
from ..task import PART_SEPARATOR, Row, Task, TaskData, split_by_group, trim

TASK = Task(
    id="doc-section",
    labels=("what", "why", "how", "when", "who", "references", "contribution", "other"),
    multi_label=True,
    epochs=8,
    weight_power=0.0,
)
FILE = "readme_sections.jsonl"
MAXIMUM_CHARACTERS = 1200
# Of 100 parts by a hash of the repository's name, the parts that calibrate and test, fold by fold.
FOLDS = ((range(0, 14), range(14, 28)),)


def strip_heading(line: str) -> str:
    """A heading without its number signs."""
    return trim(trim(line).strip("#"))


def compose(text: str, heading: str | None = None) -> str:
    """The model's input: heading and content, joined by a separator.

    Without a heading, a first line that begins with # is it. The content leaves out a first line that repeats the heading.
    """
    first, _, rest = trim(text).partition("\n")
    if heading is None:
        heading = first if first.startswith("#") else ""
    heading = strip_heading(heading)
    content = rest if heading and strip_heading(first) == heading else text
    return PART_SEPARATOR.join((heading, trim(content)[:MAXIMUM_CHARACTERS]))


def part_of(group: str) -> int:
    """Which of 100 parts a repository belongs to."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % 100


def read(data: Path, fold: int) -> TaskData:
    rows = [
        Row(record["id"], compose(record["text"], record["heading"]), tuple(label.lower() for label in record["label"]), record["group"])
        for record in read_json_lines(require(data, FILE))
    ]
    calibration, test = ({row.group for row in rows if part_of(row.group) in parts} for parts in FOLDS[fold])
    splits = split_by_group(rows, calibration, test)
    source = {
        "name": "README sections (Prana et al., EMSE 2018)",
        "source": "github.com/gprana/READMEClassifier",
        "licence": "MIT; the README files belong to their repositories and are not shipped",
        "rows": len(splits["train"]),
        "groups": [f"{len({row.group for row in splits['train']})} repositories"],
    }
    return TaskData(TASK, splits, [source])
