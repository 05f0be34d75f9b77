"""Weak labels: comments from packages that training installs anyway, labelled by rules, where the labelled data has gaps.

The comments of satd.jsonl leave out documentation and licences without a task word, so that in it a long comment is mostly
debt, even one that merely documents. Ordinary comments mend that: doc comments, comments and licence headers without any
cue of debt, and the class comments of code_comments.jsonl. Marked comments (TODO, FIXME, HACK, XXX) are debt of a kind
that is not known; satd.jsonl has few of them in documentation. Nobody has read them all, hence weak: they are for training
alone.
"""

import ast
import io
import random
import re
import sysconfig
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from itertools import groupby
from pathlib import Path

from . import UserError
from .json_lines import read_json_lines
from .markers import strip_markers
from .task import letters

CLASS_COMMENTS_FILE = "code_comments.jsonl"
# Distributions under permissive licences, and which of their folders to read. The versions are pinned in pyproject.toml.
PACKAGES = (
    ("huggingface_hub", ("huggingface_hub",)),
    ("Jinja2", ("jinja2",)),
    ("mpmath", ("mpmath",)),
    ("networkx", ("networkx",)),
    ("numpy", ("numpy",)),
    ("onnx", ("onnx",)),
    ("onnxruntime", ("onnxruntime",)),
    ("Pygments", ("pygments",)),
    ("pytest", ("_pytest",)),
    ("sympy", ("sympy",)),
    ("torch", ("torch/distributed", "torch/fx", "torch/nn", "torch/optim", "torch/utils")),
    ("torch", ("torch/include/ATen", "torch/include/c10", "torch/include/oneapi", "torch/include/torch")),
    ("transformers", ("transformers",)),
)
PERMISSIVE = re.compile(r"\b(?:MIT|BSD|Apache)\b", re.IGNORECASE)
COPYLEFT = re.compile(r"GPL|MPL|EPL|CDDL", re.IGNORECASE)
MAXIMUM_FILES = 300
MAXIMUM_PER_KIND = {"documentation": 280, "comment": 120, "licence": 40, "marked": 80}
MAXIMUM_PER_FILE = 4
# The labelled data has short comments in plenty.
MINIMUM_WORDS = 5

# A text with any of these may admit debt.
DIRECT_CUES = re.compile(
    r"""
    todo | fix ?me | xxx | \bhack | kludg | \bwork(?:s|ed|ing)?[ -]?around | \bfor[ ]now\b | right[ ]now | at[ ]the[ ]moment | currently | stop-?gap
    | \bdirty | \bugly | ugli | \bnasty | \bcrap | \bsuck | stupid | \bsilly | \bweird | strange | \bbugs?\b | buggy | broken | wrong | \bfix(?:es)?\b
    | not[ ]implemented | unimplemented | unsupported | \byet\b | untested | unfinished | revisit | refactor | clean(?:ed)?[ -]?up | get[ ]rid
    | not[ ](?:fully|really|quite|properly|correctly|supported|handled|working|sure|clear|ideal|optimal|nice|good|needed|necessary|tested) | n[o']t[ ]work
    | remov(?:e|ed)[ ](?:this|it|me|when|once|after)\b | to[ ]be[ ](?:removed|done|defined)
    | should[ ](?:probably|really|also|have|maybe|ideally|we|this|it|they|be[ ](?:re[mpfw]|mov|impr|impl|fix|chang|opt|handled|added|made)) | shouldn't
    | \b(?:we|it|this|that|i)[ ](?:should|could|would|might|ought)\b | must[ ]be[ ]removed | \bwhy\b | \?\?+ | !{2,}
    | probably | perhaps | maybe | hopefully | \bhope\b | \bwish\b | unclear | no[ ]idea | \bi[ ](?:think|guess|am|don't)\b | \bi'm\b | don't[ ]know
    | better | \bcheat | prototype | \bstubs?\b | inefficien | suboptimal | \bnaive | simplistic | hard-?cod | unfortunately | useless | copy[ -]?(?:and[ -])?paste
    | \bmess\b | messy | annoying | investigat | figure[ ]out | \bpoor | \bawkward | \bevil\b | terribl | horribl | fragile | caveat
    """,
    re.IGNORECASE | re.VERBOSE,
)
# These as well in a comment; documentation is full of them in other senses ("missing values", "a temporary file").
AMBIGUOUS_CUES = re.compile(
    r"""
    tempor | quick | \bbreaks?\b | incorrect | \bfix(?:ed|ing)\b | not[ ]used | incomplete | missing | later\b | rewrite | \bshould\b | \w\?(?:\s|$) | \bissues?\b
    | problem | trouble | legacy | deprecat | obsolete | outdated | experimental | preliminary | placeholder | \bslow | expensive | unused | redundant | duplicat
    | improve | limitation | \bneeds?[ ]to\b | \bodd\b | \bbad\b | compatibility | \bfuture\b | someday | eventually | magic | beware | assum(?:e|es|ing|ption) | \bnote\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Direct cues that documentation is full of in other senses: what a fix is made of, which answer is the better one.
ORDINARY_IN_DOCUMENTATION = re.compile(r"bugs?|fix(?:es)?|broken|wrong|better|stubs?", re.IGNORECASE)
# In capitals and as a word of its own, as people mark a comment and nobody writes it otherwise.
MARK = re.compile(r"\b(?:TODO|FIXME|HACK|XXX)\b")
LICENCE = re.compile(r"copyright|\(c\) ?\d{4}|licen[cs]ed? under|permission is hereby|spdx-|redistribution and use|warrant(?:y|ies)", re.IGNORECASE)


@dataclass(frozen=True)
class Comment:
    """A comment without its markers; `kind` is "documentation", "comment" or "licence"."""

    text: str
    kind: str


def has_cue(text: str) -> bool:
    """Whether a text may admit debt, or holds a word that debt is admitted with."""
    return bool(DIRECT_CUES.search(text) or AMBIGUOUS_CUES.search(text))


def python_comments(source: str) -> Iterator[Comment]:
    """Docstrings and comments of a Python file; whole-line comments below each other are one comment.

    Raises SyntaxError where the file is not Python 3 of the running version.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(node, clean=False)
            if docstring:
                yield _comment(f'"""{docstring}"""', "documentation")
    found = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT]

    def block_of(entry: tuple[int, tokenize.TokenInfo]) -> tuple:
        """Equal for whole-line comments below each other in one column: their line numbers grow with their positions."""
        position, token = entry
        line, column = token.start
        return (column, line - position) if token.line.lstrip().startswith("#") else (position,)

    for _, block in groupby(enumerate(found), block_of):
        yield _comment("\n".join(token.string for _, token in block), "comment")


C_TOKENS = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(/\*.*?\*/|//[^\n]*(?:\n[ \t]*//[^\n]*)*)', re.DOTALL)


def c_comments(source: str) -> Iterator[Comment]:
    """Comments of a C or C++ file; line comments below each other are one comment."""
    for match in C_TOKENS.finditer(source):
        if match[1]:
            yield _comment(match[1], "documentation" if match[1].startswith(("/**", "/*!", "///")) else "comment")


def _comment(raw: str, kind: str) -> Comment:
    text = strip_markers(raw)
    return Comment(text, "licence" if LICENCE.search(text) else kind)


READERS = {".py": python_comments, ".h": c_comments, ".hpp": c_comments, ".cc": c_comments}


def file_comments(path: Path) -> list[Comment]:
    """Comments of a source file, by its extension; none where it cannot be parsed."""
    try:
        return list(READERS[path.suffix](path.read_text(encoding="utf-8")))
    except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
        return []


def source_files(folders: Iterable[Path]) -> list[Path]:
    """Readable source files below the folders, in order of their paths."""
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in READERS)


def is_ordinary(comment: Comment) -> bool:
    """Whether a comment is long enough and free of cues: of all in a comment, of the direct ones elsewhere.

    Documentation may hold a direct cue that is an ordinary word there.
    """
    if len(comment.text.split()) < MINIMUM_WORDS:
        return False
    if comment.kind == "documentation":
        return all(ORDINARY_IN_DOCUMENTATION.fullmatch(cue[0]) for cue in DIRECT_CUES.finditer(comment.text))
    return not (has_cue(comment.text) if comment.kind == "comment" else DIRECT_CUES.search(comment.text))


def is_marked(comment: Comment) -> bool:
    """Whether a comment is marked as debt, with a word beside the mark."""
    return MARK.search(comment.text) is not None and len(comment.text.split()) > 1


@dataclass(frozen=True)
class Mined:
    """Texts of one source. `ordinary` admit no debt, `marked` admit some."""

    ordinary: list[str]
    marked: list[str]


def mine(files: list[Path], seen: set[str], generator: random.Random) -> Mined:
    """Weakly labelled texts of one package: a few of each file and a quota of each kind, so that nothing dominates.

    `seen` holds the letters of the texts to leave out and grows by those taken. The same files and generator give the same
    texts.
    """
    mined = Mined([], [])
    counts: Counter[str] = Counter()
    for path in generator.sample(files, min(MAXIMUM_FILES, len(files))):
        candidates = [comment for comment in file_comments(path) if is_marked(comment) or is_ordinary(comment)]
        from_file = 0
        for comment in generator.sample(candidates, len(candidates)):
            key = letters(comment.text)
            kind = "marked" if is_marked(comment) else comment.kind
            if from_file < MAXIMUM_PER_FILE and counts[kind] < MAXIMUM_PER_KIND[kind] and key not in seen:
                seen.add(key)
                counts[kind] += 1
                from_file += 1
                (mined.marked if kind == "marked" else mined.ordinary).append(comment.text)
    return mined


def licence_of(package: Distribution) -> str:
    """The licence that an installed distribution states; only permissive ones are accepted."""
    metadata = package.metadata
    classifiers = [entry.rpartition(" :: ")[2] for entry in metadata.get_all("Classifier", []) if entry.startswith("License ::")]
    licence = metadata.get("License-Expression") or metadata.get("License") or ", ".join(classifiers)
    if COPYLEFT.search(licence) or not PERMISSIVE.search(licence):
        raise UserError(f"{metadata['Name']} is under {licence or 'no stated licence'}; comments are mined under MIT, BSD or Apache only.")
    return licence


def weak_labels(data: Path, seen: set[str], seed: int) -> list[tuple[dict, Mined]]:
    """(facts for the manifest, texts) of every source of weak labels. `seen` as in `mine`; it grows."""
    found = []
    for name, folders in PACKAGES:
        try:
            package = distribution(name)
        except PackageNotFoundError:
            raise UserError(f"{name} is not installed; install training with its extra `test` (training/README.md).") from None
        files = source_files(Path(package.locate_file(folder)) for folder in folders)
        mined = mine(files, seen, random.Random(f"{seed} {name} {folders[0]}"))
        found.append(({"source": f"PyPI {name} {package.version}", "licence": licence_of(package)}, mined))
    if (data / CLASS_COMMENTS_FILE).is_file():
        facts = {"source": "github.com/nlbse2023/code-comment-classification (Rani et al., JSS 2021)", "licence": "CC0-1.0"}
        found.append((facts, Mined(class_comments(read_json_lines(data / CLASS_COMMENTS_FILE), seen), [])))
    return found


def all_comments(seen: set[str]) -> Iterator[tuple[str, str]]:
    """(source, text) of every comment in the packages, labelled or not. `seen` as in `mine`; it grows."""
    for name, folders in PACKAGES:
        package = distribution(name)
        for path in source_files(Path(package.locate_file(folder)) for folder in folders):
            for comment in file_comments(path):
                key = letters(comment.text)
                if key and key not in seen:
                    seen.add(key)
                    yield f"PyPI {name} {package.version}", comment.text


def class_comments(records: list[dict], seen: set[str]) -> list[str]:
    """The class comments of code_comments.jsonl, their sentences joined again, where nothing in them may be debt.

    A class with a sentence of the category DevelopmentNotes is left out.
    """
    by_class: dict[tuple[str, str], list[dict]] = {}
    for record in records:
        by_class.setdefault((record["group"], record["cls"]), []).append(record)
    taken = []
    for _, sentences in sorted(by_class.items()):
        text = strip_markers(" ".join(dict.fromkeys(record["text"] for record in sentences)))
        notes = any("DevelopmentNotes" in record["label"] for record in sentences)
        if not notes and is_ordinary(Comment(text, "documentation")) and letters(text) not in seen:
            seen.add(letters(text))
            taken.append(text)
    return taken


def standard_library_comments(seen: set[str], sample: int, seed: int = 0) -> list[str]:
    """A sample of the cue-free comments and docstrings of the running Python's standard library.

    Training never sees them. Texts whose letters are in `seen` are left out.
    """
    root = Path(sysconfig.get_path("stdlib"))
    files = [path for path in source_files([root]) if not {"site-packages", "dist-packages", "test", "tests"} & {*path.relative_to(root).parts}]
    texts = {comment.text for path in files for comment in file_comments(path) if comment.text and not has_cue(comment.text)}
    unseen = sorted(text for text in texts if letters(text) not in seen)
    return random.Random(seed).sample(unseen, min(sample, len(unseen)))
