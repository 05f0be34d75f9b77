"""GLUE's SST-2, MRPC and RTE: for comparing recipes with published curves, never for weights that ship."""

import random
from collections.abc import Callable
from pathlib import Path

from ..json_lines import read_json_lines, require
from ..task import PART_SEPARATOR, Row, Task, TaskData

SST2 = Task(id="sst-2", labels=("negative", "positive"), maximum_tokens=64, epochs=1, weight_power=0.0)
MRPC = Task(id="mrpc", labels=("not_equivalent", "equivalent"), maximum_tokens=128, epochs=3, weight_power=0.0)
RTE = Task(id="rte", labels=("not_entailment", "entailment"), maximum_tokens=128, epochs=3, weight_power=0.0)


def reader(task: Task, file: str) -> Callable[[Path, int], TaskData]:
    """A reader of one GLUE file. There is one split: the development set is the test set, as in the papers."""

    def read(data: Path, fold: int) -> TaskData:
        splits: dict[str, list[Row]] = {"train": [], "calibration": [], "test": []}
        for number, record in enumerate(read_json_lines(require(data, file))):
            split = {"train": "train", "dev": "test"}.get(record["split"])
            if split:
                text = PART_SEPARATOR.join(part for part in (record["text"], record.get("text_b")) if part)
                splits[split].append(Row(record.get("id", str(number)), text, (record["label"],), task.id))
        random.Random(0).shuffle(splits["train"])
        return TaskData(task, splits, [])

    return read
