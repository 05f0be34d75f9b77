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


class Record(dict):
    """The object on one line. To ask for a field that it does not have is a UserError, which names the line: the file is the user's."""

    def __init__(self, fields: dict, path: Path, number: int):
        super().__init__(fields)
        self.path, self.number = path, number

    def __missing__(self, field: str):
        raise UserError(f'{self.path}, line {self.number}: there is no "{field}".')


def read_json_lines(path: Path) -> list[Record]:
    """The objects of a file in UTF-8. Raises UserError where a line holds something else."""
    records = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                fields = json.loads(line.decode("utf-8"))
            except UnicodeDecodeError:
                raise UserError(f"{path}, line {number}: not UTF-8.") from None
            except json.JSONDecodeError as error:
                raise UserError(f"{path}, line {number}: not JSON ({error.msg}).") from None
            if not isinstance(fields, dict):
                raise UserError(f"{path}, line {number}: not a JSON object.")
            records.append(Record(fields, path, number))
    return records
