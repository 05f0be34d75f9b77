"""commit-type: the Conventional Commit type of a commit, from its message and the paths it changes.

Source: commits.jsonl, `git log` of repositories under MIT, Apache-2.0, BSD or ISC; the label is the authors' own prefix.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..json_lines import read_json_lines, require
from ..task import PART_SEPARATOR, WHITE_SPACE, Row, Task, TaskData, split_by_group, trim

TASK = Task(
    id="commit-type",
    labels=("feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert"),
    maximum_tokens=96,
    epochs=3,
    weight_power=0.3,
    corrects_priors=True,
)
FILE = "commits.jsonl"
MAXIMUM_PATHS = 6
MAXIMUM_PATH_LENGTH = 90
PREFIX = re.compile(
    # The editor's regular expression ignores case by Unicode's simple folding, in which the long s is an s. Python's
    # would take the dotless i for an i, too.
    r"^(?:feat|feature|fix|bugfix|hotfix|docs?|style|styles|refactor|refac|perf|performance|tests?|build|ci|chore|revert)".replace("s", "[s\u017f]")
    + rf"(?:\([^)]*\))?!?:[{WHITE_SPACE}]*",
    re.IGNORECASE | re.ASCII,
)
# (calibration, test) repositories. Calibration wants many repositories, so it takes the middling ones.
FOLDS = (
    (
        (
            "conventional-changelog/commitlint", "conventional-changelog/conventional-changelog", "docker-mailserver/docker-mailserver",
            "go-task/task", "googleapis/release-please", "kubescape/kubescape", "open-telemetry/opentelemetry-ruby", "orhun/git-cliff",
            "python-semantic-release/python-semantic-release", "ratatui-org/ratatui", "semantic-release/semantic-release",
        ),
        ("helm/helm", "litestar-org/litestar", "napi-rs/napi-rs", "neovim/nvim-lspconfig", "open-feature/dotnet-sdk"),
    ),
)
# Training rows of one label; the data has more of the frequent ones than the model gains from.
MAXIMUM_PER_LABEL = {"fix": 10_000, "feat": 8_000, "docs": 6_000, "chore": 6_000}
# An editor does not always know the paths.
WITHOUT_PATHS = 0.15
SEED = 0


def compose(message: str, paths: Sequence[str] = ()) -> str:
    """The model's input: subject, paths and body, joined by separators. A type that the subject begins with is cut."""
    subject, _, body = message.partition("\n")
    subject = PREFIX.sub("", trim(subject), count=1)
    shown = " ".join(path[-MAXIMUM_PATH_LENGTH:] for path in paths[:MAXIMUM_PATHS])
    return PART_SEPARATOR.join((subject, shown, trim(body)))


def read(data: Path, fold: int) -> TaskData:
    """The commits, their frequent types cut in training, where some lose their paths."""
    rows = [
        Row(record["id"], compose(record["text"], record["paths"]), (record["label"],), record["group"])
        for record in read_json_lines(require(data, FILE))
    ]
    calibration, test = FOLDS[fold]
    splits = split_by_group(rows, set(calibration), set(test))
    splits["train"] = drop_paths(cap_labels(splits["train"]))
    source = {
        "name": "Commits of repositories that follow Conventional Commits, labelled by their authors' prefix",
        "source": "git log of the repositories named",
        "licence": "MIT, Apache-2.0, BSD or ISC repositories; the messages are not shipped",
        "rows": len(splits["train"]),
        "groups": sorted({row.group for row in splits["train"]}),
    }
    return TaskData(TASK, splits, [source])


def cap_labels(rows: list[Row]) -> list[Row]:
    """A sample of at most MAXIMUM_PER_LABEL rows of each label, in their order."""
    generator = random.Random(SEED)
    kept: set[int] = set()
    for label in TASK.labels:
        chosen = [i for i, row in enumerate(rows) if row.label == label]
        kept.update(generator.sample(chosen, min(len(chosen), MAXIMUM_PER_LABEL.get(label, len(chosen)))))
    return [rows[i] for i in sorted(kept)]


def drop_paths(rows: list[Row]) -> list[Row]:
    """The same rows, a share WITHOUT_PATHS of them without their paths."""
    generator = random.Random(SEED)

    def bare(row: Row) -> Row:
        subject, _, body = row.text.split(PART_SEPARATOR, 2)
        return replace(row, text=PART_SEPARATOR.join((subject, "", body)))

    return [bare(row) if generator.random() < WITHOUT_PATHS else row for row in rows]
