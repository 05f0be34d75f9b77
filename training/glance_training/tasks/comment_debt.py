"""comment-debt: the technical debt that a comment admits.

Source: satd.jsonl (Maldonado et al., TSE 2017, with the corrected binary labels of Jitterbug, TSE 2020).
"""

import random
from pathlib import Path

from ..json_lines import read_json_lines, require
from ..markers import strip_markers
from ..task import DISTILLATION, UNLABELLED, Row, Task, TaskData, letters, split_by_group
from ..unlabelled import unlabelled_comments
from ..weak_labels import all_comments, weak_labels

TASK = Task(
    id="comment-debt",
    labels=("none", "design", "requirement", "defect", "test", "documentation"),
    silent_label="none",
    epochs=4,
    # With 0.5 half of the training's weight was debt, and the model found too much of it.
    weight_power=0.25,
)
DEBT_LABELS = TASK.labels[1:]
MAIN_FILE = "satd.jsonl"
LABEL_OF_SOURCE = {
    "WITHOUT_CLASSIFICATION": "none",
    "DESIGN": "design",
    "IMPLEMENTATION": "requirement",
    "DEFECT": "defect",
    "TEST": "test",
    "DOCUMENTATION": "documentation",
}
# (calibration, test) of each fold: over all folds every project is tested once, by a model that never saw it. Fold 0 ships.
FOLDS = (
    (("hibernate-distribution-3.3.2.GA",), ("columba-1.4-src", "jEdit-4.2")),
    (("columba-1.4-src",), ("emf-2.4.1", "jfreechart-1.0.19")),
    (("jEdit-4.2",), ("argouml", "sql12")),
    (("sql12",), ("apache-ant-1.7.0", "hibernate-distribution-3.3.2.GA")),
)
OTHER_LANGUAGES_FILE = "satd_python_c.jsonl"
OTHER_LANGUAGES = "other-languages"
NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"
# Of the rows without debt: the mined ordinary comments take the place of the rest.
MAXIMUM_LABELLED_NONE = 12_000
# What people mark debt with, around the text of a comment. Training rows without debt are repeated with one of them.
MARKED = (
    "TODO: {}", "TODO {}", "todo: {}", "@todo {}", "{} TODO", "FIXME: {}", "FIXME {}", "**FIXME** {}", "fixme: {}", "{} FIXME",
    "XXX {}", "XXX: {}", "HACK: {}", "hack: {}",
)
MARKED_ROWS = 800
SEED = 0


def row_of_record(record: dict) -> Row:
    """Turns a record of satd.jsonl into a row.

    Jitterbug's authors re-read comments labelled as no debt and found debt in some (`bin_corrected`). Their
    type is unknown, so such a row allows every debt label.
    """
    label = LABEL_OF_SOURCE[record["label"]]
    unknown_debt = label == TASK.silent_label and record["bin_corrected"] == "SATD"
    return Row(record["id"], strip_markers(record["text"]), DEBT_LABELS if unknown_debt else (label,), record["group"])


def is_debt(row: Row) -> bool:
    return TASK.silent_label not in row.labels


def read(data: Path, fold: int) -> TaskData:
    """The labelled and weakly labelled comments; further splits are debt in other languages and comments without labels."""
    rows = [row_of_record(record) for record in read_json_lines(require(data, MAIN_FILE))]
    calibration, test = FOLDS[fold]
    splits = split_by_group(rows, set(calibration), set(test))
    trained = splits["train"]
    seen = {letters(row.text) for split in splits.values() for row in split}
    labelled = cap_none(trained, MAXIMUM_LABELLED_NONE)
    weak, sources = weak_rows(data, seen)
    marked = marked_rows(labelled + weak, seen)
    splits["train"] = labelled + weak + marked
    splits[UNLABELLED] = unlabelled_comments(NODE_MODULES, seen)
    if (data / OTHER_LANGUAGES_FILE).is_file():
        splits[OTHER_LANGUAGES] = [
            Row(record["id"], strip_markers(record["text"]), DEBT_LABELS, record.get("kind", record["group"]))
            for record in read_json_lines(data / OTHER_LANGUAGES_FILE)
            if record["bin"] == "SATD"
        ]
    splits[DISTILLATION] = distillation_rows(trained, [row for split in splits.values() for row in split])
    derived = (
        _derived_source("Rows of the sources above without debt, repeated with a mark of debt", marked),
        _derived_source("Other comments of the sources above, without labels: exit 0 learns the encoder's answers on them", splits[DISTILLATION]),
    )
    return TaskData(TASK, splits, [_labelled_source(labelled), *sources, *derived])


def cap_none(rows: list[Row], maximum: int) -> list[Row]:
    """All debt and a sample of at most `maximum` rows without, in their order."""
    none = [i for i, row in enumerate(rows) if not is_debt(row)]
    kept = set(random.Random(SEED).sample(none, min(maximum, len(none))))
    return [row for i, row in enumerate(rows) if is_debt(row) or i in kept]


def weak_rows(data: Path, seen: set[str]) -> tuple[list[Row], list[dict]]:
    """Weakly labelled rows, and their sources for the manifest. `seen`: letters of texts to leave out; it grows."""
    rows: list[Row] = []
    sources: dict[str, dict] = {}
    for facts, mined in weak_labels(data, seen, SEED):
        group = facts["source"]
        entry = sources.setdefault(group, {"name": "Comments of packages, labelled by rules and unread", **facts, "rows": 0, "groups": [group]})
        for labels, texts in (((TASK.silent_label,), mined.ordinary), (DEBT_LABELS, mined.marked)):
            rows += [Row(f"weak-{len(rows) + i}", text, labels, group, weak=True) for i, text in enumerate(texts)]
            entry["rows"] += len(texts)
    return rows, list(sources.values())


def marked_rows(rows: list[Row], seen: set[str]) -> list[Row]:
    """A sample of the rows without debt, marked as debt: what a mark means, in whatever text it stands.

    `seen`: letters of texts to leave out.
    """
    generator = random.Random(SEED)
    none = [row for row in rows if not is_debt(row)]
    chosen = generator.sample(none, min(MARKED_ROWS, len(none)))
    marked = [(generator.choice(MARKED).replace("{}", row.text), row.group) for row in chosen]
    return [
        Row(f"marked-{number}", text, DEBT_LABELS, group, weak=True)
        for number, (text, group) in enumerate(marked)
        if letters(text) not in seen
    ]


def distillation_rows(trained: list[Row], taken: list[Row]) -> list[Row]:
    """The texts of `trained` (those of the training projects) that are not among `taken`, and all comments of the mined packages, without labels.

    `taken`: rows of all splits, whose texts are left out.
    """
    seen = {letters(row.text) for row in taken}
    left = {letters(row.text): row for row in trained if letters(row.text) not in seen}
    found = [(row.group, row.text) for row in left.values()] + list(all_comments(seen | left.keys()))
    return [Row(f"distillation-{number}", text, (), group) for number, (group, text) in enumerate(found)]


def _labelled_source(rows: list[Row]) -> dict:
    return {
        "name": "Self-admitted technical debt in Java comments (Maldonado et al., TSE 2017), corrected by Jitterbug (TSE 2020)",
        "source": "github.com/ai-se/Jitterbug (labels and texts); github.com/maldonado/tse.satd.data (origin, no licence stated)",
        "licence": "MIT (Jitterbug's copy); the comments belong to open-source Java projects and are not shipped",
        "rows": len(rows),
        "groups": sorted({row.group for row in rows}),
    }


def _derived_source(name: str, rows: list[Row]) -> dict:
    """Facts of rows that were made from those of the other sources."""
    groups = sorted({row.group for row in rows})
    return {"name": name, "source": "the sources above", "licence": "as there", "rows": len(rows), "groups": groups}
