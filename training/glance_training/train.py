"""Training of the encoder and its exits in one stage, then of exit 0; resumable at any checkpoint."""

import json
import subprocess
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from . import UserError
from .data import LABELS, Row, allowed_matrix, load_tokenizer, pad, plan_batches, row_weights
from .exit0 import HashedClassifier, train_exit0
from .losses import regularise, romebert_losses
from .model import MAXIMUM_TOKENS, MultiExitEncoder, from_base, load_model, save_model

CHECKPOINT = "checkpoint.pt"
RECIPE = "recipe.json"
EXIT0 = "exit0.safetensors"
TOKENIZER = "tokenizer.json"
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "onnx", "onnxruntime")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a run. The defaults are the recipe of the shipped model."""

    epochs: int = 3
    batch_size: int = 64
    encoder_lr: float = 1e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.06
    clip_norm: float = 1.0
    weight_power: float = 0.5
    # RomeBERT's gamma and T are 0.9 and 3, with a KL averaged over labels too. With the batch mean that is several
    # times the weight, and all exits end up alike before the last one has learnt the task.
    gamma: float = 0.5
    distillation_temperature: float = 2.0
    # Which gradient gives way in a conflict: "earlier" is the authors' order for large tasks (MNLI, QQP), "last" the
    # one for small tasks, "none" adds them as they are.
    give_way: str = "earlier"
    bfloat16: bool = True
    exit0_epochs: int = 20
    exit0_batch_size: int = 128
    # High, because a row's gradient is divided by the texts of the batch and by the features of the text.
    exit0_lr: float = 600.0
    exit0_temperature: float = 2.0
    seed: int = 0


def is_regularised(name: str, last_layer: int) -> bool:
    """Whether RomeBERT regularises the gradient of this parameter: encoder weights below the last layer only."""
    return (
        name.startswith("bert.encoder.layer.")
        and not name.startswith(f"bert.encoder.layer.{last_layer}.")
        and "LayerNorm" not in name
        and not name.endswith("bias")
    )


def set_gradients(model: MultiExitEncoder, earlier_loss: Tensor, last_loss: Tensor, give_way: str) -> None:
    """Sets every trainable parameter's gradient of the two losses, regularised where RomeBERT does so."""
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    if give_way == "none":
        gradients = torch.autograd.grad(earlier_loss + last_loss, [p for _, p in named])
        for (_, parameter), gradient in zip(named, gradients):
            parameter.grad = gradient
        return
    parameters = [p for _, p in named]
    last = torch.autograd.grad(last_loss, parameters, retain_graph=True, materialize_grads=True, allow_unused=True)
    earlier = torch.autograd.grad(earlier_loss, parameters, materialize_grads=True, allow_unused=True)
    last_layer = model.bert.config.num_hidden_layers - 1
    chosen = [i for i, (name, _) in enumerate(named) if is_regularised(name, last_layer)]
    projected, reference = (last, earlier) if give_way == "last" else (earlier, last)
    for (_, parameter), one, other in zip(named, last, earlier):
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


def train(
    rows: list[Row],
    base: Path,
    run: Path,
    recipe: Recipe,
    *,
    device: str = "cpu",
    checkpoint_every: int = 100,
    stop_after: int | None = None,
    data_sha256: str = "",
) -> None:
    """Trains in the folder `run`, going on from its checkpoint if there is one.

    Writes log.jsonl while it runs and, at the end, config.json, model.safetensors, exit0.safetensors, tokenizer.json
    and recipe.json. `stop_after` ends the session early after that many steps in all, with a checkpoint.
    """
    run.mkdir(parents=True, exist_ok=True)
    # Now, not at the end: the checkout may move on while the loaded code trains.
    commit = _git_commit()
    tokenizer = load_tokenizer(base / TOKENIZER, MAXIMUM_TOKENS)
    sequences = [encoding.ids for encoding in tokenizer.encode_batch([row.text for row in rows])]
    lengths = [len(ids) for ids in sequences]
    allowed = torch.from_numpy(allowed_matrix(rows))
    weights = torch.from_numpy(row_weights(rows, recipe.weight_power))

    torch.manual_seed(recipe.seed)
    model = from_base(base, len(LABELS)).to(device).train()
    optimiser = build_optimiser(model, recipe)
    peak_rates = [group["lr"] for group in optimiser.param_groups]
    steps_per_epoch = -(-len(rows) // recipe.batch_size)
    total = recipe.epochs * steps_per_epoch
    done = _resume(run, recipe, model, optimiser, device)
    print(f"{len(rows)} rows, {total} steps of {recipe.batch_size}, from step {done} on {device}", flush=True)

    started = time.monotonic()
    batches: list[np.ndarray] = []
    for step in range(done, total):
        epoch, position = divmod(step, steps_per_epoch)
        if not batches or position == 0:
            batches = plan_batches(lengths, recipe.batch_size, np.random.default_rng([recipe.seed, epoch]))
        batch = batches[position]
        for group, peak in zip(optimiser.param_groups, peak_rates):
            group["lr"] = peak * rate_factor(step, total, recipe.warmup_share)
        ids, mask = (torch.from_numpy(array).to(device) for array in pad([sequences[i] for i in batch]))
        with torch.autocast(device, dtype=torch.bfloat16, enabled=recipe.bfloat16):
            logits = model(ids, mask)
        earlier_loss, last_loss = romebert_losses(
            logits, allowed[batch].to(device), weights[batch].to(device), recipe.gamma, recipe.distillation_temperature
        )
        set_gradients(model, earlier_loss, last_loss, recipe.give_way)
        nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], recipe.clip_norm)
        optimiser.step()

        finished = step + 1
        if finished % 25 == 0 or finished == total:
            _log(run, finished, total, earlier_loss, last_loss, time.monotonic() - started)
        if finished % checkpoint_every == 0 or finished in (stop_after, total):
            _save_checkpoint(run, recipe, model, optimiser, finished)
        if finished == stop_after and finished < total:
            print(f"stopped at step {finished}; run the same command to go on", flush=True)
            return
    _finish(run, rows, sequences, base, recipe, model, device, {"steps": total, "dataSha256": data_sha256, "gitCommit": commit})


def _finish(
    run: Path, rows: list[Row], sequences: list[list[int]], base: Path, recipe: Recipe, model: MultiExitEncoder, device: str, facts: dict
) -> None:
    """Distils exit 0 from the trained encoder and writes the run's results; `facts` go into recipe.json as they are."""
    print("distilling exit 0", flush=True)
    model.eval()
    exit0 = train_exit0(
        sequences,
        torch.from_numpy(allowed_matrix(rows)),
        torch.from_numpy(row_weights(rows, recipe.weight_power)),
        predict(model, sequences, device)[-1],
        model.bert.config.vocab_size,
        epochs=recipe.exit0_epochs,
        batch_size=recipe.exit0_batch_size,
        gamma=recipe.gamma,
        temperature=recipe.exit0_temperature,
        table_lr=recipe.exit0_lr,
        seed=recipe.seed,
    )
    save_model(model.cpu(), run)
    save_file({"table": exit0.table.weight.detach(), "bias": exit0.bias.detach()}, run / EXIT0)
    (run / TOKENIZER).write_bytes((base / TOKENIZER).read_bytes())
    # Last, so that a run counts as finished only when all its files are there.
    contents = {
        **asdict(recipe),
        "rows": len(rows),
        "device": device,
        "libraries": {name: version(name) for name in LIBRARIES},
        **facts,
    }
    (run / RECIPE).write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    print(f"finished: {run}", flush=True)


@torch.no_grad()
def predict(model: MultiExitEncoder, sequences: list[list[int]], device: str = "cpu") -> list[Tensor]:
    """Float32 logits of exit 1..layers for every text, each [texts, labels], without autocast."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    exits = model.bert.config.num_hidden_layers
    logits = torch.empty(exits, len(sequences), len(LABELS))
    for start in range(0, len(order), 64):
        chunk = order[start : start + 64]
        ids, mask = (torch.from_numpy(array).to(device) for array in pad([sequences[i] for i in chunk]))
        logits[:, chunk] = torch.stack(model(ids, mask)).cpu()
    return list(logits)


def load_run(run: Path) -> tuple[MultiExitEncoder, HashedClassifier, dict]:
    """Reads a finished run: encoder, exit 0 and the facts of recipe.json."""
    if not (run / RECIPE).is_file():
        raise UserError(f"{run} holds no finished training run. Run `python -m glance_training train` first.")
    model = load_model(run, len(LABELS))
    exit0 = HashedClassifier(model.bert.config.vocab_size, len(LABELS)).eval()
    weights = load_file(run / EXIT0)
    exit0.load_state_dict({"table.weight": weights["table"], "bias": weights["bias"]})
    return model, exit0, json.loads((run / RECIPE).read_text(encoding="utf-8"))


def _resume(run: Path, recipe: Recipe, model: MultiExitEncoder, optimiser: torch.optim.Optimizer, device: str) -> int:
    """Loads the run's checkpoint, if any, and returns the number of steps already done."""
    path = run / CHECKPOINT
    if not path.is_file():
        return 0
    state = torch.load(path, map_location=device, weights_only=True)
    # Exit 0 is distilled from the finished encoder, so its part of the recipe may still change.
    changed = ", ".join(
        sorted(key for key, value in asdict(recipe).items() if not key.startswith("exit0_") and state["recipe"].get(key) != value)
    )
    if changed:
        raise UserError(f"{path} belongs to another recipe (differs in: {changed}). Choose another --run or delete that folder.")
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"].cpu())
    if device == "cuda":
        torch.cuda.set_rng_state(state["random_cuda"].cpu())
    return state["step"]


def _save_checkpoint(run: Path, recipe: Recipe, model: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    state = {
        "recipe": asdict(recipe),
        "step": step,
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "random": torch.get_rng_state(),
    }
    if next(model.parameters()).is_cuda:
        state["random_cuda"] = torch.cuda.get_rng_state()
    partial = run / f"{CHECKPOINT}.partial"
    torch.save(state, partial)
    partial.replace(run / CHECKPOINT)


def _log(run: Path, step: int, total: int, earlier_loss: Tensor, last_loss: Tensor, seconds: float) -> None:
    entry = {
        "step": step,
        "earlier": round(earlier_loss.item(), 4),
        "last": round(last_loss.item(), 4),
        "seconds": round(seconds, 1),
    }
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    print(f"step {step}/{total}  earlier {entry['earlier']}  last {entry['last']}  {seconds:.0f} s", flush=True)


def _git_commit() -> str | None:
    """The commit of the checkout this runs from, or None outside one."""
    result = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True)
    return result.stdout.strip() or None
