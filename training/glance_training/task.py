"""What a task is: its labels, and how its rows are trained."""

from dataclasses import dataclass

# Between the parts of a text (subject, kinds of files, body): the tokenizer turns it into its separator token.
PART_SEPARATOR = " [SEP] "
# Splits beside those for training, calibration and test, of texts without labels: what the promise is calibrated on as well, and measured on, and what
# exit 0 learns the encoder's answers from.
UNLABELLED = "unlabelled"
UNLABELLED_TEST = "unlabelled-test"
DISTILLATION = "distillation"
# Between a group and what sets some of its texts apart: they are counted by themselves, and never without the rest of the group on the other side of a split.
VARIANT = " | "
# What JavaScript's trim() removes and its \s matches. Python's strip() and \s take U+001C to U+001F and U+0085 as well and
# leave U+FEFF; the editor must compose the same texts.
WHITE_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


@dataclass(frozen=True)
class Task:
    """One task of the model. Ids and labels are a contract with everything that reads a package."""

    id: str
    labels: tuple[str, ...]
    # Whether several labels may hold (a sigmoid per label) or exactly one does (a softmax over them).
    multi_label: bool = False
    # The label of texts that users are not told about.
    silent_label: str | None = None
    # Longer inputs are cut; [CLS] and [SEP] count.
    maximum_tokens: int = 128
    # Passes over the task's rows in a joint training.
    epochs: int = 3
    # Rows weigh (share of their labels) ** -weight_power: rare labels count more.
    weight_power: float = 0.5
    # Share of the training targets that a second opinion has (second_opinion.py): where the groups' labels differ by their habits.
    second_opinion: float = 0.0
    # Whether `export` corrects the labels' frequencies by calibration texts: where those are of many projects, and training has others
    # (by its weights and caps).
    corrects_priors: bool = False
    # Whether the task is part of the package, or measured only.
    ships: bool = True


@dataclass(frozen=True)
class Row:
    """One text, as the model reads it.

    `labels` are those that hold. In a task with one label, several mean that one of them holds and nobody knows which.
    `known` are the labels that were looked for (None: all); a multi-label row says nothing about the others.
    """

    id: str
    text: str
    labels: tuple[str, ...]
    group: str
    known: tuple[str, ...] | None = None
    # Labelled by a rule, unread. For training alone.
    weak: bool = False

    @property
    def label(self) -> str | None:
        """The label where exactly one holds, else None."""
        return self.labels[0] if len(self.labels) == 1 else None


@dataclass(frozen=True)
class TaskData:
    """A task's rows by split, and where they come from (for the manifest)."""

    task: Task
    splits: dict[str, list[Row]]
    sources: list[dict]


def trim(text: str) -> str:
    """The text without the white space around it, as the editor trims."""
    return text.strip(WHITE_SPACE)


def letters(text: str) -> str:
    """The letters of a text in lower case: two texts that agree in them count as the same text."""
    return "".join(character for character in text.lower() if character.isalpha())


def split_by_group(rows: list[Row], calibration: set[str], test: set[str]) -> dict[str, list[Row]]:
    """Splits by group, never by row, and drops what would leak.

    Training texts that also occur in calibration or test are dropped, and calibration texts that also occur in
    test; texts are compared by their letters alone. The test rows stay as they are.
    """
    tested = [row for row in rows if row.group in test]
    seen = {letters(row.text) for row in tested}
    calibrated = [row for row in rows if row.group in calibration and letters(row.text) not in seen]
    seen |= {letters(row.text) for row in rows if row.group in calibration}
    trained = [row for row in rows if row.group not in calibration | test and letters(row.text) not in seen]
    return {"train": trained, "calibration": calibrated, "test": tested}
