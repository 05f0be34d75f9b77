"""Measures an exported package on the test projects and writes the figures where people look for them."""

import json
import platform
from pathlib import Path

import numpy as np
import torch

from .card import CARD, percent, render_card
from .data import OTHER_LANGUAGES, Row, letters, read_split
from .metrics import SILENT, debt_scores, exit_scores, has_keyword
from .ordinary import standard_library_comments
from .package import MANIFEST, ModelPackage, digest, write_manifest
from .policies import disagreement, entropy_exits, findings_changed, labels_at, patience_exits
from .train import RECIPE, load_run, predict

ENTROPY_ROWS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
PATIENCE_ROWS = (1, 2, 3, 4, 5)
ORDINARY_TEXTS = 4000
# Characters. Long comments are where debt was suspected for their length alone.
LONG_TEXT = 200


def evaluate(package_folder: Path, prepared: Path, run: Path, results: Path) -> dict:
    """Runs the package on the test rows; writes its quality into model.json and the card, and a report into `results`.

    Where `run` is the finished run the package came from, the float model is compared as well. Returns the report.
    """
    package = ModelPackage(package_folder)
    rows = read_split(prepared, "test")
    sequences = package.tokenise([row.text for row in rows])
    logits = package.logits(sequences)
    probabilities = package.probabilities(logits)

    report = {
        "model": {"name": package.manifest["name"], "version": package.manifest["version"]},
        "exits": score_exits(probabilities, rows),
        "keywordRule": keyword_scores(rows),
        "withoutKeyword": without_keyword(probabilities, rows),
        "policies": score_policies(probabilities, rows, package.task["defaults"]),
        "projects": {},
        "otherLanguages": other_languages(package, prepared),
        "ordinaryComments": ordinary_comments(package, prepared),
        "floatAgreement": float_agreement(package, logits, sequences, run),
    }
    for group in sorted({row.group for row in rows}):
        chosen = [i for i, row in enumerate(rows) if row.group == group]
        part = [rows[i] for i in chosen]
        report["projects"][group] = {"exits": score_exits(probabilities[:, chosen], part), "keywordRule": keyword_scores(part)}
    report = _rounded(report)

    quality = package.task["quality"]
    quality.update({key: report[key] for key in ("exits", "keywordRule", "policies")})
    write_manifest(package_folder, package.manifest)
    (package_folder / CARD).write_text(render_card(package.manifest), encoding="utf-8")
    results.mkdir(parents=True, exist_ok=True)
    name = package.task["id"]
    (results / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    text = render_report(report, package.task)
    (results / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"written: {package_folder / MANIFEST}, {package_folder / CARD}, {results / name}.md and .json")
    return report


def score_exits(probabilities: np.ndarray, rows: list[Row]) -> list[dict]:
    """Scores of each exit, from probabilities [exits, texts, labels]."""
    return [{"exit": number, **exit_scores(at_exit, rows)} for number, at_exit in enumerate(probabilities)]


def keyword_scores(rows: list[Row]) -> dict:
    """Debt scores of the keyword rule."""
    return debt_scores(np.array([has_keyword(row) for row in rows]), np.array([row.is_debt for row in rows]))


def without_keyword(probabilities: np.ndarray, rows: list[Row]) -> dict:
    """Debt scores of each exit on the rows in which the keyword rule finds nothing."""
    chosen = [i for i, row in enumerate(rows) if not has_keyword(row)]
    debt = np.array([rows[i].is_debt for i in chosen])
    answers = probabilities[:, chosen].argmax(axis=-1)
    return {
        "rows": len(chosen),
        "debt": int(debt.sum()),
        "exits": [{"exit": number, **debt_scores(at_exit != SILENT, debt)} for number, at_exit in enumerate(answers)],
    }


def score_policies(probabilities: np.ndarray, rows: list[Row], defaults: dict) -> list[dict]:
    """One row for each threshold of each policy, the defaults among them, and one for full depth."""
    full = probabilities[-1].argmax(axis=1)
    debt = np.array([row.is_debt for row in rows])
    choices = [("entropy", t, entropy_exits(probabilities, t)) for t in sorted({*ENTROPY_ROWS, defaults["entropy"]})]
    choices += [("patience", t, patience_exits(probabilities, t)) for t in sorted({*PATIENCE_ROWS, defaults["patience"]})]
    choices.append(("full", 0, np.full(len(rows), len(probabilities) - 1)))
    scored = []
    for policy, threshold, exits in choices:
        answers = labels_at(probabilities, exits)
        scored.append(
            {
                "policy": policy,
                "threshold": threshold,
                "meanExit": float(exits.mean()),
                "debtF1": debt_scores(answers != SILENT, debt)["debtF1"],
                "disagreement": disagreement(answers, full),
                "findingsChanged": findings_changed(answers, full, SILENT),
            }
        )
    return scored


def other_languages(package: ModelPackage, prepared: Path) -> dict | None:
    """Recall of debt in other languages, per source and exit; None where that data was not there."""
    if not (prepared / f"{OTHER_LANGUAGES}.jsonl").is_file():
        return None
    rows = read_split(prepared, OTHER_LANGUAGES)
    found = package.logits(package.tokenise([row.text for row in rows])).argmax(axis=-1) != SILENT
    groups = np.array([row.group for row in rows])
    return {
        group: {
            "rows": int((groups == group).sum()),
            "recall": found[:, groups == group].mean(axis=1).tolist(),
            "keywordRule": float(np.mean([has_keyword(row) for row in rows if row.group == group])),
        }
        for group in sorted(set(groups))
    }


def ordinary_comments(package: ModelPackage, prepared: Path) -> dict:
    """Share of ordinary comments that each exit calls debt, of all and of the long ones.

    They are a sample of the standard library's comments and docstrings without any cue of debt. Every machine has them
    and training never saw them; the texts depend on the version of Python, which is named.
    """
    seen = {letters(row.text) for row in read_split(prepared, "train")}
    texts = standard_library_comments(seen, ORDINARY_TEXTS)
    flagged = package.logits(package.tokenise(texts)).argmax(axis=-1) != SILENT
    long = np.array([len(text) >= LONG_TEXT for text in texts])
    return {
        "python": platform.python_version(),
        "rows": len(texts),
        "flagged": flagged.mean(axis=1).tolist(),
        "longRows": int(long.sum()),
        "longFlagged": (flagged[:, long].sum(axis=1) / max(1, long.sum())).tolist(),
    }


def float_agreement(package: ModelPackage, logits: np.ndarray, sequences: list[list[int]], run: Path) -> list[float] | None:
    """Share of test texts on which the package and the float model of its run give the same label, per exit."""
    trained = package.manifest["recipe"]["training"]["weightsSha256"]
    if not (run / RECIPE).is_file() or digest(run / "model.safetensors")["sha256"] != trained:
        print(f"{run} is not the run this package came from: the comparison with the float model is left out")
        return None
    model, exit0, _ = load_run(run)
    with torch.no_grad():
        reference = np.stack([exit0(sequences).numpy(), *(x.numpy() for x in predict(model, sequences))])
    return (reference.argmax(axis=-1) == logits.argmax(axis=-1)).mean(axis=1).tolist()


def render_report(report: dict, task: dict) -> str:
    """The report as Markdown, all figures in percent but exits and thresholds."""
    split = task["quality"]["split"]
    exits = report["exits"]
    lines = [
        f"# {task['id']}: measured quality of {report['model']['name']} {report['model']['version']}",
        "",
        "Written by `python -m glance_training evaluate`, from the exported int8 package in ONNX Runtime. Figures in percent. Debt "
        "precision, recall and F1 are binary, on corrected labels; accuracy, macro F1 (labels that occur in the rows) and ECE "
        "leave out rows whose type of debt is unknown.",
        "",
        f"Test: {', '.join(split['test'])} ({exits[0]['rows']} comments). Calibration: {', '.join(split['calibration'])}. "
        f"Training: {', '.join(split['train'])}.",
        "",
        "## Exits",
        "",
        *_exit_table(exits, report["keywordRule"]),
    ]
    for group, scores in report["projects"].items():
        lines += ["", f"### {group} ({scores['exits'][0]['rows']} comments)", "", *_exit_table(scores["exits"], scores["keywordRule"])]
    without = report["withoutKeyword"]
    lines += [
        "",
        "## Debt without a keyword",
        "",
        f"{without['rows']} comments without todo, fixme, hack or xxx, {without['debt']} of them debt.",
        "",
        "| exit | precision | recall | F1 |",
        "| --- | --- | --- | --- |",
        *(f"| {e['exit']} | {percent(e['debtPrecision'])} | {percent(e['debtRecall'])} | {percent(e['debtF1'])} |" for e in without["exits"]),
        "",
        "## Leaving early",
        "",
        f"Defaults of the package: entropy {task['defaults']['entropy']:g} nats, patience {task['defaults']['patience']}. Disagreement and "
        "findings changed compare with the last exit, per text and per finding.",
        "",
        "| policy | threshold | mean exit | debt F1 | disagreement | findings changed |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for p in report["policies"]:
        shares = " | ".join(percent(p[key]) for key in ("debtF1", "disagreement", "findingsChanged"))
        lines.append(f"| {p['policy']} | {p['threshold']:g} | {p['meanExit']:.2f} | {shares} |")
    if report["floatAgreement"]:
        lines += ["", "## Int8 against float32", "", "Same label, per exit from exit 0: " + ", ".join(map(percent, report["floatAgreement"])) + "."]
    if report["otherLanguages"]:
        lines += ["", "## Recall of debt in other languages", "", "| source | comments | exits 0 to the last | keyword rule |", "| --- | --- | --- | --- |"]
        for group, scores in report["otherLanguages"].items():
            lines.append(f"| {group} | {scores['rows']} | {', '.join(map(percent, scores['recall']))} | {percent(scores['keywordRule'])} |")
    ordinary = report["ordinaryComments"]
    lines += [
        "",
        "## Ordinary comments flagged",
        "",
        f"Comments and docstrings of the standard library of Python {ordinary['python']} (a sample), without any word that debt is admitted "
        "with, none of them seen in training. Share called debt:",
        "",
        "| texts | comments | exits 0 to the last |",
        "| --- | --- | --- |",
        f"| all | {ordinary['rows']} | {', '.join(map(percent, ordinary['flagged']))} |",
        f"| of {LONG_TEXT} characters or more | {ordinary['longRows']} | {', '.join(map(percent, ordinary['longFlagged']))} |",
    ]
    return "\n".join(lines) + "\n"


def _exit_table(exits: list[dict], rule: dict) -> list[str]:
    keys = ("debtPrecision", "debtRecall", "debtF1", "accuracy", "macroF1", "expectedCalibrationError")
    lines = ["| exit | precision | recall | F1 | accuracy | macro F1 | ECE |", "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [f"| {e['exit']} | " + " | ".join(percent(e[key]) for key in keys) + " |" for e in exits]
    return [*lines, "| keyword rule | " + " | ".join(percent(rule[key]) for key in keys[:3]) + " | | | |"]


def _rounded(value):
    """The same structure with floats to four decimals."""
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return round(value, 4) if isinstance(value, float) else value
