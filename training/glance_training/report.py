"""docs/results.md and its plots, written from the measured files in training/results alone."""

import json
from pathlib import Path
from statistics import median

from . import plots
from .card import CHOSEN, METRIC_TITLES, chosen, percent, signed, table
from .metrics import SILENT_OFFSETS
from .model import EARLIER_POOLING
from .recipes import recipes_section
from .promise import MINIMUM_BLOCK
from .task import VARIANT
from .tasks import comment_debt

PACKAGE_RESULTS = "package.json"
RUNS = "runs"
# Names of runs in training/README.md: folds of the debt task, and tasks trained alone.
FOLD_RUNS = "debt-fold"
ALONE_RUNS = "alone-"
JOINT_RUN = "shipped"
COLOURS = {
    "certainty": plots.VERMILION,
    "entropy": plots.BLUE,
    "max-probability": plots.GREEN,
    "patience": plots.BLACK,
    "pcee": plots.PURPLE,
    "f-pabee": plots.ORANGE,
}
# Shares beyond this are no use to anybody.
PLOTTED_SHARE = 0.2
# Of runs whose results do not say how far the logit of `none` was lowered, in nats.
EARLIER_SILENT_OFFSET = 3.0


def report(results: Path, docs: Path) -> str:
    """Writes results.md and plots/*.svg into `docs` and returns the text."""
    folder = docs / "plots"
    lines = [
        "# Measured results",
        "",
        "Written by `python -m glance_training report` from the files in `training/results`, each of which a command of `training/README.md` "
        "measured. Figures in percent unless said otherwise; intervals are 95% over groups (projects or repositories), by the jackknife. Nothing here "
        "was measured on a group or a text that the model in question was trained on, nor, but for the tables of the calibration groups, calibrated on.",
    ]
    package = _read(results / PACKAGE_RESULTS)
    runs = {path.stem: _read(path) for path in sorted((results / RUNS).glob("*.json"))}
    lines += _package_sections(package, folder) if package else ["", "The package has not been measured yet."]
    lines += _folds_section({name: run for name, run in runs.items() if name.startswith(FOLD_RUNS)}, runs.get(JOINT_RUN))
    lines += _sharing_section(runs)
    lines += _unshipped_section(package, runs)
    lines += recipes_section(results, folder)
    text = "\n".join(lines).rstrip() + "\n"
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "results.md").write_text(text, encoding="utf-8")
    return text


def _package_sections(report: dict, folder: Path) -> list[str]:
    model = report["model"]
    lines = ["", f"## The package: {model['name']} {model['version']}, {model['layers']} layers, int8"]
    for task, found in report["tasks"].items():
        lines += ["", f"### {task}", "", *_exits(found)]
        if task in CHOSEN:
            lines += ["", chosen(task)]
        if "keywordRule" in found["byGroup"]:
            lines += ["", *_debt(found)]
        lines += ["", *_labels(found), "", *_groups(found), *_unseen(found), "", *_promise(found), "", *_leave_one_out(found)]
        plot_policies(task, found, folder / f"policies-{task}.svg")
        lines += [
            "",
            f"![Mean exit against what changes, for every policy, on {task}](plots/policies-{task}.svg)",
            "",
            *_cheapest(found),
        ]
    lines += ["", "### Int8 against float32", "", *_int8(report)]
    return lines


def _exits(found: dict) -> list[str]:
    name = found["headline"]
    rows = [
        [e["exit"], percent(e[name]), _interval(interval), percent(e["macroF1"]), percent(e["expectedCalibrationError"])]
        for e, interval in zip(found["exits"], found["byGroup"]["intervals"])
    ]
    return [
        f"{found['exits'][0]['rows']} texts of {len(found['groups'])} unseen groups: {_names(found['groups'])}.",
        "",
        table(["exit", METRIC_TITLES[name], "interval", "macro F1", "calibration error"], rows),
    ]


def _debt(found: dict) -> list[str]:
    by_group = found["byGroup"]
    rule, without = by_group["keywordRule"], by_group["withoutKeyword"]
    lines = [
        f"The keyword rule (todo, fixme, hack, xxx): precision {percent(rule['precision'])}, recall {percent(rule['recall'])}, F1 {percent(rule['f1'])}.",
        f"Debt without a keyword ({without['debt']} of {without['rows']} comments):",
        "",
        table(
            ["exit", "precision", "recall", "F1"],
            [[number, *(percent(e[key]) for key in ("precision", "recall", "f1"))] for number, e in enumerate(without["exits"])],
        ),
    ]
    other = found.get("otherLanguages")
    if other:
        rows = [[g, s["rows"], ", ".join(map(percent, s["recall"])), percent(s["keywordRule"])] for g, s in other.items()]
        lines += ["", "Recall of debt in other languages:", "", table(["source", "comments", "exits 0 to the last", "keyword rule"], rows)]
    ordinary = found["ordinaryComments"]
    lines += [
        "",
        f"Comments of the standard library of Python {ordinary['python']} without a word that debt is admitted with, called debt all the same: "
        f"{', '.join(map(percent, ordinary['flagged']))} by exits 0 to the last ({ordinary['rows']} comments); of the long ones "
        f"{', '.join(map(percent, ordinary['longFlagged']))} ({ordinary['longRows']}).",
    ]
    return lines


def _labels(found: dict) -> list[str]:
    """Scores of each label at the last exit, and what a constant answer and a linear classifier score."""
    rows = [[label, s["rows"], *(percent(s[key]) for key in ("precision", "recall", "f1"))] for label, s in found["labels"].items()]
    title = METRIC_TITLES[found["headline"]]
    constant = f" To answer every text with the most frequent label has {title} {percent(found['constant'])}." if found["constant"] else ""
    linear = ", ".join(f"{METRIC_TITLES[name]} {percent(found['linear'][name])}" for name in (found["headline"], "macroF1"))
    peer = f" A linear classifier over words, trained on the same rows (TF-IDF and logistic regression of scikit-learn, its penalty the best on calibration texts), has {linear}."
    return [f"By label, last exit.{constant}{peer}", "", table(["label", "texts", "precision", "recall", "F1"], rows)]


def _groups(found: dict) -> list[str]:
    groups = found["byGroup"]["groups"]
    if len(groups) < 2:
        return ["Too few groups are large enough to be scored on their own."]
    name = found["headline"]
    rows = [
        [group, s["exits"][0]["rows"], *(percent(e[name]) for e in s["exits"]), *([percent(s["keywordRule"]["f1"])] if "keywordRule" in s else [])]
        for group, s in groups.items()
    ]
    head = ["group", "texts", *(f"exit {e['exit']}" for e in found["exits"])]
    return [f"By group ({METRIC_TITLES[name]}):", "", table(head + (["keyword rule"] if "keywordRule" in found["byGroup"] else []), rows)]


def _unseen(found: dict) -> list[str]:
    unseen = found["unseen"]
    if not unseen:
        return []
    name = found["headline"]
    rows = [
        [number, percent(scores[name]), _interval(interval), percent(scores["macroF1"])]
        for number, (scores, interval) in enumerate(zip(unseen["exits"], unseen["intervals"]))
    ]
    return [
        "",
        f"Over all {unseen['groups']} groups that training did not see ({unseen['rows']} texts), those for calibration included, each answered with the label offsets that the others give. The rest that is fitted on the calibration groups (temperatures, the weight of exit 0, the last exit) stays the package's:",
        "",
        table(["exit", METRIC_TITLES[name], "interval", "macro F1"], rows),
    ]


def _promise(found: dict) -> list[str]:
    if not found["promise"]:
        return ["The calibration data supports no promise below full depth."]
    rows = []
    for level in found["promise"]:
        shares = [g["changed"] / max(1, g["seen"]) for g in level["groups"].values()]
        kept = sum(share <= level["maxDisagreement"] for share in shares)
        rows.append(
            [
                percent(level["maxDisagreement"]), f"{level['certainty']:.5f}", percent(level["changed"]),
                percent(max(shares, default=None)), f"{kept} of {len(shares)}" if shares else "-", f"{level['meanExit']:.2f}",
                signed(100 * level["scoreChange"]),
            ]
        )  # fmt: skip
    variants = any(VARIANT in group for level in found["promise"] for group in level["groups"])
    head = ["promised", "certainty", "came to", "worst group", "groups kept", "mean exit", f"{METRIC_TITLES[found['headline']]}, points"]
    return [
        "The promise on the unseen groups. Its confidence is of texts like the calibration texts, all taken together; a single group may go beyond it. Kept: the share that was "
        f"counted in the group is not above the promised one. Groups of fewer than {MINIMUM_BLOCK} texts are taken together until they have as many.{' A repository counts twice, with the paths of its commits and without.' if variants else ''}",
        "",
        table(head, rows),
    ]


def _leave_one_out(found: dict) -> list[str]:
    rows = []
    for level in found["leaveOneOut"]:
        groups = level["groups"].values()
        if not groups:
            rows.append([percent(level["maxDisagreement"]), *["-"] * 5, len(level["unsupported"])])
            continue
        shares = sorted(g["changed"] / max(1, g["seen"]) for g in groups)
        seen, changed = sum(g["seen"] for g in groups), sum(g["changed"] for g in groups)
        kept = sum(share <= level["maxDisagreement"] for share in shares)
        texts = sum(g["texts"] for g in groups)
        mean = sum(g["meanExit"] * g["texts"] for g in groups) / texts
        rows.append(
            [
                percent(level["maxDisagreement"]), percent(changed / max(1, seen)), percent(median(shares)), percent(shares[-1]),
                f"{kept} of {len(shares)}", f"{mean:.2f}", len(level["unsupported"]),
            ]
        )  # fmt: skip
    if not any(level["groups"] for level in found["leaveOneOut"]):
        return ["Leave-one-out over the calibration groups: no group is large enough, or the others support no promise."]
    return [
        "The same over the calibration groups, each with the heads and the certainty that the others alone give; groups whose others support no such "
        "promise, so that all of the model runs, are counted apart:",
        "",
        table(["promised", "came to", "median group", "worst group", "groups kept", "mean exit", "without a promise"], rows),
    ]


def _cheapest(found: dict) -> list[str]:
    """The mean exit that each policy needs for a given share on the test texts."""
    rows = [[name, *("-" if mean is None else f"{mean:.2f}" for mean in means)] for name, means in found["cheapest"]["meanExits"].items()]
    return [
        "Mean exit of the fastest threshold at which no more than this share changed on these texts (chosen in hindsight, for comparing policies):",
        "",
        table(["policy", *(f"{100 * share:g}%" for share in found["cheapest"]["shares"])], rows),
    ]


def _int8(report: dict) -> list[str]:
    rows = []
    for task, found in report["tasks"].items():
        if found["floatAgreement"] is None:
            continue
        name = found["headline"]
        for e, f, agreement in zip(found["exits"], found["floatExits"], found["floatAgreement"]):
            rows.append([task, e["exit"], percent(f[name]), percent(e[name]), f"{100 * agreement:.2f}"])
    return [table(["task", "exit", "float32", "int8", "same top label"], rows)] if rows else ["The float model was not at hand."]


def _folds_section(runs: dict[str, dict], joint: dict | None) -> list[str]:
    lines = ["", "## Debt across projects", ""]
    projects = {group: scores for run in runs.values() for group, scores in run["tasks"]["comment-debt"]["groups"].items()}
    if not projects:
        return [*lines, "The folds have not been measured yet."]
    exits = len(next(iter(projects.values()))["exits"])
    rows = []
    for group, scores in sorted(projects.items()):
        rows.append([group, percent(scores["keywordRule"]["f1"]), *(percent(e["debtF1"]) for e in scores["exits"])])
    means = ["mean", percent(_mean([s["keywordRule"]["f1"] for s in projects.values()]))]
    means += [percent(_mean([s["exits"][k]["debtF1"] for s in projects.values()])) for k in range(exits)]
    differences = [[s["exits"][k]["debtF1"] - s["keywordRule"]["f1"] for s in projects.values()] for k in range(exits)]
    against = [
        [f"{name}, against the rule", "", *(signed(100 * of(at_exit)) for at_exit in differences)] for name, of in (("mean", _mean), ("least", min))
    ]
    all_projects = {project for _, test in comment_debt.FOLDS for project in test}
    missing = ", ".join(sorted(all_projects - set(projects)))
    lines += [
        f"Each of these {len(projects)} projects was held out by a model trained on others, on this task alone (training/README.md, folds); float weights, binary F1 of "
        f"debt on corrected labels.{f' Not measured yet: {missing}.' if missing else ''}{_other_training(runs, joint)}",
        "",
        table(["project", "keyword rule", *(f"exit {k}" for k in range(exits))], [*rows, means, *against]),
        "",
        f"How far the logit of `none` may be lowered, {SILENT_OFFSETS[-1]:g} nat, was chosen after a look at these projects.",
        "",
        "Debt without a keyword, last exit:",
        "",
        table(
            ["project", "debt", "precision", "recall", "F1"],
            [
                [group, s["withoutKeyword"]["debt"], *(percent(s["withoutKeyword"]["exits"][-1][key]) for key in ("precision", "recall", "f1"))]
                for group, s in sorted(projects.items())
            ],
        ),
    ]
    return lines


def _other_training(runs: dict[str, dict], joint: dict | None) -> str:
    """Which of the folds were trained otherwise than the shared encoder was on this task, as a sentence."""
    if not joint or "comment-debt" not in joint["recipe"]["tasks"]:
        return ""
    shipped = _training_in_words(joint)
    others = {name: words for name, words in ((name, _training_in_words(run)) for name, run in runs.items()) if words != shipped}
    if not others:
        return ""
    found = "; ".join(sorted({f"{', '.join(name for name, other in others.items() if other == words)}: {words}" for words in others.values()}))
    return f" Not all were trained and fitted as the shared encoder is now ({shipped}): {found}."


def _training_in_words(run: dict) -> str:
    recipe = run["recipe"]
    facts = recipe["tasks"]["comment-debt"]
    return (
        f"{facts['epochs']} passes, weights to the power of {facts['weightPower']:g}, exits that read {recipe.get('pooling', EARLIER_POOLING)}, the logit of `none` lowered by at most "
        f"{run.get('mostSilentOffset', EARLIER_SILENT_OFFSET):g}"
    )


def _sharing_section(runs: dict[str, dict]) -> list[str]:
    lines = ["", "## One encoder for all tasks, or one each", ""]
    alone = [(task, run) for name, run in runs.items() if name.startswith((ALONE_RUNS, f"{FOLD_RUNS}0")) for task in run["tasks"]]
    shared = sorted(((name, run) for name, run in runs.items() if not name.startswith((ALONE_RUNS, FOLD_RUNS))), key=lambda entry: entry[0] != JOINT_RUN)
    rows = []
    exits = 0
    for task, run in alone:
        same = [(name, other) for name, other in shared if task in other["tasks"] and _is_same_training(task, run["recipe"], other["recipe"])]
        if not same:
            continue
        joint_name, joint = same[0]
        exits = len(run["tasks"][task]["exits"])
        name = _headline_of(run["tasks"][task])
        for label, found in (("alone", run["tasks"][task]), (f"shared ({joint_name})", joint["tasks"][task])):
            rows.append([task, METRIC_TITLES[name], label, *(percent(e[name]) for e in found["exits"]), _interval(found["intervals"][-1])])
    if not rows:
        return [*lines, "This has not been measured yet."]
    return [
        *lines,
        "The same rows, passes and test groups; float weights; in brackets, the run of several tasks. Where several labels may hold, each does from one half on; the package has thresholds of its own for them. One encoder ships all the same: it is one "
        "download and one pass.",
        "",
        table(["task", "score", "encoder", *(f"exit {k}" for k in range(exits)), "interval of the last"], rows),
    ]


def _is_same_training(task: str, one: dict, other: dict) -> bool:
    """Whether two runs were trained on the same rows of the task, as often, towards the same targets."""

    def decisive(recipe: dict) -> list:
        # Runs that do not say so had no second opinions and distilled everything.
        return [{"secondOpinion": 0.0, **recipe["tasks"][task]}, recipe["dataSha256"][task], task in recipe.get("undistilled", ())]

    return decisive(one) == decisive(other)


def _headline_of(found: dict) -> str:
    return next(key for key in ("debtF1", "weightedF1", "accuracy") if key in found["exits"][0])


def _unshipped_section(package: dict, runs: dict[str, dict]) -> list[str]:
    """Tasks that were trained for and that the package leaves out."""
    if not package:
        return []
    lines = []
    for task, found in {task: found for run in runs.values() for task, found in run["tasks"].items()}.items():
        if task in package["tasks"]:
            continue
        name = _headline_of(found)
        rows = [[number, percent(e[name]), percent(e["macroF1"])] for number, e in enumerate(found["exits"])]
        groups = ", ".join(f"{group} {percent(scores['exits'][-1][name])}" for group, scores in found["groups"].items())
        lines += [
            f"### {task}",
            "",
            f"{found['exits'][0]['rows']} texts of unseen groups, float weights, no calibrated thresholds; the last exit by group: {groups}.",
            "",
            table(["exit", METRIC_TITLES[name], "macro F1"], rows),
        ]
    return ["", "## Measured, not shipped", "", *lines] if lines else []


def plot_policies(task: str, found: dict, path: Path) -> None:
    """Two panels: mean exit against the share changed, and against the change of the headline score; diamonds are the levels of the promise."""
    with plots.svg(path, 9, 3.8, panels=2) as (figure, axes):
        for panel, key in zip(axes, ("changed", "scoreChange")):
            for name, points in found["policies"].items():
                shown = [p for p in points if p["changed"] <= PLOTTED_SHARE]
                depths = [p["meanExit"] for p in shown]
                panel.plot([100 * p[key] for p in shown], depths, marker="o", markersize=2.5, linewidth=1.4, label=name, color=COLOURS[name])
            for level in found["promise"]:
                place = (100 * level[key], level["meanExit"])
                panel.plot(*place, marker="D", markersize=5, color=COLOURS["certainty"], markeredgecolor=plots.BLACK)
                panel.annotate(f"{100 * level['maxDisagreement']:g}%", place, xytext=(5, 4), textcoords="offset points", fontsize=7)
        axes[0].set_xlabel("changed answers, % of what users see")
        axes[0].set_xlim(0, 100 * PLOTTED_SHARE)
        axes[0].set_ylabel("mean exit")
        axes[0].set_ylim(bottom=0)
        axes[1].set_xlabel(f"{METRIC_TITLES[found['headline']]}: change, points")
        axes[1].legend(frameon=False, fontsize=8)
        figure.suptitle(task, fontsize=11)


def _interval(interval: list[float] | None) -> str:
    return f"{percent(interval[0])} to {percent(interval[1])}" if interval else "too few groups"


def _names(groups: list[str]) -> str:
    return ", ".join(groups) if len(groups) <= 8 else f"{len(groups)} repositories"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
