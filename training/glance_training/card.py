"""The model card, README.md of the package: written from the manifest alone, so that no figure is typed by hand."""

from .task import VARIANT

CARD = "README.md"
METRIC_TITLES = {"accuracy": "accuracy", "f1": "F1", "debtF1": "F1 of debt", "macroF1": "macro F1", "weightedF1": "weighted F1"}
USES = {
    "comment-debt": "points out comments that admit technical debt, and its kind",
    "commit-type": "says which Conventional Commit type a change has",
    "doc-section": "says what a section of a README is about",
    "comment-kind": "says what a sentence of a class comment is for; for grouping only",
}
LIMITS = {
    "comment-debt": (
        "Trained for the most part and tested on English comments of Java projects; in other languages recall was measured, and false alarms on the standard library of Python.",
        "The labels are noisy: most were given by one person, and only comments with keywords were read again. That correction favours "
        "the keyword rule.",
        "Rare labels (test, documentation) rest on a few dozen examples.",
    ),
    "commit-type": (
        "The labels are the authors' own prefixes, and projects differ in what they call a chore, a fix or a refactoring.",
        "`docs/results.md` of the repository has a linear classifier over words beside this model.",
    ),
    "doc-section": ("English READMEs of GitHub repositories around 2017; rare categories rest on few examples.",),
    "comment-kind": ("Trained on sentences without capitals and punctuation, of 11 Java and Python projects.",),
}


# What was chosen after a look at the groups that a task is measured on, by task.
CHOSEN = {
    "comment-debt": "how far the logit of `none` may be lowered",
    "commit-type": "to read the kinds of the changed files in place of their paths, the share of the second opinion in the targets, that exit 0 has no teacher, and how much accuracy counts beside macro F1",
    "doc-section": "to train the exits without distillation",
}


def chosen(task: str) -> str:
    """A sentence on what was chosen after a look at the groups that the task is measured on."""
    return f"Chosen after a look at these groups: {CHOSEN[task]}."


def render_card(manifest: dict) -> str:
    """The card as Markdown. Before `evaluate` has run it says that the quality is not measured yet."""
    base, encoder = manifest["baseModel"], manifest["encoder"]
    megabytes = sum(entry["bytes"] for entry in manifest["files"].values()) / 1e6
    parts = [
        f"# {manifest['name']} {manifest['version']}",
        f"{manifest['description']} Licence: {manifest['licence']}.",
        f"An encoder of {encoder['layers']} layers and hidden size {encoder['hiddenSize']} with an exit after each layer, and exit 0, "
        f"which reads hashed tokens alone and whose opinion every other exit adds to its own. {_precision(manifest)} ({megabytes:.1f} MB in all). A text may leave at "
        f"any exit; its answer {'may depend on the texts beside it by the rounding of float16' if _is_float16(manifest) else 'does not depend on the texts beside it'}.",
        *_calibration(manifest),
        "## Intended use",
        "Glance's editor extension and command line, on the user's own machine. It is not fit for judging people or their work: it reads "
        "what a text says, not whether the code is good.",
        *(f"- {task['id']}: {USES[task['id']]}." for task in manifest["tasks"]),
        "## Provenance",
        f"- Base model: {base['name']} ({base['licence']}), from {base['source']}; its first {encoder['layers']} layers.",
    ]
    shipped = {task["id"] for task in manifest["tasks"]}
    for data in manifest["trainingData"]:
        groups = "" if data["groups"] == [data["source"]] else f" of {', '.join(data['groups'])}"
        parts.append(f"- Training data of {data['task']}{'' if data['task'] in shipped else ' (trained with the others, not shipped)'}: {data['name']}: {data['rows']} texts{groups}. Source: {data['source']}. Licence: {data['licence']}.")
    parts += ["- No training text is part of this package.", _recipe(manifest["recipe"]["training"])]
    for task in manifest["tasks"]:
        parts += _task(task)
    parts.append(
        "This file is written by `python -m glance_training evaluate` from `model.json`; `training/README.md` says how to build the package again."
    )
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"


def _is_float16(manifest: dict) -> bool:
    return manifest["encoder"].get("precision") == "float16"


def _precision(manifest: dict) -> str:
    return "Its graphs reckon in 16-bit floats" if _is_float16(manifest) else "Weights and activations are 8-bit integers"


def _calibration(manifest: dict) -> list[str]:
    """Where a float16 package has its calibration from, and what that comes to."""
    if not _is_float16(manifest):
        return []
    source = manifest["calibratedFor"]
    return [
        "## Made for graphics cards",
        "The same layers as the int8 package's, for ONNX Runtime's CUDA and DirectML. On a processor the int8 package is faster.",
        f"Temperatures, certainty heads and the promise are those of {source['name']} {source['version']}, calibrated for its int8 graphs: **the promise was not "
        "calibrated for this package.** Of calibration texts, taken at random and answered by both on a processor, which reckons in 32-bit floats between 16-bit weights, these had another answer, in percent:",
        table(
            ["task", "texts", "at full depth", "at the default promise"],
            [[task["id"], found["texts"], percent(found["fullDepth"]), percent(found["default"])] for task in manifest["tasks"] for found in [task["quality"]["againstInt8"]]],
        ),
    ]


def _recipe(recipe: dict) -> str:
    passes = ", ".join(f"{task} {facts['epochs']}" for task, facts in recipe["tasks"].items())
    return (
        f"- Recipe: {recipe['method']} (RomeBERT: arXiv 2101.09755){', all tasks together' if len(recipe['tasks']) > 1 else ''}, {recipe['steps']} steps of {recipe['batch_size']} texts of "
        f"one task (passes: {passes}), encoder rate {recipe['encoder_lr']:g}, head rate {recipe['head_lr']:g}, seed {recipe['seed']}. All of it "
        "is in `model.json`."
    )


def _task(task: dict) -> list[str]:
    quality = task["quality"]
    split = quality["split"]
    parts = [f"## Task {task['id']}", f"Labels: {', '.join(task['labels'])}{' (several may hold)' if task['multiLabel'] else ''}."]
    if "exits" not in quality:
        return [*parts, "The quality has not been measured yet: run `python -m glance_training evaluate`."]
    name = quality["headline"]
    depth = quality["depth"]
    parts += [
        f"Its last exit is {len(task['temperatures']) - 1}, of the encoder's the best on the calibration texts of all tasks where each layer has to bring {depth['layerWorth']:.0%} (this task's "
        f"exits 0 to the encoder's last: {', '.join(map(percent, depth['calibrationScores']))}).",
        f"Measured on {quality['exits'][0]['rows']} texts of {_names(split['test'])}, which neither training nor calibration saw. Calibrated on "
        f"{_names(split['calibration'] + [group for group in split.get('unlabelled', []) if VARIANT not in group])}. Figures in percent; ECE: expected calibration error of the confidence.",
        table(
            ["exit", METRIC_TITLES[name], "macro F1", "ECE"],
            [[e["exit"], *(percent(e[key]) for key in (name, "macroF1", "expectedCalibrationError"))] for e in quality["exits"]],
        ),
        f"The promise (with {100 * task['promise']['confidence']:g}% confidence, at most this share of the {task['promise']['of']} differs from the full model's), and what it "
        "came to on those texts:",
        table(
            ["promised", "certainty", "differs", "mean exit"],
            [[percent(p["maxDisagreement"]), f"{p['certainty']:.5f}", percent(p["changed"]), f"{p['meanExit']:.2f}"] for p in quality["promise"]],
        )
        if quality["promise"]
        else "The calibration data supports no promise below full depth.",
        "Limits:",
        *(f"- {limit}" for limit in (*LIMITS[task["id"]], *([chosen(task["id"])] if task["id"] in CHOSEN else []))),
    ]
    return parts


def _names(groups: list[str]) -> str:
    return ", ".join(groups) if len(groups) <= 20 else f"{len(groups)} projects"


def table(head: list, rows: list[list]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in (head, ["---"] * len(head), *rows))


def percent(share: float | None) -> str:
    """0.1234 -> "12.3"; "-" where there is none."""
    return "-" if share is None else f"{100 * share:.1f}"


def signed(points: float) -> str:
    """One decimal with a sign, never -0.0."""
    return f"{round(points, 1) + 0.0:+.1f}"
