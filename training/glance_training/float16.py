"""Makes the package for graphics cards: float16 segments of the same run, everything else from the int8 package."""

import shutil
from pathlib import Path

import numpy as np

from . import UserError
from .answers import same
from .data import read_promise_rows
from .export import install
from .graph import write_segments
from .package import MANIFEST, ModelPackage, PackageTask, digest, write_manifest
from .policies import Scored, answers_at, certainty_exits
from .prepare import require_rows_of
from .tasks import TASKS
from .train import load_run, origin_of

PRECISION = "float16"
MAXIMUM_PACKAGE_BYTES = 45_000_000
# Calibration texts of each task that both packages answer.
COMPARED_TEXTS = 1000


def export_float16(run_folder: Path, prepared: Path, package: Path, target: Path) -> dict:
    """Writes the package folder `target`, whole or not at all, from the finished run and the int8 package made of it; returns its manifest.

    Nothing is calibrated anew. What it does to the answers is measured on calibration texts, on the processor: that reads the
    float16 weights and states, and reckons between them in float32.
    """
    int8 = ModelPackage(package)
    _require_int8_of(int8, run_folder)
    if target.resolve() == package.resolve():
        raise UserError(f"{target} is the int8 package itself: name another folder to write.")
    if target.exists() and not (target / MANIFEST).is_file():
        raise UserError(f"{target} is there and is no model package; it would be replaced. Name a folder that is not there.")
    run = load_run(run_folder)
    require_rows_of(run.recipe, run_folder, prepared, [TASKS[name] for name in int8.tasks])
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()

    encoder = int8.manifest["encoder"]
    for name in (encoder["tokenizer"], encoder["embeddings"], *(entry["weights"] for entry in int8.manifest["tasks"])):
        shutil.copyfile(package / name, partial / name)
    write_segments(run.model, None, partial, len(encoder["segments"]))
    manifest = _manifest(int8)
    write_manifest(partial, manifest)
    float16 = ModelPackage(partial)
    for entry in manifest["tasks"]:
        rows = read_promise_rows(prepared, TASKS[entry["id"]])
        texts = [rows[i].text for i in np.random.default_rng(0).permutation(len(rows))[:COMPARED_TEXTS]]
        found = difference(float16.task(entry["id"]), int8.task(entry["id"]), texts)
        entry["quality"]["againstInt8"] = found
        print(f"{entry['id']}: of {found['texts']} calibration texts {found['fullDepth']:.2%} have another answer than in int8 at full depth, {found['default']:.2%} at the default promise")
    size = install(partial, target, manifest, MAXIMUM_PACKAGE_BYTES)
    print(f"{size / 1e6:.1f} MB, written to {target}")
    return manifest


def difference(one: PackageTask, other: PackageTask, texts: list[str]) -> dict:
    """Shares of the texts that two packages answer otherwise: at full depth, and where they leave by the default promise."""
    sequences = one.tokenise(texts)
    scored = [part.scored(sequences) for part in (one, other)]
    left = [_answers_by_default(part, found) for part, found in zip((one, other), scored)]
    return {
        "texts": len(texts),
        "fullDepth": round(float(1 - same(scored[0].answers[-1], scored[1].answers[-1]).mean()), 5),
        "default": round(float(1 - same(*left).mean()), 5),
    }


def _answers_by_default(part: PackageTask, scored: Scored) -> np.ndarray:
    return answers_at(scored, certainty_exits(part.certainty_heads.certainties(scored), part.entry["defaults"]["certainty"]))


def _require_int8_of(package: ModelPackage, run_folder: Path) -> None:
    manifest = package.manifest
    if manifest["encoder"].get("precision") == PRECISION:
        raise UserError(f"{package.folder} is in float16 itself: --package names the int8 package that the calibration is taken from.")
    if not package.came_from(origin_of(run_folder)):
        raise UserError(f"{package.folder} was not exported from {run_folder}, or does not record its exit 0: its calibration may not fit. Run `export` on this run first.")


def _manifest(int8: ModelPackage) -> dict:
    """The int8 package's manifest without its files and without what was measured of it."""
    manifest = int8.manifest
    source = {"name": manifest["name"], "version": manifest["version"], "manifestSha256": digest(int8.folder / MANIFEST)["sha256"]}
    return {
        **manifest,
        "name": f"{manifest['name']}-{PRECISION}",
        "description": manifest["description"].replace("int8", f"{PRECISION}, for graphics cards"),
        "files": {},
        "encoder": {**manifest["encoder"], "precision": PRECISION},
        "tasks": [{**entry, "quality": {key: entry["quality"][key] for key in ("split", "depth")}} for entry in manifest["tasks"]],
        "calibratedFor": source,
    }
