"""Rows as numbers: prepared splits, targets, weights and batches."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from . import UserError
from .json_lines import read_json_lines
from .task import DISTILLATION, UNLABELLED, UNLABELLED_TEST, Row, Task


@dataclass(frozen=True)
class Targets:
    """What is known of the rows' labels, both bool [rows, labels]."""

    # One-label tasks: the labels that may be true. Multi-label tasks: those that hold.
    holds: np.ndarray
    # Whether the label was looked for; all true in one-label tasks.
    known: np.ndarray


def read_split(prepared: Path, task: Task, name: str) -> list[Row]:
    """Reads one split that `prepare` wrote."""
    path = prepared / task.id / f"{name}.jsonl"
    if not path.is_file():
        raise UserError(f"{path} is missing. Run `python -m glance_training prepare` first.")
    return [
        Row(**{**record, "labels": tuple(record["labels"]), "known": record["known"] and tuple(record["known"])}) for record in read_json_lines(path)
    ]


def read_promise_rows(prepared: Path, task: Task) -> list[Row]:
    """The texts that the promise is calibrated on: the calibration split, then, where there are any, texts without labels.

    No label is needed to tell whether the last exit answers differently.
    """
    return read_split(prepared, task, "calibration") + _read_optional(prepared, task, UNLABELLED)


def read_promise_test_rows(prepared: Path, task: Task) -> list[Row]:
    """The texts without labels that the promise is measured on beside the test split; a task may have none."""
    return _read_optional(prepared, task, UNLABELLED_TEST)


def read_distillation_rows(prepared: Path, task: Task) -> list[Row]:
    """The texts without labels that teach exit 0 the encoder's answers beside the training split's; a task may have none."""
    return _read_optional(prepared, task, DISTILLATION)


def _read_optional(prepared: Path, task: Task, name: str) -> list[Row]:
    return read_split(prepared, task, name) if (prepared / task.id / f"{name}.jsonl").is_file() else []


def read_summary(prepared: Path, task: Task) -> dict:
    """Sources, counts and the hash of the training split, as `prepare` wrote them."""
    path = prepared / task.id / "summary.json"
    if not path.is_file():
        raise UserError(f"{path} is missing. Run `python -m glance_training prepare` first.")
    return json.loads(path.read_text(encoding="utf-8"))


def targets_of(task: Task, rows: list[Row]) -> Targets:
    holds = np.array([[label in row.labels for label in task.labels] for row in rows], dtype=bool).reshape(-1, len(task.labels))
    known = np.array([[row.known is None or label in row.known for label in task.labels] for row in rows], dtype=bool)
    return Targets(holds, known.reshape(-1, len(task.labels)))


def row_weights(rows: list[Row], power: float) -> np.ndarray:
    """Float32 [rows]: (share of the row's set of labels) ** -power, scaled to a mean of 1 over the rows.

    Rare labels weigh more; a power of 0 weighs all rows alike.
    """
    counts = Counter(row.labels for row in rows)
    weights = np.array([counts[row.labels] ** -power for row in rows], dtype=np.float64)
    return (weights / weights.mean()).astype(np.float32)


def load_tokenizer(path: Path) -> Tokenizer:
    """Loads a tokenizer that neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def tokenise(tokenizer: Tokenizer, texts: list[str], maximum_tokens: int) -> list[list[int]]:
    """Token ids of each text, [CLS] first and [SEP] last, at most `maximum_tokens` of them."""
    tokenizer.enable_truncation(maximum_tokens)
    sequences = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    tokenizer.no_truncation()
    return sequences


def plan_batches(lengths: list[int], size: int, generator: np.random.Generator) -> list[np.ndarray]:
    """Shuffled batches of row numbers, each of rows of like length, so that little padding is computed."""
    order = generator.permutation(len(lengths))
    lengths = np.asarray(lengths)
    batches = []
    # Sorting within blocks of 50 batches keeps lengths alike and the batches' company random.
    for start in range(0, len(order), size * 50):
        block = order[start : start + size * 50]
        block = block[np.argsort(lengths[block], kind="stable")]
        batches += [block[i : i + size] for i in range(0, len(block), size)]
    return [batches[i] for i in generator.permutation(len(batches))]


def pad(sequences: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Right-pads id lists with 0. Returns int64 ids [batch, tokens] and the mask of the same shape (1 = token)."""
    width = max(len(sequence) for sequence in sequences)
    ids = np.zeros((len(sequences), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return ids, mask
