"""Prepares the data of a training: every task's rows, split by group, and where they come from."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from . import UserError
from .data import read_summary
from .tasks import FOLDS, READERS
from .task import Row, Task


def prepare(data: Path, output: Path, tasks: list[Task], fold: int) -> dict[str, dict]:
    """Writes a folder per task into `output`: a JSON Lines file per split and summary.json. Returns the summaries by task."""
    summaries = {}
    for task in tasks:
        if fold >= FOLDS.get(task.id, 1):
            raise UserError(f"{task.id} has folds 0 to {FOLDS.get(task.id, 1) - 1}, not {fold}.")
        read = READERS[task.id](data, fold)
        _check(task, read.splits)
        folder = output / task.id
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in read.splits.items():
            lines = [json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows]
            (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        summary = {
            "fold": fold,
            "trainingData": read.sources,
            "trainSha256": hashlib.sha256((folder / "train.jsonl").read_bytes()).hexdigest(),
            "splits": {name: describe(rows) for name, rows in read.splits.items()},
        }
        (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        summaries[task.id] = summary
    return summaries


def _check(task: Task, splits: dict[str, list[Row]]) -> None:
    """Raises UserError where a row has a label that the task does not have, or where there is nothing to train on."""
    if not splits["train"]:
        raise UserError(f"The data holds no training rows of {task.id}.")
    for row in (row for rows in splits.values() for row in rows):
        unknown = sorted(set(row.labels) - set(task.labels))
        if unknown:
            raise UserError(f"Row {row.id} of {task.id} has the label {json.dumps(unknown[0])}; the labels are {', '.join(task.labels)}.")


def describe(rows: list[Row]) -> dict:
    """Counts of a split: rows, rows per group, rows per set of labels."""
    return {
        "rows": len(rows),
        "groups": dict(sorted(Counter(row.group for row in rows).items())),
        "labels": dict(Counter("|".join(row.labels) for row in rows).most_common()),
    }


def require_rows_of(recipe: dict, trained: Path, prepared: Path, tasks: list[Task]) -> None:
    """Raises UserError where a run or package `trained`, by its recipe, learnt from other rows than `prepared` holds.

    Of another fold, say: what is test data here may be what it was trained on.
    """
    for task in tasks:
        if recipe["dataSha256"][task.id] != read_summary(prepared, task)["trainSha256"]:
            raise UserError(
                f"{trained} was trained on other rows of {task.id} than {prepared} holds. Give the folder it was trained from with --prepared, or prepare and "
                "train again."
            )
