"""Reads and runs a model package with ONNX Runtime, the same way as the editor does."""

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file

from . import UserError
from .answers import probabilities_of
from .certainty import CertaintyHeads
from .data import load_tokenizer, tokenise
from .exit0 import feature_weight, features
from .policies import Scored

MANIFEST = "model.json"
FORMAT_VERSION = 4
TOKENS_PER_BATCH = 2048


def digest(path: Path) -> dict:
    """The manifest's entry for a file: its SHA-256 and size in bytes."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


class ModelPackage:
    """A model package, checked against its manifest and ready to run."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.manifest = read_manifest(folder)
        encoder = self.manifest["encoder"]
        self._tokenizer = load_tokenizer(folder / encoder["tokenizer"])
        embeddings = load_file(folder / encoder["embeddings"])
        self._words, self._scales, self._positions = embeddings["words"], embeddings["scales"], embeddings["positions"]
        options = onnxruntime.SessionOptions()
        # The extended level would fuse Add and LayerNormalization again, into a slower kernel with other roundings.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.intra_op_num_threads = 1
        self._segments = [
            onnxruntime.InferenceSession(folder / segment["file"], options, providers=["CPUExecutionProvider"])
            for segment in encoder["segments"]
        ]
        self.tasks = {entry["id"]: PackageTask(self, entry) for entry in self.manifest["tasks"]}

    def came_from(self, origin: dict[str, str]) -> bool:
        """Whether it was exported from the run with these weights (see train.origin_of)."""
        return origin.items() <= self.manifest["recipe"]["training"].items()

    def task(self, name: str) -> "PackageTask":
        if name not in self.tasks:
            raise UserError(f"{self.folder / MANIFEST} has no task {name}; it has {', '.join(self.tasks)}.")
        return self.tasks[name]

    def tokenise(self, texts: list[str], maximum_tokens: int) -> list[list[int]]:
        return tokenise(self._tokenizer, texts, maximum_tokens)

    def pooled(self, sequences: list[list[int]]) -> Iterator[np.ndarray]:
        """Pooled vectors [texts, hidden] after segment 1, 2, ... of one batch."""
        hidden, mask = self._embed(sequences)
        for session in self._segments:
            *states, pooled = session.run(None, {"hidden": hidden, "mask": mask})
            yield pooled
            hidden = states[0] if states else None

    def _embed(self, sequences: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        width = max(map(len, sequences))
        hidden = np.zeros((len(sequences), width, self._words.shape[1]), dtype=np.float32)
        mask = np.zeros((len(sequences), width), dtype=np.int32)
        for row, ids in enumerate(sequences):
            # Rounded once, as JavaScript does.
            words = self._words[ids].astype(np.float64) * self._scales[ids][:, None].astype(np.float64)
            hidden[row, : len(ids)] = words + self._positions[: len(ids)]
            mask[row, : len(ids)] = 1
        return hidden, mask


class PackageTask:
    """One task of a package."""

    def __init__(self, package: ModelPackage, entry: dict):
        self._package = package
        self.entry = entry
        self._weights = load_file(package.folder / entry["weights"])

    @property
    def exits(self) -> int:
        """Number of the task's exits, exit 0 included: deeper layers of the encoder are not run for it."""
        return len(self.entry["temperatures"])

    @property
    def silent(self) -> int | None:
        """Number of the silent label, or None."""
        return self.entry["labels"].index(self.entry["silentLabel"]) if "silentLabel" in self.entry else None

    def tokenise(self, texts: list[str]) -> list[list[int]]:
        """Token ids of each text, [CLS] and [SEP] included, cut at the task's length."""
        return self._package.tokenise(texts, self.entry["maximumTokens"])

    def logits(self, sequences: list[list[int]]) -> np.ndarray:
        """Float32 logits [exits, texts, labels] of every exit at full depth."""
        result = np.empty((self.exits, len(sequences), len(self.entry["labels"])), dtype=np.float32)
        for position, ids in enumerate(sequences):
            result[0, position] = self._exit0(ids)
        for batch in _batches(sequences):
            for number, pooled in enumerate(islice(self._package.pooled([sequences[i] for i in batch]), self.exits - 1), 1):
                own = pooled @ self._weights[f"exit{number}.weight"].T + self._weights[f"exit{number}.bias"]
                result[number, batch] = own + self._weights[f"exit{number}.wide"] * result[0, batch]
        return result

    def scored(self, sequences: list[list[int]], logits: np.ndarray | None = None) -> Scored:
        """Every exit's calibrated answers; `logits` where they are known already."""
        found = self.logits(sequences) if logits is None else logits
        thresholds = np.array(self.entry["labelThresholds"]) if self.entry["multiLabel"] else None
        probabilities = probabilities_of(found, self.entry["temperatures"], self.entry["multiLabel"])
        return Scored(probabilities, thresholds, np.array([len(ids) for ids in sequences]))

    @property
    def certainty_heads(self) -> CertaintyHeads:
        numbers = range(self.exits - 1)
        return CertaintyHeads(
            np.stack([self._weights[f"certainty{number}.weight"] for number in numbers]),
            np.concatenate([self._weights[f"certainty{number}.bias"] for number in numbers]),
        )

    def _exit0(self, ids: list[int]) -> np.ndarray:
        parts = features(ids, self._package.manifest["encoder"]["vocabularySize"])
        total = sum(self._weights["exit0.table"][rows].sum(axis=0, dtype=np.int64) * feature_weight(len(rows)) for rows in parts)
        return self._weights["exit0.bias"] + self._weights["exit0.scale"] * total


def read_manifest(folder: Path) -> dict:
    """Reads model.json and checks every file it lists."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UserError(f"{folder} is not a model package: {MANIFEST} is missing. Run `python -m glance_training export` first.")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if manifest.get("formatVersion") != FORMAT_VERSION:
        raise UserError(f"{path}: formatVersion is {manifest.get('formatVersion')}, this program reads {FORMAT_VERSION}.")
    for name, expected in manifest["files"].items():
        if not (folder / name).is_file():
            raise UserError(f"{folder / name} is missing; export the package again.")
        if digest(folder / name) != expected:
            raise UserError(f"{folder / name} is not the file that {MANIFEST} describes; export the package again.")
    return manifest


def write_manifest(folder: Path, manifest: dict) -> None:
    """Writes model.json at one stroke: a reader sees the old one or the new one, whole."""
    partial = folder / f".{MANIFEST}.partial"
    partial.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(folder / MANIFEST)


def _batches(sequences: list[list[int]]) -> Iterator[list[int]]:
    """Row numbers in batches of one length, each of at most TOKENS_PER_BATCH tokens (one text at least).

    Of one length, as the editor's engine forms them: padding would change the last digits, and where these decide how an
    activation is rounded to 8 bits, the third.
    """
    batch: list[int] = []
    for row in sorted(range(len(sequences)), key=lambda i: len(sequences[i])):
        length = len(sequences[row])
        if batch and (len(sequences[batch[0]]) != length or (len(batch) + 1) * length > TOKENS_PER_BATCH):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
