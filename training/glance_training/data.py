"""The comment-debt data: rows, labels, and a split by project that keeps look-alike texts apart.

Source: satd.jsonl (Maldonado et al., TSE 2017, with the corrected binary labels of Jitterbug, TSE 2020).
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from . import UserError
from .markers import strip_markers

TASK = "comment-debt"
LABELS = ("none", "design", "requirement", "defect", "test", "documentation")
SILENT_LABEL = "none"
DEBT_LABELS = LABELS[1:]
LABEL_OF_SOURCE = {
    "WITHOUT_CLASSIFICATION": "none",
    "DESIGN": "design",
    "IMPLEMENTATION": "requirement",
    "DEFECT": "defect",
    "TEST": "test",
    "DOCUMENTATION": "documentation",
}
TEST_GROUPS = ("columba-1.4-src", "jEdit-4.2")
CALIBRATION_GROUPS = ("hibernate-distribution-3.3.2.GA",)
SPLITS = ("train", "calibration", "test")

MAIN_FILE = "satd.jsonl"
OTHER_LANGUAGES_FILE = "satd_python_c.jsonl"
OTHER_LANGUAGES = "other-languages"


@dataclass(frozen=True)
class Row:
    """One comment. `allowed` holds the labels that may be true: one, or all debt labels where the type is unknown."""

    id: str
    text: str
    allowed: tuple[str, ...]
    group: str
    # A weak negative: taken for no debt without anyone having read it. For training alone.
    weak: bool = False

    @property
    def label(self) -> str | None:
        """The label where it is known, else None."""
        return self.allowed[0] if len(self.allowed) == 1 else None

    @property
    def is_debt(self) -> bool:
        return SILENT_LABEL not in self.allowed


def letters(text: str) -> str:
    """The letters of a text in lower case: two texts that agree in them count as the same text."""
    return "".join(character for character in text.lower() if character.isalpha())


def row_of_record(record: dict) -> Row:
    """Turns a record of satd.jsonl into a row.

    Jitterbug's authors re-read comments labelled as no debt and found debt in some (`bin_corrected`). Their
    type is unknown, so such a row allows every debt label.
    """
    label = LABEL_OF_SOURCE[record["label"]]
    unknown_debt = label == SILENT_LABEL and record["bin_corrected"] == "SATD"
    return Row(record["id"], strip_markers(record["text"]), DEBT_LABELS if unknown_debt else (label,), record["group"])


def split_rows(rows: list[Row]) -> dict[str, list[Row]]:
    """Splits by project, never by row, and drops what would leak.

    Training texts that also occur in calibration or test are dropped, and calibration texts that also occur in
    test; texts are compared by their letters alone. The test rows stay as they are.
    """
    test = [row for row in rows if row.group in TEST_GROUPS]
    seen = {letters(row.text) for row in test}
    calibration = [row for row in rows if row.group in CALIBRATION_GROUPS and letters(row.text) not in seen]
    seen |= {letters(row.text) for row in rows if row.group in CALIBRATION_GROUPS}
    held_out = {*TEST_GROUPS, *CALIBRATION_GROUPS}
    train = [row for row in rows if row.group not in held_out and letters(row.text) not in seen]
    return {"train": train, "calibration": calibration, "test": test}


def read_split(folder: Path, name: str) -> list[Row]:
    """Reads one split that `prepare` wrote."""
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        raise UserError(f"{path} is missing. Run `python -m glance_training prepare` first.")
    return [Row(**{**record, "allowed": tuple(record["allowed"])}) for record in read_json_lines(path)]


def read_json_lines(path: Path) -> list[dict]:
    records = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise UserError(f"{path}, line {number}: not JSON ({error.msg}).") from None
    return records


def load_tokenizer(path: Path, maximum_tokens: int) -> Tokenizer:
    """Loads a tokenizer that keeps at most `maximum_tokens` ids ([CLS] and [SEP] included) and does not pad."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(maximum_tokens)
    return tokenizer


def allowed_matrix(rows: list[Row]) -> np.ndarray:
    """Bool [rows, labels]: true where the label may be the row's."""
    return np.array([[label in row.allowed for label in LABELS] for row in rows], dtype=bool).reshape(-1, len(LABELS))


def row_weights(rows: list[Row], power: float) -> np.ndarray:
    """Float32 [rows]: (share of the row's set of labels) ** -power, scaled to a mean of 1 over the rows.

    Rare labels weigh more; a power of 0 weighs all rows alike.
    """
    counts = Counter(row.allowed for row in rows)
    weights = np.array([counts[row.allowed] ** -power for row in rows], dtype=np.float64)
    return (weights / weights.mean()).astype(np.float32)


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
