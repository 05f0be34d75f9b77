"""comment-kind: what a sentence of a class comment is for; several labels may hold.

Source: code_comments.jsonl (NLBSE'23 tool competition; Rani et al., JSS 2021): the Java and Python categories, where both
languages have one under its own name taken as one. The Pharo categories are another scheme and are left out.
"""

from pathlib import Path

from ..json_lines import read_json_lines, require
from ..task import Row, Task, TaskData, split_by_group

TASK = Task(
    id="comment-kind",
    labels=("summary", "usage", "expand", "rationale", "deprecation", "ownership", "pointer", "parameters", "development-notes"),
    multi_label=True,
    epochs=5,
    weight_power=0.0,
    # It does not hold up across projects: docs/results.md, "Measured, not shipped".
    ships=False,
)
FILE = "code_comments.jsonl"
LABEL_OF_SOURCE = {
    "summary": "summary", "Summary": "summary", "usage": "usage", "Usage": "usage", "Expand": "expand", "rational": "rationale",
    "deprecation": "deprecation", "Ownership": "ownership", "Pointer": "pointer", "Parameters": "parameters", "DevelopmentNotes": "development-notes",
}  # fmt: skip
KNOWN = {
    "java": ("summary", "usage", "expand", "rationale", "deprecation", "ownership", "pointer"),
    "python": ("summary", "usage", "expand", "parameters", "development-notes"),
}
FOLDS = ((("java:Guice", "java:Vaadin", "python:Pandas"), ("java:Eclipse", "python:django")),)


def read(data: Path, fold: int) -> TaskData:
    rows = [
        Row(record["id"], record["text"], tuple(LABEL_OF_SOURCE[label] for label in record["label"]), record["group"], KNOWN[record["lang"]])
        for record in read_json_lines(require(data, FILE))
        if record["lang"] in KNOWN
    ]
    calibration, test = FOLDS[fold]
    splits = split_by_group(rows, set(calibration), set(test))
    source = {
        "name": "Sentences of class comments (NLBSE'23 tool competition; Rani et al., JSS 2021)",
        "source": "github.com/nlbse2023/code-comment-classification",
        "licence": "CC0-1.0",
        "rows": len(splits["train"]),
        "groups": sorted({row.group for row in splits["train"]}),
    }
    return TaskData(TASK, splits, [source])
