"""Measures finished runs and exported packages on groups that they never saw, into files that `report` reads."""

import json
import platform
from pathlib import Path

import numpy as np
from scipy.stats import t as student_t

from .answers import answer_sets, probabilities_of
from .card import CARD, render_card
from .data import Targets, load_tokenizer, read_promise_rows, read_promise_test_rows, read_split, read_summary, targets_of, tokenise
from .linear import linear_answers
from .metrics import SILENT_OFFSETS, ExitFit, answer_scores, binary_scores, exit_scores, fit_exits, has_keyword, headline, tune_offsets
from .package import ModelPackage, PackageTask, write_manifest
from .policies import CHEAPEST_SHARES, POLICIES, Scored, answers_at, careful_to_fast, certainty_exits, change, smallest_mean_exits
from .prepare import require_rows_of
from .promise import LEVELS, blocks_of, calibrate, projects_of
from .task import Row, Task, letters
from .tasks import TASKS
from .tasks.comment_debt import OTHER_LANGUAGES, is_debt
from .train import RECIPE, TOKENIZER, Run, load_run, origin_of
from .weak_labels import standard_library_comments

ORDINARY_TEXTS = 4000
# Characters. Long comments are where debt was suspected for their length alone.
LONG_TEXT = 200
# A group with fewer texts says little of itself.
MINIMUM_GROUP = 100
# Points of a policy's curve that are kept.
CURVE_POINTS = 24
# Two groups say nothing of how groups differ.
MINIMUM_GROUPS = 3


def score_run(run_folder: Path, prepared: Path, results: Path) -> dict:
    """Scores a finished run's float exits on the test rows of its tasks; writes `results`/runs/NAME.json."""
    run = load_run(run_folder)
    tasks = [TASKS[name] for name in run.recipe["tasks"]]
    require_rows_of(run.recipe, run_folder, prepared, tasks)
    found = {}
    for task in tasks:
        rows = read_split(prepared, task, "test")
        logits = _fit_of(run, run_folder, task, prepared).of(run.logits(_tokenise(run_folder, task, rows), task.id))
        # The rest of calibration is the package's: of several labels, each holds from one half on.
        probabilities = probabilities_of(logits, np.ones(len(logits)), task.multi_label)
        answers = answer_sets(probabilities, np.full(len(task.labels), 0.5) if task.multi_label else None)
        found[task.id] = {"fold": read_summary(prepared, task)["fold"], **_by_group(task, answers, rows)}
    report = rounded({"recipe": run.recipe, "mostSilentOffset": float(SILENT_OFFSETS[-1]), "tasks": found})
    _write(results / "runs" / f"{run_folder.name}.json", report)
    return report


def _fit_of(run: Run, run_folder: Path, task: Task, prepared: Path) -> ExitFit:
    """What `export` would fit to the run's exits, but for the quantisation."""
    rows = read_split(prepared, task, "calibration")
    return fit_exits(task, run.logits(_tokenise(run_folder, task, rows), task.id), targets_of(task, rows))


def evaluate(package_folder: Path, prepared: Path, run: Path, results: Path) -> dict:
    """Runs the package on the test rows; writes its quality into model.json and the card, and `results`/package.json.

    Where `run` is the finished run the package came from, the float model is compared as well. Returns the report.
    """
    package = ModelPackage(package_folder)
    require_rows_of(package.manifest["recipe"]["training"], package_folder, prepared, [TASKS[name] for name in package.tasks])
    float_run = _run_of(package, run)
    report: dict = {
        "model": {"name": package.manifest["name"], "version": package.manifest["version"], "layers": package.manifest["encoder"]["layers"]},
        "tasks": {},
    }
    for name, part in package.tasks.items():
        task = TASKS[name]
        rows = read_split(prepared, task, "test")
        sequences = part.tokenise([row.text for row in rows])
        scored = part.scored(sequences)
        exits = policy_exits(part, scored)
        found = {
            "headline": headline(task),
            "groups": sorted({row.group for row in rows}),
            "exits": exit_scores(task, scored, rows),
            "byGroup": _by_group(task, scored.answers, rows),
            "labels": label_scores(task, scored.answers[-1], rows),
            "constant": constant_score(task, rows),
            "linear": answer_scores(task, linear_answers(task, read_split(prepared, task, "train"), read_split(prepared, task, "calibration"), rows), rows),
            "policies": policy_curves(task, part, scored, rows, exits),
            "cheapest": {
                "shares": CHEAPEST_SHARES,
                "meanExits": {policy: smallest_mean_exits(scored, (taken for _, taken in points), part.silent) for policy, points in exits.items()},
            },
            "promise": promise_kept(task, part, scored, rows, read_promise_test_rows(prepared, task)),
            "leaveOneOut": leave_one_out(task, part, prepared),
            "unseen": unseen_groups(task, part, prepared, rows) if task.corrects_priors else None,
            "floatAgreement": None,
        }
        if float_run:
            fitted = package.manifest["recipe"]["export"]["tasks"][name]
            reference = ExitFit(np.array(fitted["wide"]), np.array(fitted["offsets"])).of(float_run.logits(sequences, name)[: part.exits])
            found["floatAgreement"] = (reference.argmax(-1) == scored.probabilities.argmax(-1)).mean(axis=1).tolist()
            found["floatExits"] = exit_scores(task, part.scored(sequences, reference), rows)
        if task.silent_label:
            found["otherLanguages"] = other_languages(part, task, prepared)
            found["ordinaryComments"] = ordinary_comments(part, task, prepared)
        report["tasks"][name] = rounded(found)
        part.entry["quality"] |= {key: report["tasks"][name][key] for key in ("headline", "exits", "promise")}
        print(f"{name}: {headline(task)} by exit {[round(e[headline(task)], 3) for e in found['exits']]}", flush=True)
    write_manifest(package_folder, package.manifest)
    (package_folder / CARD).write_text(render_card(package.manifest), encoding="utf-8")
    _write(results / "package.json", report)
    print(f"written: {package_folder}, {results / 'package.json'}")
    return report


def _by_group(task: Task, answers: np.ndarray, rows: list[Row]) -> dict:
    """Scores of each exit's answer sets [exits, texts, labels], of all rows and group by group, with an interval over the groups."""
    groups = np.array([row.group for row in rows])
    found: dict = {"exits": [answer_scores(task, at_exit, rows) for at_exit in answers], "groups": {}}
    for group in sorted(set(groups)):
        chosen = np.flatnonzero(groups == group)
        if len(chosen) < MINIMUM_GROUP:
            continue
        part = [rows[i] for i in chosen]
        found["groups"][group] = {"exits": [answer_scores(task, at_exit[chosen], part) for at_exit in answers]}
        if task.silent_label:
            found["groups"][group] |= keyword_scores(task, answers[:, chosen], part)
    if task.silent_label:
        found |= keyword_scores(task, answers, rows)
    found["intervals"] = [jackknife_interval(task, at_exit, rows, groups) for at_exit in answers]
    return found


def label_scores(task: Task, answers: np.ndarray, rows: list[Row]) -> dict[str, dict]:
    """By label: how many rows it holds in, and precision, recall and F1 of answer sets bool [texts, labels].

    Rows of which only several possible labels are known are left out.
    """
    targets = targets_of(task, rows)
    sure = np.ones(len(rows), dtype=bool) if task.multi_label else targets.holds.sum(axis=1) == 1
    found = {}
    for j, label in enumerate(task.labels):
        chosen = sure & targets.known[:, j]
        found[label] = {"rows": int(targets.holds[chosen, j].sum()), **binary_scores(answers[chosen, j], targets.holds[chosen, j])}
    return found


def constant_score(task: Task, rows: list[Row]) -> float | None:
    """The headline score of answering each text with the label that holds most often: what no model may be below."""
    holds = targets_of(task, rows).holds
    answers = np.zeros_like(holds)
    answers[:, holds.sum(axis=0).argmax()] = True
    return answer_scores(task, answers, rows)[headline(task)]


def jackknife_interval(task: Task, answers: np.ndarray, rows: list[Row], groups: np.ndarray) -> tuple[float, float] | None:
    """95% interval of the task's headline score over groups like these: Student's t on the delete-one-group jackknife.

    Groups are left out whole, since texts of one group resemble each other. None for fewer than three groups.
    """
    names = np.unique(groups)
    if len(names) < MINIMUM_GROUPS:
        return None

    def score(chosen: np.ndarray) -> float:
        return answer_scores(task, answers[chosen], [rows[i] for i in chosen])[headline(task)]

    without = np.array([score(np.flatnonzero(groups != name)) for name in names])
    error = np.sqrt((len(names) - 1) / len(names) * ((without - without.mean()) ** 2).sum())
    reach = student_t.ppf(0.975, len(names) - 1) * error
    middle = score(np.arange(len(rows)))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def keyword_scores(task: Task, answers: np.ndarray, rows: list[Row]) -> dict:
    """The keyword rule's scores, and each exit's on the rows in which the rule finds nothing. answers [exits, texts, labels]."""
    debt = np.array([is_debt(row) for row in rows])
    keyword = np.array([has_keyword(row) for row in rows])
    found = ~answers[:, :, task.labels.index(task.silent_label)]
    return {
        "keywordRule": binary_scores(keyword, debt),
        "withoutKeyword": {
            "rows": int((~keyword).sum()),
            "debt": int(debt[~keyword].sum()),
            "exits": [binary_scores(at_exit[~keyword], debt[~keyword]) for at_exit in found],
        },
    }


# By policy: its thresholds, and the exit that each text takes at it.
PolicyExits = dict[str, list[tuple[float, np.ndarray]]]


def policy_exits(part: PackageTask, scored: Scored) -> PolicyExits:
    """For every policy, from its most careful threshold to its fastest: the threshold, and the exit that each text takes."""
    found = {name: [(t, policy.exits(scored, t)) for t in policy.thresholds(scored)] for name, policy in POLICIES.items()}
    certainties = part.certainty_heads.certainties(scored)
    return found | {"certainty": [(1 - t, certainty_exits(certainties, 1 - t)) for t in careful_to_fast(1 - certainties)]}


def policy_curves(task: Task, part: PackageTask, scored: Scored, rows: list[Row], exits_of: PolicyExits) -> dict[str, list[dict]]:
    """For every policy, points from careful to fast: threshold, mean exit, share changed, and the headline score's change in points."""
    full = answer_scores(task, scored.answers[-1], rows)[headline(task)]
    curves = {}
    for name, points in exits_of.items():
        kept = []
        # Of thresholds that let as many leave, the last is the fastest there is; a dict keeps the order of their first.
        distinct = list({float(exits.mean()): (threshold, exits) for threshold, exits in points}.items())
        for position in np.unique(np.linspace(0, len(distinct) - 1, CURVE_POINTS).round().astype(int)):
            mean, (threshold, exits) = distinct[position]
            score = answer_scores(task, answers_at(scored, exits), rows)[headline(task)]
            changed = change(scored, exits, part.silent).share
            kept.append({"threshold": threshold, "meanExit": mean, "changed": changed, "scoreChange": score - full})
        curves[name] = kept
    return curves


def promise_kept(task: Task, part: PackageTask, scored: Scored, rows: list[Row], unlabelled: list[Row]) -> list[dict]:
    """For every level of the promise: what it came to on the test rows, and on each group of them and of the `unlabelled`, small ones together."""
    certainties = part.certainty_heads.certainties(scored)
    groups = blocks_of(np.array([row.group for row in rows]))
    full = answer_scores(task, scored.answers[-1], rows)[headline(task)]
    others = part.scored(part.tokenise([row.text for row in unlabelled])) if unlabelled else None
    found = []
    for level in part.entry["promise"]["levels"]:
        exits = certainty_exits(certainties, level["certainty"])
        result = change(scored, exits, part.silent)
        shares = _shares(scored, exits, groups, part.silent)
        if others:
            taken = certainty_exits(part.certainty_heads.certainties(others), level["certainty"])
            shares |= _shares(others, taken, blocks_of(np.array([row.group for row in unlabelled])), part.silent)
        found.append(
            {
                **level,
                "meanExit": float(exits.mean()),
                "changed": result.share,
                "scoreChange": answer_scores(task, answers_at(scored, exits), rows)[headline(task)] - full,
                "groups": shares,
            }
        )
    return found


def leave_one_out(task: Task, part: PackageTask, prepared: Path) -> list[dict]:
    """For every level: what it comes to on each calibration group (small ones together) when the other projects alone give heads and certainty.

    Temperatures and label thresholds stay those of the package, for which the group's texts were used as well.
    """
    rows = read_promise_rows(prepared, task)
    groups = blocks_of(np.array([row.group for row in rows]))
    scored = part.scored(part.tokenise([row.text for row in rows]))
    found: dict[float, dict] = {d: {"maxDisagreement": d, "unsupported": [], "groups": {}} for d in LEVELS}
    projects = projects_of(groups)
    for group in _large_groups(projects):
        others, inside = np.flatnonzero(projects != group), np.flatnonzero(projects == group)
        calibration = calibrate(scored.of(others), groups[others], part.silent)
        levels = {level.maximum_disagreement: level for level in calibration.levels}
        certainties = calibration.heads.certainties(scored.of(inside))
        for d in LEVELS:
            if d not in levels:
                found[d]["unsupported"] += _large_groups(groups[inside])
                continue
            exits = certainty_exits(certainties, levels[d].certainty)
            found[d]["groups"] |= _shares(scored.of(inside), exits, groups[inside], part.silent)
    return list(found.values())


def unseen_groups(task: Task, part: PackageTask, prepared: Path, tested: list[Row]) -> dict:
    """Scores over all groups that training did not see, those for calibration and for test, each answered with the label offsets that the others give.

    Temperatures, the weights of exit 0's logits, the last exit and the ranges of int8 stay those of the package, which calibration groups decided.
    """
    rows = read_split(prepared, task, "calibration") + tested
    groups = np.array([row.group for row in rows])
    targets = targets_of(task, rows)
    # Those of the package have its own offsets in them, which makes no difference to the best ones.
    logits = part.logits(part.tokenise([row.text for row in rows]))
    answers = np.zeros((len(logits), *targets.holds.shape), dtype=bool)
    for group in np.unique(groups):
        others, inside = np.flatnonzero(groups != group), np.flatnonzero(groups == group)
        for number, at_exit in enumerate(logits):
            offsets = tune_offsets(at_exit[others], Targets(targets.holds[others], targets.known[others]))
            answers[number, inside, (at_exit[inside] + offsets).argmax(axis=1)] = True
    return {
        "rows": len(rows),
        "groups": len(np.unique(groups)),
        "exits": [answer_scores(task, at_exit, rows) for at_exit in answers],
        "intervals": [jackknife_interval(task, at_exit, rows, groups) for at_exit in answers],
    }


def _large_groups(groups: np.ndarray) -> list[str]:
    names, counts = np.unique(groups, return_counts=True)
    return [str(name) for name, count in zip(names, counts) if count >= MINIMUM_GROUP]


def _shares(scored: Scored, exits: np.ndarray, groups: np.ndarray, silent: int | None) -> dict[str, dict]:
    """By group: how many answers or findings the full model shows, how many changed, and the mean exit."""
    result = change(scored, exits, silent)
    return {
        group: {
            "texts": int((groups == group).sum()),
            "seen": int(result.seen[groups == group].sum()),
            "changed": int(result.changed[groups == group].sum()),
            "meanExit": float(exits[groups == group].mean()),
        }
        for group in _large_groups(groups)
    }


def other_languages(part: PackageTask, task: Task, prepared: Path) -> dict | None:
    """Recall of debt in other languages, per source and exit; None where that data was not there."""
    if not (prepared / task.id / f"{OTHER_LANGUAGES}.jsonl").is_file():
        return None
    rows = read_split(prepared, task, OTHER_LANGUAGES)
    found = _flagged(part, [row.text for row in rows])
    groups = np.array([row.group for row in rows])
    return {
        group: {
            "rows": int((groups == group).sum()),
            "recall": found[:, groups == group].mean(axis=1).tolist(),
            "keywordRule": float(np.mean([has_keyword(row) for row in rows if row.group == group])),
        }
        for group in sorted(set(groups))
    }


def ordinary_comments(part: PackageTask, task: Task, prepared: Path) -> dict:
    """Share of ordinary comments that each exit calls debt, of all and of the long ones.

    They are a sample of the standard library's comments and docstrings without any cue of debt. Every machine has them
    and training never saw them; the texts depend on the version of Python, which is named.
    """
    seen = {letters(row.text) for row in read_split(prepared, task, "train")}
    texts = standard_library_comments(seen, ORDINARY_TEXTS)
    flagged = _flagged(part, texts)
    long = np.array([len(text) >= LONG_TEXT for text in texts])
    return {
        "python": platform.python_version(),
        "rows": len(texts),
        "flagged": flagged.mean(axis=1).tolist(),
        "longRows": int(long.sum()),
        "longFlagged": (flagged[:, long].sum(axis=1) / max(1, long.sum())).tolist(),
    }


def _flagged(part: PackageTask, texts: list[str]) -> np.ndarray:
    """Bool [exits, texts]: whether the exit finds something."""
    return ~part.scored(part.tokenise(texts)).answers[:, :, part.silent]


def _run_of(package: ModelPackage, folder: Path) -> Run | None:
    """The finished run the package came from, or None."""
    if not (folder / RECIPE).is_file() or not package.came_from(origin_of(folder)):
        print(f"{folder} is not the run this package came from: the comparison with the float model is left out")
        return None
    return load_run(folder)


def _tokenise(run_folder: Path, task: Task, rows: list[Row]) -> list[list[int]]:
    return tokenise(load_tokenizer(run_folder / TOKENIZER), [row.text for row in rows], task.maximum_tokens)


def _write(path: Path, report: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def rounded(value):
    """The same structure with floats to six decimals: as many as the thresholds of policies have."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(entry) for entry in value]
    return round(value, 6) if isinstance(value, float) else value
