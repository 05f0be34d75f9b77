"""Training of the encoder and its exits, for one task or several at once, then of every task's exit 0; resumable."""

import hashlib
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from . import UserError
from .data import load_tokenizer, pad, plan_batches, row_weights, targets_of, tokenise
from .exit0 import HashedClassifier, train_exit0
from .losses import Batch, deebert_losses, pabee_losses, regularise, romebert_losses
from .model import POOLING, WEIGHTS, MultiExitEncoder, from_base, load_model, save_model
from .second_opinion import second_opinions
from .task import Row, Task
from .tasks import TASKS

CHECKPOINT = "checkpoint.pt"
RECIPE = "recipe.json"
EXIT0 = "exit0.safetensors"
TOKENIZER = "tokenizer.json"
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn", "onnx", "onnxruntime")
METHODS = ("romebert", "deebert", "pabee")


@dataclass(frozen=True)
class Recipe:
    """Everything but the data that decides the outcome of a run. The defaults are the recipe of the shipped model."""

    # "romebert": one stage. "deebert": backbone and last exit first, then, frozen, the other exits, as many steps again.
    # "pabee": one stage, the exits weighted by depth.
    method: str = "romebert"
    layers: int = 4
    # Every task's number of passes is multiplied by it.
    epochs_factor: float = 1.0
    batch_size: int = 64
    encoder_lr: float = 1e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.06
    clip_norm: float = 1.0
    # RomeBERT's gamma and T are 0.9 and 3, with a KL averaged over labels too. With the batch mean that is several
    # times the weight, and all exits end up alike before the last one has learnt the task.
    gamma: float = 0.5
    # Tasks whose encoder exits learn from the labels alone: on README sections all exits were better for it (`compare`).
    undistilled: tuple[str, ...] = ("doc-section",)
    # Whether the tasks that ask for second opinions get them.
    second_opinions: bool = True
    distillation_temperature: float = 2.0
    # Which gradient gives way in a conflict: "earlier" is the authors' order for large tasks (MNLI, QQP), "last" the
    # one for small tasks, "none" adds them as they are.
    give_way: str = "earlier"
    bfloat16: bool = True
    # Of L-BFGS. 0: no exit 0, where only the encoder's exits are of interest.
    exit0_iterations: int = 100
    exit0_penalty: float = 5e-5
    exit0_temperature: float = 2.0
    # The exit of the encoder that teaches exit 0 of the tasks with unlabelled texts: the last one that ships (`export` chooses it on calibration texts).
    exit0_teacher: int = 2
    seed: int = 0


@dataclass(frozen=True)
class TrainingSet:
    """A task's training rows as numbers."""

    task: Task
    sequences: list[list[int]]
    holds: Tensor
    known: Tensor
    weights: Tensor
    opinions: Tensor | None

    @classmethod
    def of(cls, task: Task, rows: list[Row], tokenizer_file: Path, *, ask: bool = True) -> "TrainingSet":
        """`ask`: whether the rows get second opinions, where the task wants them."""
        targets = targets_of(task, rows)
        opinions = None
        if ask and task.second_opinion:
            print(f"{task.id}: second opinions on {len(rows)} rows ...", flush=True)
            opinions = second_opinions(task, rows)
        return cls(
            task,
            tokenise(load_tokenizer(tokenizer_file), [row.text for row in rows], task.maximum_tokens),
            torch.from_numpy(targets.holds),
            torch.from_numpy(targets.known),
            torch.from_numpy(row_weights(rows, task.weight_power)),
            None if opinions is None else torch.from_numpy(opinions),
        )

    def batch(self, rows: np.ndarray | slice, device: str = "cpu") -> Batch:
        """What the losses of these rows are measured against."""
        holds, known, weights = (part[rows].to(device) for part in (self.holds, self.known, self.weights))
        opinions = None if self.opinions is None else self.opinions[rows].to(device)
        return Batch(holds, known, weights, self.task.multi_label, opinions, self.task.second_opinion)


def passes_of(task: Task, recipe: Recipe) -> int:
    """How often each of the task's rows is trained on; once at least."""
    return max(1, round(task.epochs * recipe.epochs_factor))


def plan(sets: Sequence[TrainingSet], recipe: Recipe) -> list[tuple[int, np.ndarray]]:
    """The whole training in order: (number of the task's set, row numbers) of each step.

    A batch holds rows of one task. The tasks' batches are mixed evenly, so that each is trained from the start to the end.
    """
    batches: list[tuple[float, int, np.ndarray]] = []
    for number, part in enumerate(sets):
        lengths = [len(ids) for ids in part.sequences]
        own: list[np.ndarray] = []
        for epoch in range(passes_of(part.task, recipe)):
            own += plan_batches(lengths, recipe.batch_size, np.random.default_rng([recipe.seed, number, epoch]))
        batches += [((position + 0.5) / len(own), number, rows) for position, rows in enumerate(own)]
    batches.sort(key=lambda entry: entry[:2])
    return [(number, rows) for _, number, rows in batches]


def is_regularised(name: str, last_layer: int) -> bool:
    """Whether RomeBERT regularises the gradient of this parameter: encoder weights below the last layer only."""
    return (
        name.startswith("bert.encoder.layer.")
        and not name.startswith(f"bert.encoder.layer.{last_layer}.")
        and "LayerNorm" not in name
        and not name.endswith("bias")
    )


def set_gradients(model: MultiExitEncoder, task: str, earlier_loss: Tensor, last_loss: Tensor, give_way: str) -> None:
    """Sets the gradient of the two losses, regularised where RomeBERT does so, on every trainable parameter the task uses.

    The heads of other tasks get none, so that the optimiser leaves them alone.
    """
    named = []
    for name, parameter in model.named_parameters():
        parameter.grad = None
        if parameter.requires_grad and (not name.startswith("heads.") or name.startswith(f"heads.{task}.")):
            named.append((name, parameter))
    parameters = [parameter for _, parameter in named]
    if give_way == "none":
        for parameter, gradient in zip(parameters, torch.autograd.grad(earlier_loss + last_loss, parameters)):
            parameter.grad = gradient
        return
    last = torch.autograd.grad(last_loss, parameters, retain_graph=True, materialize_grads=True, allow_unused=True)
    earlier = torch.autograd.grad(earlier_loss, parameters, materialize_grads=True, allow_unused=True)
    chosen = [i for i, (name, _) in enumerate(named) if is_regularised(name, model.layers - 1)]
    projected, reference = (last, earlier) if give_way == "last" else (earlier, last)
    for parameter, one, other in zip(parameters, last, earlier):
        parameter.grad = one + other
    for i, gradient in zip(chosen, regularise([projected[i] for i in chosen], [reference[i] for i in chosen])):
        parameters[i].grad = gradient


def build_optimiser(model: MultiExitEncoder, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW with one rate for encoder and poolers (pre-trained) and one for the heads; no decay on biases and LayerNorm."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            rate = recipe.head_lr if name.startswith("heads.") else recipe.encoder_lr
            decay = 0.0 if name.endswith("bias") or "LayerNorm" in name else recipe.weight_decay
            groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW([{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()])


def rate_factor(step: int, total: int, warmup_share: float) -> float:
    """Linear warm-up to 1 and linear decay to 0; `step` counts from 0."""
    warmup = max(1, round(total * warmup_share))
    return min((step + 1) / warmup, (total - step) / max(1, total - warmup))


def freeze_for_stage(model: MultiExitEncoder, method: str, stage: int) -> None:
    """DeeBERT's stages: first the backbone and the last exit alone, then the other exits alone."""
    if method != "deebert":
        return
    last = model.layers - 1
    for name, parameter in model.named_parameters():
        parts = name.split(".")
        exit_of = int(parts[2] if parts[0] == "heads" else parts[1]) if parts[0] in ("heads", "poolers") else None
        belongs_to_first = exit_of in (None, last)
        frozen_table = name.endswith("word_embeddings.weight")
        parameter.requires_grad_(belongs_to_first == (stage == 0) and not frozen_table)


def step_gradients(model: MultiExitEncoder, task: str, logits: list[Tensor], batch: Batch, recipe: Recipe, stage: int) -> tuple[Tensor, Tensor]:
    """Sets the gradients of one step and returns (loss of the earlier exits, loss of the last exit)."""
    if recipe.method == "romebert":
        gamma = 0.0 if task in recipe.undistilled else recipe.gamma
        earlier, last = romebert_losses(logits, batch, gamma, recipe.distillation_temperature)
        set_gradients(model, task, earlier, last, recipe.give_way)
        return earlier, last
    if recipe.method == "pabee":
        earlier, last = pabee_losses(logits, batch)
        set_gradients(model, task, earlier, last, "none")
        return earlier, last
    earlier, last = deebert_losses(logits, batch)
    model.zero_grad()
    (earlier if stage else last).backward()
    return earlier, last


def train(
    rows: Mapping[str, list[Row]],
    base: Path,
    run: Path,
    recipe: Recipe,
    *,
    unlabelled: Mapping[str, list[Row]] | None = None,
    device: str = "cpu",
    checkpoint_every: int = 100,
    stop_after: int | None = None,
    facts: dict | None = None,
) -> None:
    """Trains the tasks of `rows` (training rows by task id) in the folder `run`, going on from its checkpoint if there is one.

    Exit 0 learns the encoder's answers on the texts of `unlabelled` as well (by task id; a task may have none).
    Writes log.jsonl while it runs and, at the end, config.json, model.safetensors, exit0.safetensors, tokenizer.json
    and recipe.json (`facts` go into it as they are). `stop_after` ends the session early after that many steps in all,
    with a checkpoint.
    """
    if recipe.method not in METHODS:
        raise UserError(f"There is no method {recipe.method}; there are {', '.join(METHODS)}.")
    if recipe.exit0_iterations and not 1 <= recipe.exit0_teacher <= recipe.layers:
        raise UserError(f"Exit 0 cannot learn from exit {recipe.exit0_teacher} of an encoder of {recipe.layers} layers.")
    if recipe.layers < 2:
        raise UserError("Every method trains earlier exits beside the last one: give --layers 2 or more.")
    run.mkdir(parents=True, exist_ok=True)
    # Now, not at the end: the checkout may move on while the loaded code trains.
    commit = _git_commit()
    sets = [TrainingSet.of(TASKS[task], task_rows, base / TOKENIZER, ask=recipe.second_opinions) for task, task_rows in rows.items()]
    steps = plan(sets, recipe)
    stages = 2 if recipe.method == "deebert" else 1
    total = stages * len(steps)

    torch.manual_seed(recipe.seed)
    model = from_base(base, {part.task.id: len(part.task.labels) for part in sets}, recipe.layers).to(device).train()
    # A task's place counts as well: its batches are shuffled by it.
    digests = {task: hashlib.sha256(repr((place, TASKS[task], rows[task])).encode()).hexdigest() for place, task in enumerate(rows)}
    state = _read_checkpoint(run, recipe, digests, device)
    done = state["step"] if state else 0
    print(f"{', '.join(f'{len(part.sequences)} rows of {part.task.id}' for part in sets)}: {total} steps, from step {done} on {device}", flush=True)

    started = time.monotonic()
    # A checkpoint of the last step is put back as well: the encoder it holds is finished, exit 0 may not be.
    for stage in range(min(done // len(steps), stages - 1), stages):
        freeze_for_stage(model, recipe.method, stage)
        optimiser = build_optimiser(model, recipe)
        peak_rates = [group["lr"] for group in optimiser.param_groups]
        if state:
            _restore(state, stage, model, optimiser, device)
            state = None
        for position in range(done - stage * len(steps), len(steps)):
            number, chosen = steps[position]
            part = sets[number]
            for group, peak in zip(optimiser.param_groups, peak_rates):
                group["lr"] = peak * rate_factor(position, len(steps), recipe.warmup_share)
            ids, mask = (torch.from_numpy(array).to(device) for array in pad([part.sequences[i] for i in chosen]))
            with torch.autocast(device, dtype=torch.bfloat16, enabled=recipe.bfloat16):
                logits = model(ids, mask, part.task.id)
            earlier, last = step_gradients(model, part.task.id, logits, part.batch(chosen, device), recipe, stage)
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], recipe.clip_norm)
            optimiser.step()

            done = stage * len(steps) + position + 1
            if done % 25 == 0 or done == total:
                _log(run, done, total, part.task.id, earlier, last, time.monotonic() - started)
            if done % checkpoint_every == 0 or done in (stop_after, total):
                _save_checkpoint(run, recipe, digests, model, optimiser, done, stage)
            if done == stop_after and done < total:
                print(f"stopped at step {done}; run the same command to go on", flush=True)
                return
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    _finish(run, sets, unlabelled or {}, base, recipe, model.eval(), device, {"steps": total, "gitCommit": commit, **(facts or {})})


def _finish(
    run: Path,
    sets: list[TrainingSet],
    unlabelled: Mapping[str, list[Row]],
    base: Path,
    recipe: Recipe,
    model: MultiExitEncoder,
    device: str,
    facts: dict,
) -> None:
    """Trains each task's exit 0 and writes the run's results.

    Where there are texts without labels, the trained encoder teaches it, of all texts. Where all have labels, they say more: taught by the encoder
    as well, exit 0 was worse on sections by far and on commits by a little, and so was every deeper exit, to whose answers it adds less that is new.
    """
    tensors = {}
    for part in sets if recipe.exit0_iterations else ():
        texts = [row.text for row in unlabelled.get(part.task.id, [])]
        sequences = part.sequences + tokenise(load_tokenizer(base / TOKENIZER), texts, part.task.maximum_tokens)
        print(f"training exit 0 of {part.task.id} on {len(sequences)} texts, {len(texts)} of them without labels", flush=True)
        exit0 = train_exit0(
            sequences,
            part.batch(slice(None)),
            predict(model, sequences, part.task.id, device, recipe.bfloat16, recipe.exit0_teacher)[-1] if texts else None,
            model.bert.config.vocab_size,
            gamma=recipe.gamma,
            temperature=recipe.exit0_temperature,
            penalty=recipe.exit0_penalty,
            iterations=recipe.exit0_iterations,
        )
        tensors[f"{part.task.id}.table"] = exit0.table.weight.detach()
        tensors[f"{part.task.id}.bias"] = exit0.bias.detach()
    save_model(model.cpu(), run)
    save_file(tensors, run / EXIT0)
    (run / TOKENIZER).write_bytes((base / TOKENIZER).read_bytes())
    # Last, so that a run counts as finished only when all its files are there.
    contents = {
        **asdict(recipe),
        "tasks": {
            part.task.id: {
                "rows": len(part.sequences),
                "unlabelledRows": len(unlabelled.get(part.task.id, [])),
                "epochs": passes_of(part.task, recipe),
                "weightPower": part.task.weight_power,
                "secondOpinion": 0.0 if part.opinions is None else part.task.second_opinion,
            }
            for part in sets
        },
        "pooling": POOLING,
        "device": device,
        "libraries": {name: version(name) for name in LIBRARIES},
        **facts,
    }
    (run / RECIPE).write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    print(f"finished: {run}", flush=True)


@torch.no_grad()
def predict(
    model: MultiExitEncoder, sequences: list[list[int]], task: str, device: str = "cpu", bfloat16: bool = False, exits: int | None = None
) -> Tensor:
    """Float32 logits [exits, texts, labels] of exit 1 to `exits` (all, unless said) for every text; `bfloat16` reckons twice as fast and less precisely."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    logits = torch.empty(exits or model.layers, len(sequences), model.heads[task][0].out_features)
    for start in range(0, len(order), 64):
        chunk = order[start : start + 64]
        ids, mask = (torch.from_numpy(array).to(device) for array in pad([sequences[i] for i in chunk]))
        with torch.autocast(device, dtype=torch.bfloat16, enabled=bfloat16):
            logits[:, chunk] = torch.stack(model(ids, mask, task, exits)).cpu()
    return logits


@dataclass(frozen=True)
class Run:
    """A finished run: the encoder, each task's exit 0 (none where the recipe has no passes for it), and the facts of recipe.json."""

    model: MultiExitEncoder
    exit0: dict[str, HashedClassifier]
    recipe: dict

    def logits(self, sequences: list[list[int]], task: str) -> np.ndarray:
        """Float32 logits [exits, texts, labels] of every exit, exit 0 first."""
        if task not in self.exit0:
            raise UserError(f"This run has no exit 0 of {task}: it was trained to compare the encoder's exits alone. Train it with `train`.")
        with torch.no_grad():
            first = self.exit0[task](sequences)
        return torch.cat([first[None], predict(self.model, sequences, task)]).numpy()


def origin_of(run: Path) -> dict[str, str]:
    """What the manifest of a package says of the finished run it came from: the SHA-256 of the run's weights, those of exit 0 apart.

    Raises UserError where there is no finished run.
    """
    if not (run / RECIPE).is_file():
        raise _no_run(run)
    files = {"weightsSha256": WEIGHTS, "exit0Sha256": EXIT0}
    return {name: hashlib.sha256((run / file).read_bytes()).hexdigest() for name, file in files.items()}


def _no_run(folder: Path) -> UserError:
    return UserError(f"{folder} holds no finished training run. Run `python -m glance_training train --run {folder}` first.")


def load_run(folder: Path) -> Run:
    """Reads a finished run. Raises UserError where there is none, or one that is damaged."""
    if not (folder / RECIPE).is_file():
        if (folder / CHECKPOINT).is_file():
            raise UserError(f"{folder} holds a training that was stopped. The command that began it goes on with it.")
        raise _no_run(folder)
    try:
        return _load_run(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
        raise UserError(f"{folder} is no whole training run ({type(error).__name__}: {error}). Train it anew, in a folder of its own.") from error


def _load_run(folder: Path) -> Run:
    recipe = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
    labels = {task: len(TASKS[task].labels) for task in recipe["tasks"]}
    model = load_model(folder, labels)
    weights = load_file(folder / EXIT0)
    exit0 = {}
    for task, count in labels.items() if weights else ():
        exit0[task] = HashedClassifier(model.bert.config.vocab_size, count).eval()
        exit0[task].load_state_dict({"table.weight": weights[f"{task}.table"], "bias": weights[f"{task}.bias"]})
    return Run(model, exit0, recipe)


def _read_checkpoint(run: Path, recipe: Recipe, digests: dict[str, str], device: str) -> dict | None:
    """The run's checkpoint, or None. Raises UserError where it is of another recipe or of other rows, by their digests by task."""
    path = run / CHECKPOINT
    if not path.is_file():
        return None
    state = torch.load(path, map_location=device, weights_only=True)
    # Exit 0 is trained when the encoder is finished, so its part of the recipe may still change.
    changed = ", ".join(
        sorted(key for key, value in asdict(recipe).items() if not key.startswith("exit0_") and state["recipe"].get(key) != value)
    )
    if changed:
        raise UserError(f"{path} belongs to another recipe (differs in: {changed}). Choose another --run or delete that folder.")
    trained = state.get("rows", digests)
    if trained != digests:
        tasks = ", ".join(task for task in {**trained, **digests} if trained.get(task) != digests.get(task))
        raise UserError(f"{path} was trained on other tasks or rows ({tasks}). Choose another --run or delete that folder.")
    return state


def _restore(state: dict, stage: int, model: MultiExitEncoder, optimiser: torch.optim.Optimizer, device: str) -> None:
    """Puts a checkpoint back; a checkpoint at the end of a stage lends its weights to the next one, not its optimiser."""
    model.load_state_dict(state["model"])
    if state["stage"] == stage:
        optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"].cpu())
    if device == "cuda":
        torch.cuda.set_rng_state(state["random_cuda"].cpu())


def _save_checkpoint(
    run: Path, recipe: Recipe, digests: dict[str, str], model: nn.Module, optimiser: torch.optim.Optimizer, step: int, stage: int
) -> None:
    state = {
        "recipe": asdict(recipe),
        "rows": digests,
        "step": step,
        "stage": stage,
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "random": torch.get_rng_state(),
    }
    if next(model.parameters()).is_cuda:
        state["random_cuda"] = torch.cuda.get_rng_state()
    partial = run / f"{CHECKPOINT}.partial"
    torch.save(state, partial)
    partial.replace(run / CHECKPOINT)


def _log(run: Path, step: int, total: int, task: str, earlier: Tensor, last: Tensor, seconds: float) -> None:
    entry = {"step": step, "task": task, "earlier": round(earlier.item(), 4), "last": round(last.item(), 4), "seconds": round(seconds, 1)}
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    print(f"step {step}/{total}  {task}  earlier {entry['earlier']}  last {entry['last']}  {seconds:.0f} s", flush=True)


def _git_commit() -> str | None:
    """The commit of the checkout this runs from, or None outside one."""
    result = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True)
    return result.stdout.strip() or None
