"""Prepares the data of a training: the labelled rows, split by project, and weak negatives for the training split."""

import hashlib
import json
import random
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from . import UserError
from .data import DEBT_LABELS, MAIN_FILE, OTHER_LANGUAGES, OTHER_LANGUAGES_FILE, SILENT_LABEL, Row, letters, read_json_lines, row_of_record, split_rows
from .markers import strip_markers
from .ordinary import weak_negatives

# Of the 16,750 that there are: the weak negatives take the place of the rest.
MAXIMUM_LABELLED_NONE = 12_000
SEED = 0


def prepare(data: Path, output: Path) -> dict:
    """Writes the split rows as JSON Lines into `output` and returns the summary it also writes (summary.json)."""
    source = data / MAIN_FILE
    if not source.is_file():
        raise UserError(
            f"{MAIN_FILE} is not in {data}. Give the folder that holds it with --data (training/README.md says where it comes from)."
        )
    splits = split_rows([row_of_record(record) for record in read_json_lines(source)])
    seen = {letters(row.text) for rows in splits.values() for row in rows}
    labelled = cap_none(splits["train"], MAXIMUM_LABELLED_NONE)
    weak, sources = weak_rows(data, seen)
    splits["train"] = labelled + weak
    other = data / OTHER_LANGUAGES_FILE
    if other.is_file():
        splits[OTHER_LANGUAGES] = [
            Row(record["id"], strip_markers(record["text"]), DEBT_LABELS, record.get("kind", record["group"]))
            for record in read_json_lines(other)
            if record["bin"] == "SATD"
        ]
    output.mkdir(parents=True, exist_ok=True)
    for name, rows in splits.items():
        lines = [json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows]
        (output / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    summary = {
        "trainingData": [_labelled_source(labelled), *sources],
        "trainSha256": hashlib.sha256((output / "train.jsonl").read_bytes()).hexdigest(),
        "splits": {name: describe(rows) for name, rows in splits.items()},
    }
    (output / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def cap_none(rows: list[Row], maximum: int) -> list[Row]:
    """All debt and a sample of at most `maximum` rows without, in their order."""
    none = [i for i, row in enumerate(rows) if not row.is_debt]
    kept = set(random.Random(SEED).sample(none, min(maximum, len(none))))
    return [row for i, row in enumerate(rows) if row.is_debt or i in kept]


def weak_rows(data: Path, seen: set[str]) -> tuple[list[Row], list[dict]]:
    """Weak negatives as rows, and their sources for the manifest. `seen`: letters of texts to leave out; it grows."""
    rows: list[Row] = []
    sources: dict[str, dict] = {}
    for facts, texts in weak_negatives(data, seen, SEED):
        group = facts["source"]
        entry = sources.setdefault(group, {"name": "Ordinary comments, taken for no debt unread", **facts, "rows": 0, "groups": [group]})
        rows += [Row(f"weak-{len(rows) + i}", text, (SILENT_LABEL,), group, weak=True) for i, text in enumerate(texts)]
        entry["rows"] += len(texts)
    return rows, list(sources.values())


def _labelled_source(rows: list[Row]) -> dict:
    return {
        "name": "Self-admitted technical debt in Java comments (Maldonado et al., TSE 2017), corrected by Jitterbug (TSE 2020)",
        "source": "github.com/ai-se/Jitterbug (labels and texts); github.com/maldonado/tse.satd.data (origin, no licence stated)",
        "licence": "MIT (Jitterbug's copy); the comments belong to open-source Java projects and are not shipped",
        "rows": len(rows),
        "groups": sorted({row.group for row in rows}),
    }


def describe(rows: list[Row]) -> dict:
    """Counts of a split: rows, rows per project, rows per label ("unknown debt" where the type is unknown)."""
    return {
        "rows": len(rows),
        "groups": dict(sorted(Counter(row.group for row in rows).items())),
        "labels": dict(Counter(row.label or "unknown debt" for row in rows)),
    }
