"""Reads JSON Lines files."""

import json
from pathlib import Path

from . import UserError


def require(folder: Path, name: str) -> Path:
    """The file's path. Raises UserError where it is not there."""
    path = folder / name
    if not path.is_file():
        raise UserError(f"{name} is not in {folder}. Give the folder that holds it with --data (training/README.md says where it comes from).")
    return path


def read_json_lines(path: Path) -> list[dict]:
    records = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise UserError(f"{path}, line {number}: not JSON ({error.msg}).") from None
    return records
