"""commit-type: the Conventional Commit type of a commit, from its message and the paths it changes.

Source: commits.jsonl, `git log` of repositories under MIT, Apache-2.0, BSD or ISC; the label is the authors' own prefix.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..json_lines import read_json_lines, require
from ..task import PART_SEPARATOR, UNLABELLED, UNLABELLED_TEST, VARIANT, WHITE_SPACE, Row, Task, TaskData, split_by_group, trim
from .file_kinds import file_kinds

TASK = Task(
    id="commit-type",
    labels=("feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert"),
    maximum_tokens=96,
    epochs=3,
    weight_power=0.3,
    second_opinion=0.6,
    corrects_priors=True,
)
FILE = "commits.jsonl"
# Changed files whose kinds are read, and characters of a path that are looked at (the data has the last 90).
MAXIMUM_PATHS = 6
MAXIMUM_PATH_LENGTH = 1000
# Characters of subject and body: many more than the model reads.
MAXIMUM_PART_LENGTH = 10_000
PREFIX = re.compile(
    # The editor's regular expression ignores case by Unicode's simple folding, in which the long s is an s. Python's
    # would take the dotless i for an i, too.
    r"^(?:feat|feature|fix|bugfix|hotfix|docs?|style|styles|refactor|refac|perf|performance|tests?|build|ci|chore|revert)".replace("s", "[s\u017f]")
    + rf"(?:\([^)]*\))?!?:[{WHITE_SPACE}]*",
    re.IGNORECASE | re.ASCII,
)
# The number that a forge puts behind a subject: the data has none.
FORGE_NUMBER = re.compile(rf"(?<![{WHITE_SPACE}])[{WHITE_SPACE}]*\(#[0-9]+\)\Z")
# What says nothing of the type, and takes many tokens to say it: the targets of Markdown links, addresses, and hashes of commits. A hash has
# a letter and a digit, so that neither a word nor a number is taken for one. (`\s` is spelt out: the editor's matches other characters than Python's.)
LINK = re.compile(rf"\[([^\]\n]{{0,200}})\]\([^){WHITE_SPACE}]{{1,400}}\)")
ADDRESS = re.compile(rf"https?://[^{WHITE_SPACE}<>)\]]+")
HASH = re.compile(r"\b(?=[a-f]{0,63}[0-9])(?=[0-9]{0,63}[a-f])[0-9a-f]{7,64}\b", re.ASCII)
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
    """The model's input: subject, kinds of the first changed files, and body, joined by separators.

    The paths themselves are not read: a repository's names for its folders say what its own commits are called, and mislead about the
    next repository's. A type that the subject begins with is cut, the number of a forge that it ends with, and the targets of links, addresses and hashes.
    """
    subject, _, body = message.partition("\n")
    subject = FORGE_NUMBER.sub("", PREFIX.sub("", trim(subject), count=1))
    shown = [path[-MAXIMUM_PATH_LENGTH:].replace("\\", "/") for path in paths[:MAXIMUM_PATHS]]
    return PART_SEPARATOR.join((without_references(subject), file_kinds(shown), without_references(trim(body))))


def without_references(text: str) -> str:
    """The text of its links, and neither addresses nor hashes; of a very long one the beginning."""
    return HASH.sub("", ADDRESS.sub("", LINK.sub(r"\1", text[:MAXIMUM_PART_LENGTH])))


def read(data: Path, fold: int) -> TaskData:
    """The commits, their frequent types cut in training, where some lose their paths; what the promise is about beside them are their copies without."""
    rows = [
        Row(record["id"], compose(record["text"], record["paths"]), (record["label"],), record["group"])
        for record in read_json_lines(require(data, FILE))
    ]
    calibration, test = FOLDS[fold]
    splits = split_by_group(rows, set(calibration), set(test))
    splits["train"] = drop_paths(cap_labels(splits["train"]))
    # Messages are classified before anything is staged, too.
    splits[UNLABELLED] = bare_copies(splits["calibration"])
    splits[UNLABELLED_TEST] = bare_copies(splits["test"])
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
    return [without_paths(row) if generator.random() < WITHOUT_PATHS else row for row in rows]


def bare_copies(rows: list[Row]) -> list[Row]:
    """Those of the rows that have paths again, without them: no label is said of them, and they are counted by themselves."""
    copies = [(row, without_paths(row)) for row in rows]
    return [
        replace(bare, id=f"{row.id} without paths", labels=(), group=f"{row.group}{VARIANT}without paths") for row, bare in copies if bare.text != row.text
    ]


def without_paths(row: Row) -> Row:
    """The commit as it is read where its paths are not known."""
    subject, _, body = row.text.split(PART_SEPARATOR, 2)
    return replace(row, text=PART_SEPARATOR.join((subject, "", body)))
