"""Comments of many projects, as users have them, without labels: what the promise of comment-debt is calibrated on.

Whether a leaving text changes its answer can be told without knowing the right one. So any project will do that training
never saw; these are packages that training or the repository installs anyway, at pinned versions.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .task import Row, letters
from .weak_labels import READERS, Comment, c_comments

# Distributions and their folders; none of them is a source of weak labels (weak_labels.PACKAGES).
PYTHON_PACKAGES = (
    ("fonttools", "fontTools"),
    ("joblib", "joblib"),
    ("matplotlib", "matplotlib"),
    ("pillow", "PIL"),
    ("pip", "pip"),
    ("pydantic", "pydantic"),
    ("scikit-learn", "sklearn"),
    ("scipy", "scipy"),
    ("setuptools", "setuptools"),
)
# Below the repository's node_modules.
NODE_PACKAGES = ("@types/node", "@typescript-eslint/eslint-plugin", "eslint", "mocha", "undici", "zod")
MAXIMUM_ROWS = 4000
# Bytes; larger files are generated or bundled.
MAXIMUM_FILE = 600_000
ALL_READERS: dict[str, Callable[[str], Iterator[Comment]]] = {**READERS, ".c": c_comments, ".cpp": c_comments, ".js": c_comments, ".ts": c_comments}


def unlabelled_comments(node_modules: Path, seen: set[str]) -> list[Row]:
    """A sample of every package's comments, one group per package and version; packages that are not there are left out.

    Texts whose letters are in `seen` are left out, and repeated ones.
    """
    rows = []
    for name, folder in PYTHON_PACKAGES:
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        rows += _sample(f"PyPI {name} {package.version}", Path(package.locate_file(folder)), seen)
    for name in NODE_PACKAGES:
        if (node_modules / name / "package.json").is_file():
            version = json.loads((node_modules / name / "package.json").read_text(encoding="utf-8"))["version"]
            rows += _sample(f"npm {name} {version}", node_modules / name, seen)
    return rows


def _sample(group: str, folder: Path, seen: set[str]) -> list[Row]:
    texts = sorted(_texts(_source_files(folder), seen))
    chosen = random.Random(group).sample(texts, min(MAXIMUM_ROWS, len(texts)))
    return [Row(f"{group} {number}", text, (), group) for number, text in enumerate(chosen)]


def _source_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.suffix in ALL_READERS and "node_modules" not in inner.parts and not path.name.endswith(".min.js") and path.is_file():
            if path.stat().st_size <= MAXIMUM_FILE:
                yield path


def _texts(files: Iterable[Path], seen: set[str]) -> Iterator[str]:
    taken = set(seen)
    for path in files:
        try:
            comments = list(ALL_READERS[path.suffix](path.read_text(encoding="utf-8")))
        except (SyntaxError, ValueError, RecursionError):  # UnicodeDecodeError is a ValueError.
            continue
        for comment in comments:
            key = letters(comment.text)
            if key and key not in taken:
                taken.add(key)
                yield comment.text
