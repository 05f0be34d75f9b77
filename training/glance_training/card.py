"""The model card, README.md of the package: written from the manifest alone, so that no figure is typed by hand."""

CARD = "README.md"


def render_card(manifest: dict) -> str:
    """The card as Markdown. Before `evaluate` has run it says that the quality is not measured yet."""
    base, encoder = manifest["baseModel"], manifest["encoder"]
    megabytes = sum(entry["bytes"] for entry in manifest["files"].values()) / 1e6
    parts = [
        f"# {manifest['name']} {manifest['version']}",
        f"{manifest['description']} Licence: {manifest['licence']}.",
        f"An encoder of {encoder['layers']} layers and hidden size {encoder['hiddenSize']} with an exit after each layer, and exit 0, "
        f"which reads hashed tokens alone. Weights and activations are 8-bit integers ({megabytes:.1f} MB in all). A text may leave at "
        "any exit; its answer does not depend on the texts beside it.",
        "## Intended use",
        "Glance's editor extension and command line: pointing out comments that admit technical debt, and its kind, on the user's own "
        "machine. It is not fit for judging people or their work: it reads what a comment says, not whether the code is good.",
        "## Provenance",
        f"- Base model: {base['name']} ({base['licence']}), from {base['source']}.",
    ]
    for data in manifest["trainingData"]:
        groups = "" if data["groups"] == [data["source"]] else f" of {', '.join(data['groups'])}"
        parts.append(f"- Training data: {data['name']}: {data['rows']} comments{groups}. Source: {data['source']}. Licence: {data['licence']}.")
    parts += ["- No training text is part of this package.", _recipe(manifest["recipe"]["training"])]
    for task in manifest["tasks"]:
        parts += _task(task)
    parts.append(
        "This file is written by `python -m glance_training evaluate` from `model.json`; `training/README.md` says how to build the package again."
    )
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"


def _recipe(recipe: dict) -> str:
    return (
        f"- Recipe: RomeBERT (arXiv 2101.09755), {recipe['epochs']} epochs ({recipe['steps']} steps of {recipe['batch_size']}), encoder "
        f"rate {recipe['encoder_lr']:g}, head rate {recipe['head_lr']:g}, seed {recipe['seed']}. All of it is in `model.json`."
    )


def _task(task: dict) -> list[str]:
    quality = task["quality"]
    split = quality["split"]
    parts = [
        f"## Task {task['id']}",
        f"Labels: {', '.join(task['labels'])}. Default thresholds: entropy {task['defaults']['entropy']:g} nats, patience "
        f"{task['defaults']['patience']}. Calibrated on {', '.join(split['calibration'])}.",
    ]
    if "exits" not in quality:
        return [*parts, "The quality has not been measured yet: run `python -m glance_training evaluate`."]
    rule = quality["keywordRule"]
    parts += [
        f"Measured on {', '.join(split['test'])} ({quality['exits'][0]['rows']} comments), which neither training nor calibration saw. "
        "Debt scores are binary (any debt label against none) on corrected labels; accuracy, macro F1 and the expected calibration "
        "error (ECE) are over the single labels.",
        _table(
            ["exit", "debt precision", "debt recall", "debt F1", "accuracy", "macro F1", "ECE"],
            [
                [str(e["exit"]), *(percent(e[k]) for k in ("debtPrecision", "debtRecall", "debtF1", "accuracy", "macroF1")), percent(e["expectedCalibrationError"])]
                for e in quality["exits"]
            ]
            + [["keyword rule", *(percent(rule[k]) for k in ("debtPrecision", "debtRecall", "debtF1")), "", "", ""]],
        ),
        "All figures in percent. The keyword rule calls a comment debt when it contains todo, fixme, hack or xxx.",
        "Leaving early (disagreement: answers that differ from exit "
        f"{quality['exits'][-1]['exit']}'s, per text; findings changed: the same, per finding):",
        _table(
            ["policy", "threshold", "mean exit", "debt F1", "disagreement", "findings changed"],
            [
                [p["policy"], f"{p['threshold']:g}", f"{p['meanExit']:.2f}", *(percent(p[k]) for k in ("debtF1", "disagreement", "findingsChanged"))]
                for p in quality["policies"]
            ],
        ),
        "Limits:",
        "- Trained and tested on English comments of Java projects; other languages' comments were tried for recall only.",
        "- The labels are noisy: most were given by one person, and only comments with keywords were read again. That correction favours "
        "the keyword rule.",
        "- Rare labels (test, documentation) rest on a few dozen examples.",
        "- The default thresholds were chosen on a single project; other projects may change more findings than the bound they were chosen by.",
    ]
    return parts


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def percent(share: float) -> str:
    """0.1234 -> "12.3"."""
    return f"{100 * share:.1f}"
