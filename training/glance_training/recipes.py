"""The training recipes side by side: RomeBERT, its ablations, DeeBERT's two stages and PABEE's weighting.

Every recipe trains one task at a time on the same rows, in batches of the same size, at the same learning rates, and takes the same
number of steps: DeeBERT's two stages half each. `romebert-half` shows what RomeBERT comes to in the steps of one such stage.
"""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from . import UserError, plots
from .answers import answer_sets, probabilities_of
from .card import METRIC_TITLES, signed, table
from .data import load_tokenizer, read_split, read_summary, targets_of, tokenise
from .metrics import answer_scores, label_f1
from .model import EARLIER_POOLING, POOLING
from .policies import CHEAPEST_SHARES, POLICIES, Scored, smallest_mean_exits
from .task import Row, Task
from .tasks import TASKS
from .train import CHECKPOINT, RECIPE, TOKENIZER, Recipe, load_run, predict, train

WITHOUT_OPINION = "without-second-opinion"
# What each recipe changes in Recipe's defaults. The authors' constants are those of their code for small tasks; their KL is
# averaged over the labels too, so that the same gamma distils more here (with two labels, twice as much).
RECIPES: dict[str, dict] = {
    "romebert": {},
    "romebert-authors": {"gamma": 0.9, "distillation_temperature": 3.0, "give_way": "last"},
    "romebert-half": {},
    "without-distillation": {"gamma": 0.0},
    "without-regularisation": {"give_way": "none"},
    WITHOUT_OPINION: {"second_opinions": False},
    "deebert": {"method": "deebert"},
    "pabee": {"method": "pabee"},
}
# Recipes whose stage, if not whole training, takes half of the passes.
HALVED = ("deebert", "romebert-half")
# The scores of each task, the one that is plotted first.
METRICS: dict[str, tuple[str, ...]] = {
    "sst-2": ("accuracy",),
    "mrpc": ("f1",),
    "rte": ("accuracy",),
    "comment-debt": ("debtF1",),
    "commit-type": ("accuracy", "macroF1"),
    "doc-section": ("weightedF1",),
    "comment-kind": ("weightedF1",),
}
DEFAULT_TASKS = ("sst-2", "mrpc", "rte", "comment-debt", "commit-type", "doc-section")
TASK_TITLES = {"sst-2": "SST-2", "mrpc": "MRPC", "rte": "RTE"}
RESULTS_FILE = "recipes.json"
PUBLISHED_FILE = "published.json"
# The same for every run, so that all recipes and seeds are trained on the same sample.
SAMPLE_SEED = 0
# The claim, in numbers: in points, the mean lead before the last exit is at least the first, the loss at the last exit at most the second.
CLAIM_LEAD = 2.0
CLAIM_LOSS = 1.0
# The markers tell the curves apart in grey.
STYLES = {
    "romebert": (plots.BLUE, "o"),
    "romebert-authors": (plots.SKY, "s"),
    "romebert-half": (plots.BLACK, "P"),
    "without-distillation": (plots.PURPLE, "^"),
    "without-regularisation": (plots.ORANGE, "v"),
    WITHOUT_OPINION: (plots.SKY, "*"),
    "deebert": (plots.VERMILION, "D"),
    "pabee": (plots.GREEN, "X"),
}


@dataclass(frozen=True)
class Setting:
    """What all compared recipes have in common."""

    layers: int = 6
    # Training rows: a sample of so many, or all.
    max_rows: int | None = None
    # Every task's number of passes is multiplied by it. At 2, DeeBERT's stages take the task's own number each.
    epochs_factor: float = 2.0


def recipe_of(name: str, seed: int, setting: Setting) -> Recipe:
    """The named recipe in full."""
    factor = setting.epochs_factor / 2 if name in HALVED else setting.epochs_factor
    # Exit 0 is no part of the comparison, nor is what the shipped model does otherwise for a single task.
    return Recipe(**RECIPES[name], undistilled=(), layers=setting.layers, epochs_factor=factor, seed=seed, exit0_iterations=0)


def run_name(task: str, name: str, seed: int, setting: Setting, data_sha256: str) -> str:
    """The name of a run's folder. Its last part is a digest of all that decides the run's outcome but the code."""
    recipe = recipe_of(name, seed, setting)
    decisive = [_hyperparameters(recipe), setting.max_rows, data_sha256, POOLING]
    if recipe.second_opinions and TASKS[task].second_opinion:
        decisive.append(TASKS[task].second_opinion)
    return f"{task}-{name}-seed{seed}-{hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:8]}"


def sample_rows(rows: list[Row], maximum: int | None) -> list[Row]:
    """A sample of at most `maximum` rows in their order; all of them for None."""
    if maximum is None or maximum >= len(rows):
        return rows
    return [rows[i] for i in sorted(random.Random(SAMPLE_SEED).sample(range(len(rows)), maximum))]


def compare(
    tasks: Sequence[Task],
    recipes: Sequence[str],
    seeds: Sequence[int],
    setting: Setting,
    *,
    prepared: Path,
    base: Path,
    runs: Path,
    results: Path,
    device: str = "cpu",
) -> None:
    """Trains each task with each recipe and seed in a folder of its own under `runs`, and enters its scores in recipes.json in `results`.

    Runs that recipes.json holds are skipped; finished ones that it does not hold are scored alone; stopped ones go on.
    """
    if setting.layers < 2:
        raise UserError("Recipes differ in their early exits: compare them with --layers 2 or more.")
    file = results / RESULTS_FILE
    for task in tasks:
        data_sha256 = read_summary(prepared, task)["trainSha256"]
        for seed in seeds:
            for name in recipes:
                if name == WITHOUT_OPINION and not task.second_opinion:
                    print(f"{task.id} has no second opinion to do without", flush=True)
                    continue
                run = run_name(task.id, name, seed, setting, data_sha256)
                if any(entry["run"] == run for entry in read_results(file)):
                    print(f"{run}: in {file} already", flush=True)
                    continue
                folder = runs / run
                if not (folder / RECIPE).is_file():
                    rows = sample_rows(read_split(prepared, task, "train"), setting.max_rows)
                    train({task.id: rows}, base, folder, recipe_of(name, seed, setting), device=device, facts={"dataSha256": {task.id: data_sha256}})
                entry = {
                    "task": task.id,
                    "recipe": name,
                    "seed": seed,
                    "layers": setting.layers,
                    "maxRows": setting.max_rows,
                    "epochsFactor": setting.epochs_factor,
                    "dataSha256": data_sha256,
                    "pooling": POOLING,
                    "run": run,
                    **measure(folder, task, read_split(prepared, task, "test"), device),
                }
                add_result(file, entry)
                # A few hundred megabytes, which a finished run does not need.
                (folder / CHECKPOINT).unlink(missing_ok=True)
                scores = "; ".join(f"{METRIC_TITLES[metric]} {' '.join(f'{100 * s:.1f}' for s in at)}" for metric, at in entry["scores"].items())
                print(f"{run}: {scores}", flush=True)


def measure(folder: Path, task: Task, rows: list[Row], device: str = "cpu") -> dict:
    """Facts of a finished run, its scores at each encoder exit on the test rows, as shares, and its mean_exits there."""
    run = load_run(folder)
    sequences = tokenise(load_tokenizer(folder / TOKENIZER), [row.text for row in rows], task.maximum_tokens)
    logits = predict(run.model.to(device), sequences, task.id, device).numpy()
    exits = [score(task, at_exit, rows) for at_exit in logits]
    facts = run.recipe
    return {
        "scores": {metric: [round(at_exit[metric], 5) for at_exit in exits] for metric in METRICS[task.id]},
        "meanExits": [round(mean, 3) for mean in mean_exits(task, logits, sequences)],
        "rows": facts["tasks"][task.id]["rows"],
        # Runs that do not say so had none.
        "secondOpinion": facts["tasks"][task.id].get("secondOpinion", 0.0),
        "testRows": len(rows),
        "steps": facts["steps"],
        "seconds": training_seconds(folder / "log.jsonl"),
        "device": facts["device"],
        "gitCommit": facts["gitCommit"],
        "hyperparameters": _hyperparameters(facts),
        "versions": facts["libraries"],
    }


def score(task: Task, logits: np.ndarray, rows: list[Row]) -> dict[str, float]:
    """The scores of one exit's logits [texts, labels], by the names in METRICS. Nothing is calibrated: a label of several holds from one half on."""
    answers = answer_sets(probabilities_of(logits[None], [1.0], task.multi_label)[0], np.full(len(task.labels), 0.5) if task.multi_label else None)
    # MRPC's F1 is that of its last label, "equivalent".
    return {**answer_scores(task, answers, rows), "f1": float(label_f1(answers, targets_of(task, rows))[-1])}


def mean_exits(task: Task, logits: np.ndarray, sequences: list[list[int]]) -> list[float]:
    """For each of CHEAPEST_SHARES: the smallest mean exit (from 1) at which no more of what users see differs from the last exit's, by the best entropy threshold.

    Entropy is the recipes' own policy (RomeBERT, DeeBERT), and takes no calibration texts, which GLUE has not; as in `score`, nothing is calibrated. `logits`:
    [encoder exits, texts, labels]. Where no threshold will do, all texts stay until the last exit.
    """
    thresholds = np.full(len(task.labels), 0.5) if task.multi_label else None
    scored = Scored(probabilities_of(logits, np.ones(len(logits)), task.multi_label), thresholds, np.array([len(sequence) for sequence in sequences]))
    policy = POLICIES["entropy"]
    silent = task.labels.index(task.silent_label) if task.silent_label else None
    found = smallest_mean_exits(scored, (policy.exits(scored, threshold) for threshold in policy.thresholds(scored)), silent)
    return [float(len(logits)) if mean is None else mean + 1 for mean in found]


def training_seconds(log: Path) -> float:
    """Seconds of the training steps in log.jsonl, over all sessions: in each new one the clock starts again."""
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    ends = [
        entry["seconds"]
        for entry, following in zip(entries, [*entries[1:], None])
        if following is None or following["seconds"] < entry["seconds"]
    ]
    return round(sum(ends), 1)


def read_results(file: Path) -> list[dict]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def add_result(file: Path, entry: dict) -> None:
    """Enters a run's result, in place of one of the same task, recipe, seed and setting; the file is replaced whole.

    A second process that adds a result at the same moment may undo this one. Nothing is lost: the next `compare` finds the
    finished run and scores it again.
    """
    order = list(RECIPES)
    entries = [other for other in read_results(file) if _identity(other) != _identity(entry)]
    entries = sorted([*entries, entry], key=lambda e: (e["task"], _setting_key(e), order.index(e["recipe"]), e["seed"]))
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text("[\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]\n", encoding="utf-8")
    partial.replace(file)


def recipes_section(results_folder: Path, plots_folder: Path) -> list[str]:
    """Markdown lines of the comparison, for a document beside `plots_folder`, into which the plots are written.

    There are none where nothing has been compared.
    """
    entries = read_results(results_folder / RESULTS_FILE)
    if not entries:
        return []
    published = json.loads((results_folder / PUBLISHED_FILE).read_text(encoding="utf-8"))
    links = {task: f"{plots_folder.name}/{path.name}" for task, path in plot_recipes(entries, published, plots_folder).items()}
    return render_recipes(entries, published, links)


@dataclass(frozen=True)
class TaskCurves:
    """The compared runs of one task in one setting."""

    task: str
    entries: list[dict]

    @property
    def layers(self) -> int:
        return self.entries[0]["layers"]

    @property
    def recipes(self) -> list[str]:
        found = {entry["recipe"] for entry in self.entries}
        return [name for name in RECIPES if name in found]

    def scores(self, recipe: str, metric: str) -> np.ndarray:
        """Scores in percent [seeds, exits]."""
        return 100 * np.array([entry["scores"][metric] for entry in self.entries if entry["recipe"] == recipe])

    def mean_exits(self, recipe: str) -> np.ndarray:
        """See mean_exits: [seeds, shares], of the seeds of which they are known."""
        return np.array([entry["meanExits"] for entry in self.entries if entry["recipe"] == recipe and "meanExits" in entry])

    def mean(self, recipe: str) -> np.ndarray:
        """The plotted score in percent [exits], the mean over the seeds."""
        return self.scores(recipe, METRICS[self.task][0]).mean(axis=0)


def curves_of(entries: Sequence[dict]) -> list[TaskCurves]:
    """One setting of each task, in the order of METRICS.

    Of several settings, the one that has both sides of the claim, then the exits that ship, the most training rows, passes and recipes.
    """
    found = []
    for task in METRICS:
        own = sorted((entry for entry in entries if entry["task"] == task), key=_setting_key)
        settings = [TaskCurves(task, list(group)) for _, group in groupby(own, _setting_key)]
        if settings:
            found.append(max(settings, key=_weight))
    return found


def _weight(curves: TaskCurves) -> tuple:
    first = curves.entries[0]
    return ({"romebert", "deebert"} <= set(curves.recipes), _pooling(first) == POOLING, first["rows"], first["epochsFactor"], len(curves.recipes), curves.layers)


@dataclass(frozen=True)
class Lead:
    """By how many points one curve lies above another."""

    # Before the last exit: mean, largest and its exit (from 1), and the number of exits where the one is above.
    early: float
    largest: float
    largest_exit: int
    ahead: int
    last: float

    @classmethod
    def of(cls, curve: np.ndarray, other: np.ndarray) -> "Lead":
        """Both in percent [exits], of two exits or more."""
        gaps = np.asarray(curve, dtype=float) - np.asarray(other, dtype=float)
        early = gaps[:-1]
        return cls(float(early.mean()), float(early.max()), int(early.argmax()) + 1, int((early > 0).sum()), float(gaps[-1]))

    @property
    def verdict(self) -> str:
        if self.early < CLAIM_LEAD:
            return "does not hold"
        return "holds" if self.last >= -CLAIM_LOSS else "holds before the last exit only"


def render_recipes(entries: Sequence[dict], published: Mapping, links: Mapping[str, str]) -> list[str]:
    """Markdown lines: what was compared, whether the claim holds, and a table, a plot and the leads of each task.

    `links` holds the link to each task's plot. Every figure and verdict is computed from the entries.
    """
    tasks = curves_of(entries)
    lines = [
        "## Recipes",
        "",
        "The claim to reproduce: RomeBERT's early exits are far above DeeBERT's at the same last exit. Each recipe trains one task at a time "
        "from the same base encoder, on the same rows, in batches of the same size, at the same learning rates, in the same number of steps, of "
        "which DeeBERT's two stages take half each. Scores are those of the float weights on the test rows (GLUE: the "
        "development set), in percent. The mean exit is that of the entropy threshold at which texts leave earliest without more than the given share "
        "differing from the last exit's answers (of all findings of the last exit, for a task with a silent label), chosen in hindsight on the same rows.",
        "",
        *(f"- `{name}`: {_description(name)}" for name in RECIPES if any(name in curves.recipes for curves in tasks)),
        "",
        f"Here the claim counts as reproduced where RomeBERT is on average at least {CLAIM_LEAD:g} points above DeeBERT before the last exit and "
        f"at most {CLAIM_LOSS:g} below it at the last. {_overall(tasks)}".rstrip(),
        "",
        f"Published curves: {published['model']}, {published['exits']} exits. {published['source']}.",
    ]
    for curves in tasks:
        lines += ["", *_task_lines(curves, published, links)]
    return lines


def plot_recipes(entries: Sequence[dict], published: Mapping, folder: Path) -> dict[str, Path]:
    """Writes recipes-TASK.svg for each task: score in percent over depth in percent, the published curves dashed. Returns the files by task."""
    written = {}
    for curves in curves_of(entries):
        metric = METRICS[curves.task][0]
        written[curves.task] = folder / f"recipes-{curves.task}.svg"
        with plots.svg(written[curves.task], 7.2, 4.8) as (figure, (axes,)):
            for name, percent in published["tasks"].get(curves.task, {}).get("percent", {}).items():
                colour, _ = STYLES[name]
                label = f"{name}, published ({published['model']})"
                axes.plot(_depths(len(percent)), percent, color=colour, linestyle=(0, (4, 2)), linewidth=1.3, label=label)
            depths = _depths(curves.layers)
            for name in curves.recipes:
                scores = curves.scores(name, metric)
                colour, marker = STYLES[name]
                axes.plot(depths, scores.mean(axis=0), color=colour, marker=marker, markersize=5, linewidth=1.8, label=name)
                if len(scores) > 1:
                    axes.fill_between(depths, scores.min(axis=0), scores.max(axis=0), color=colour, alpha=0.15, linewidth=0)
            axes.set_title(f"{_title(curves.task)}: {METRIC_TITLES[metric]} at each exit ({curves.layers} layers)", fontsize=11)
            axes.set_xlabel("share of the encoder's depth, percent")
            axes.set_ylabel(f"{METRIC_TITLES[metric]}, percent")
            axes.set_xlim(0, 103)
            figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return written


def _task_lines(curves: TaskCurves, published: Mapping, links: Mapping[str, str]) -> list[str]:
    first = curves.entries[0]
    steps = {entry["recipe"]: entry["steps"] for entry in curves.entries}
    most = max(steps.values())
    fewer = ", ".join(f"`{name}` {count}" for name, count in steps.items() if count < most)
    lines = [
        f"### {_title(curves.task)}",
        "",
        f"`{_command(curves.task, first)}`: {first['rows']} training rows{'' if first['maxRows'] is None else ' (a sample)'}, {most} steps"
        + (f" ({fewer})" if fewer else "")
        + f", {first['testRows']} test rows, {curves.layers} layers, exits that read {_pooling(first)}.",
    ]
    for metric in METRICS[curves.task]:
        lines += ["", *_table(curves, metric, published["tasks"].get(curves.task))]
    lines += _mean_exits_table(curves)
    if curves.task in links:
        lines += ["", f"![{_title(curves.task)}: {METRIC_TITLES[METRICS[curves.task][0]]} at each exit by recipe]({links[curves.task]})"]
    sentences = _sentences(curves, published)
    return [*lines, "", " ".join(sentences)] if sentences else lines


def _command(task: str, entry: dict) -> str:
    """The command whose setting an entry has, less the recipes and seeds."""
    default = Setting()
    options = (("--layers", entry["layers"], default.layers), ("--max-rows", entry["maxRows"], default.max_rows), ("--epochs-factor", entry["epochsFactor"], default.epochs_factor))
    return " ".join(("compare", "--tasks", task, *(f"{name} {value:.10g}" for name, value, usual in options if value != usual)))


def _table(curves: TaskCurves, metric: str, published: Mapping | None) -> list[str]:
    exits = range(1, curves.layers + 1)
    lines = [
        f"| {METRIC_TITLES[metric]} | {' | '.join(f'exit {number}' for number in exits)} | mean before the last |",
        "| --- |" + " ---: |" * (curves.layers + 1),
    ]
    for name in curves.recipes:
        scores = curves.scores(name, metric)
        seeds = f" ({len(scores)} seeds)" if len(scores) > 1 else ""
        cells = [_with_spread(column) for column in (*scores.T, scores[:, :-1].mean(axis=1))]
        lines.append(f"| `{name}`{seeds} | {' | '.join(cells)} |")
    if published and published["metric"] == metric:
        for name, percent in published["percent"].items():
            stride, rest = divmod(len(percent), curves.layers)
            # Only exits at the same share of the depth stand in one column.
            if rest == 0:
                at = np.array(percent)[stride - 1 :: stride]
                cells = [f"{value:.1f}" for value in (*at, at[:-1].mean())]
                lines.append(f"| published `{name}`, exits {stride}, {2 * stride}, ... {len(percent)} | {' | '.join(cells)} |")
    return lines


def _mean_exits_table(curves: TaskCurves) -> list[str]:
    """How early the texts leave by each recipe, of the runs that this was measured of."""
    measured = {name: curves.mean_exits(name) for name in curves.recipes}
    rows = [[f"`{name}`", *(_with_spread(column, 2) for column in exits.T)] for name, exits in measured.items() if exits.size]
    if not rows:
        return []
    head = [f"mean exit where {share:.0%} of {_seen(curves)} may change" for share in CHEAPEST_SHARES]
    return ["", table(["", *head], rows)]


def _seen(curves: TaskCurves) -> str:
    """What users see of a task's answers."""
    return "findings" if TASKS[curves.task].silent_label else "answers"


def _sentences(curves: TaskCurves, published: Mapping) -> list[str]:
    """Whether the claim holds, what the papers' curves say of it, the sampling error, and the other recipes against RomeBERT."""
    if "romebert" not in curves.recipes or curves.layers < 2:
        return []
    rome = curves.mean("romebert")
    sentences = []
    if "deebert" in curves.recipes:
        lead = Lead.of(rome, curves.mean("deebert"))
        sentences.append(
            f"**The claim {_verdict(curves, lead)}.** Before the last exit `romebert` is on average {_above(lead.early)} `deebert`, ahead at {lead.ahead} of "
            f"{curves.layers - 1} exits, by most at exit {lead.largest_exit} ({signed(lead.largest)}); at the last exit {_above(lead.last)} it."
        )
        own, others = curves.mean_exits("romebert"), curves.mean_exits("deebert")
        if own.size and others.size:
            sentences.append(
                f"Where {CHEAPEST_SHARES[0]:.0%} of {_seen(curves)} may change, its texts leave at exit {own[:, 0].mean():.2f} on average, "
                f"those of `deebert` at {others[:, 0].mean():.2f}."
            )
        if "romebert-authors" in curves.recipes:
            authors = Lead.of(curves.mean("romebert-authors"), curves.mean("deebert"))
            sentences.append(f"With the authors' constants the claim {authors.verdict}: {signed(authors.early)} before the last exit, {signed(authors.last)} at it.")
        if curves.task in published["tasks"]:
            percent = published["tasks"][curves.task]["percent"]
            paper = Lead.of(percent["romebert"], percent["deebert"])
            sentences.append(f"Published: {signed(paper.early)} before the last exit, {signed(paper.last)} at it.")
    error = _standard_error(curves)
    if error is not None:
        sentences.append(f"One standard error of an accuracy on {curves.entries[0]['testRows']} rows is {error:.1f} points.")
    others = [name for name in curves.recipes if name not in ("romebert", "deebert")]
    if others:
        leads = [(name, Lead.of(curves.mean(name), rome)) for name in others]
        compared = "; ".join(f"`{name}` {signed(lead.early)} and {signed(lead.last)}" for name, lead in leads)
        sentences.append(f"Against `romebert`, before the last exit and at it: {compared}.")
    return sentences


def _verdict(curves: TaskCurves, lead: Lead) -> str:
    """The lead's verdict, unless both leads of an accuracy are within two of its standard errors."""
    error = _standard_error(curves)
    if error is not None and max(abs(lead.early), abs(lead.last)) < 2 * error:
        return "cannot be told from so few rows"
    return lead.verdict


def _standard_error(curves: TaskCurves) -> float | None:
    """Of the accuracy of RomeBERT's last exit, in points; None for other scores."""
    if METRICS[curves.task][0] != "accuracy":
        return None
    share = curves.mean("romebert")[-1] / 100
    return float(100 * np.sqrt(share * (1 - share) / curves.entries[0]["testRows"]))


def _overall(tasks: Sequence[TaskCurves]) -> str:
    """The verdict over all tasks that have both sides of the claim."""
    verdicts: dict[str, list[str]] = {}
    for curves in tasks:
        if {"romebert", "deebert"} <= set(curves.recipes) and curves.layers > 1:
            lead = Lead.of(curves.mean("romebert"), curves.mean("deebert"))
            verdicts.setdefault(_verdict(curves, lead), []).append(f"{_title(curves.task)} ({signed(lead.early)} before the last exit, {signed(lead.last)} at it)")
    return " ".join(f"It {verdict} on {', '.join(names)}." for verdict, names in verdicts.items())


def _description(name: str) -> str:
    recipe = Recipe(**RECIPES[name])
    if recipe.method == "deebert":
        return "backbone and last exit first, then, frozen, the other exits."
    if recipe.method == "pabee":
        return "one stage, the exits' cross-entropies weighted by depth."
    if name == "romebert-half":
        return "`romebert` in half of the steps."
    if not recipe.second_opinions:
        return "`romebert` on the commits' own labels alone, without the opinion of a classifier of other repositories."
    distilled = f"distillation with gamma {recipe.gamma:g} and T {recipe.distillation_temperature:g}" if recipe.gamma else "no distillation"
    regularised = {
        "none": "gradients added as they are",
        "earlier": "in a conflict the earlier exits' gradient gives way",
        "last": "in a conflict the last exit's gradient gives way",
    }
    return f"one stage, {distilled}, {regularised[recipe.give_way]}."


def _with_spread(values: np.ndarray, decimals: int = 1) -> str:
    """Mean over the seeds [seeds], with the standard deviation where there are several."""
    return f"{values.mean():.{decimals}f}" + (f" ± {values.std(ddof=1):.{decimals}f}" if len(values) > 1 else "")


def _above(points: float) -> str:
    return f"{abs(points):.1f} points {'below' if points < 0 else 'above'}"


def _depths(exits: int) -> np.ndarray:
    """Depth of each exit in percent, the last being at 100."""
    return 100 * np.arange(1, exits + 1) / exits


def _title(task: str) -> str:
    return TASK_TITLES.get(task, task)


def _setting_key(entry: dict) -> tuple:
    """What has to agree for two entries of a task to be compared; None sorts as all rows."""
    return (entry["layers"], entry["maxRows"] or 0, entry["epochsFactor"], entry["dataSha256"], _pooling(entry))


def _pooling(entry: dict) -> str:
    return entry.get("pooling", EARLIER_POOLING)


def _identity(entry: dict) -> tuple:
    return (entry["task"], entry["recipe"], entry["seed"], _setting_key(entry))


def _hyperparameters(recipe: Recipe | dict) -> dict:
    """The fields of a Recipe that the compared exits depend on, but for those that all recipes, or all of one name, have alike."""
    values = recipe if isinstance(recipe, dict) else asdict(recipe)
    alike = ("undistilled", "second_opinions")
    return {name: values[name] for name in asdict(Recipe()) if not name.startswith("exit0_") and name not in alike}
