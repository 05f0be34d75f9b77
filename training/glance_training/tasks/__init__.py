"""The tasks, and the readers of their data."""

from collections.abc import Callable
from pathlib import Path

from . import comment_debt, comment_kind, commit_type, doc_section, glue
from ..task import Task, TaskData

Reader = Callable[[Path, int], TaskData]

# This project's own, the program's default first: what one encoder is trained for.
PROJECT_TASKS: tuple[Task, ...] = (comment_debt.TASK, commit_type.TASK, doc_section.TASK, comment_kind.TASK)
TASKS: dict[str, Task] = {task.id: task for task in (*PROJECT_TASKS, glue.SST2, glue.MRPC, glue.RTE)}
READERS: dict[str, Reader] = {
    comment_debt.TASK.id: comment_debt.read,
    commit_type.TASK.id: commit_type.read,
    doc_section.TASK.id: doc_section.read,
    comment_kind.TASK.id: comment_kind.read,
    glue.SST2.id: glue.reader(glue.SST2, "glue_sst2.jsonl"),
    glue.MRPC.id: glue.reader(glue.MRPC, "glue_mrpc.jsonl"),
    glue.RTE.id: glue.reader(glue.RTE, "glue_rte.jsonl"),
}
FOLDS: dict[str, int] = {
    task.id: len(module.FOLDS)
    for task, module in zip(PROJECT_TASKS, (comment_debt, commit_type, doc_section, comment_kind))
}
