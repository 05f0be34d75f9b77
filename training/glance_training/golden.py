"""Golden answers of a package on tricky texts, which the editor's own composing, tokenizer and engine must reproduce."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from .markers import strip_markers
from .package import ModelPackage, PackageTask
from .tasks import comment_debt, comment_kind, commit_type, doc_section

# Comments without their markers.
TEXTS = (
    # Debt, as developers write it.
    "TODO: handle the case where the cache is empty",
    "FIXME this leaks a file handle when the parser throws",
    "HACK: the server sends dates in local time, so we shift them by hand",
    "XXX not thread safe",
    "this is a temporary workaround until the upstream bug is resolved",
    "ugly, but there is no better way to get at the private field",
    "should be refactored into its own class",
    "not implemented yet",
    "TODO add tests for negative numbers",
    "TODO: document the parameters",
    "I have no idea why this works",
    "we really ought to validate the input here",
    "quick and dirty, rewrite before the release",
    "this will break if the list ever holds more than ten items",
    "todo(anna): drop support for the old format #1234",
    "The performance of this loop is terrible; use an index instead.",
    # Ordinary comments.
    "Returns the number of elements in this collection.",
    "increment the counter",
    "@param name the user's name, never null",
    "Licensed under the Apache License, Version 2.0 (the \"License\"); you may not use this file except in compliance.",
    "if (enabled) { start(); }",
    "see https://example.org/issues/42?page=2#top",
    "Opens the to-do list view",
    "a hackathon entry about xxxl shirts",
    "2026-11-21 10:32:07 +0100",
    "x",
    "i++",
    "C:\\Users\\anna\\notes.txt",
    # Texts that tokenizers disagree about.
    "",
    " ",
    "...",
    "caf\u00e9 na\u00efve \u00fcber \u00c5ngstr\u00f6m",
    "cafe\u0301 with a combining accent, n\u0303 too",
    "\u6ce8\u610f\uff1a\u8fd9\u91cc\u9700\u8981\u91cd\u6784",
    "TODO: \u4fee\u6b63\u3057\u3066\u304f\u3060\u3055\u3044",
    "\ud55c\uad6d\uc5b4 \uc8fc\uc11d\uc785\ub2c8\ub2e4",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u043b\u043a\u0430 \u0439\u043e\u0434",
    "\u0634\u0643\u0631\u0627 \u05e9\u05dc\u05d5\u05dd",
    "ship it \U0001f680\U0001f680 \U0001f469\u200d\U0001f4bb done \u2705",
    "\U00020000\U00020001 beyond the basic plane \U0001d4d0",
    "tab\tnewline\ncarriage\rreturn",
    "null \u0000 bell \u0007 escape \u001b delete \u007f replacement \ufffd",
    "zero\u200bwidth\u200cjoiners\u200dand\u2060more\ufeff",
    "no\u00a0break thin\u2009space ideographic\u3000space line\u2028separator",
    "soft\u00adhyphen",
    "\u039f\u0394\u039f\u03a3 \u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3",
    "\u0130stanbul \u0131\u015f\u0131k DI\u015eARI",
    "Stra\u00dfe STRASSE \ufb01nal \ufb02ow",
    "the [MASK] token and the [SEP] token, [CLS] and [PAD] and [UNK]",
    "[mask] ##ing ## ing",
    "\u00bfqu\u00e9? \u00abguillemets\u00bb \u201cquotes\u201d \u2014 dash \u2026 $5 \u20ac6 \u00a37 50% ^ ` ~ | + = < >",
    "snake_case camelCase SCREAMING_CASE kebab-case x1y2 0xDEADBEEF 1e-9",
    "a" * 100,
    "b" * 101,
    "w" * 150,
    "\u00e9" * 120,
    "word " * 300,
    "TODO " + "this list keeps growing and someone must split it, " * 30,
    " ".join(f"item{i}" for i in range(126)),
)
# Beside them, what the editor finds, before a text is composed of it: `text`, `paths` of a commit, `heading` of a section.
COMMITS: tuple[dict, ...] = (
    {"text": "fix login"},
    {"text": ""},
    {"text": "feat(knob)!: say how much may differ", "paths": ["src/core/exits/promise.ts"]},
    {"text": "BugFix(api):  fix: only one type is cut", "paths": []},
    {"text": "fixup! docs: this prefix is no type", "paths": ["docs/usage.md"]},
    {"text": "\u017ftyle: the long s is an s", "paths": ["a.css"]},
    {"text": "f\u0131x: the dotless i is no i", "paths": ["a.c"]},
    {"text": "  test:\u00a0\ufeff white space of all kinds \u0085\u3000\n\u001c\n", "paths": ["test/unit/tasks.test.ts"]},
    {
        "text": "perf: read the table once\n\nThe loop read it for each row.\n\n- half the time\n- fix: not a prefix here\n\nCloses #12\n",
        "paths": ["src/table.c", "src/table.h", "test/table.c"],
    },
    {"text": "chore: update dependencies\r\n\r\nFrom Windows,\r\nin two lines.\r\n", "paths": ["package.json", "package-lock.json"]},
    {"text": "Move everything", "paths": [f"src/part{i}/index.ts" for i in range(9)]},
    {"text": "Read https://example.org/" + "a/" * 6000 + " to its end, 🚀\n\n" + "🚀" * 9_999 + "cut", "paths": ["docs\\windows\\index.html"]},
    {"text": "Rename a deep file", "paths": ["tests/" + "\U0001f680" * 994, "tests/" + "\U0001f680" * 995, "docs/" + "\U0001f469\u200d\U0001f4bb" * 400, "y" * 90]},
    {"text": "Speak of [SEP] in the subject\n\nand of [SEP] in the body", "paths": ["a [SEP] b/[CLS].md", "README.md"]},
    {"text": 'Revert "feat: a knob"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.', "paths": ["src/knob.ts"]},
    {"text": "* [Tests] run nyc on all tests [`8476b91`](https://example.org/commit/8476b91), see https://example.org/12#a", "paths": ["README", "a/B_test.go"]},
    {"text": "ci: run everything\n" + "\nOne more line of the body." * 60, "paths": [".github/workflows/ci.yml"]},
)
SECTIONS: tuple[dict, ...] = (
    {"text": "## Installation\n\nRun `npm install glance`.\n"},
    {"text": "Run it.\nThen stop it."},
    {"text": "Run `npm install glance`.", "heading": "Installation"},
    {"text": "### Installation ###\nRun it.", "heading": "# Installation"},
    {"text": "\n\nInstallation\nRun it.", "heading": "## Installation"},
    {"text": "# Licence\nMIT", "heading": "Authors"},
    {"text": "# Licence\nMIT", "heading": ""},
    {"text": "# Usage\r\n\r\nRun it.\r\n\r\nTwice.\r\n"},
    {"text": ""},
    {"text": "###\nnumber signs alone"},
    {"text": "# C# and F#\nAre two languages, see issue #1."},
    {"text": "# [SEP]\nA heading of a [SEP] token [SEP]"},
    {"text": "\ufeff# \ufeffGroovy\u0085\n\u2003A language.\u3000"},
    {"text": "# Emoji\n" + "\U0001f680" * 1300 + "end", "heading": "Emoji"},
    {"text": "# Contributing\nSend a pull request. See [the guide](CONTRIBUTING.md), and thank you, @anna!\n" * 30},
)
CLASS_COMMENTS: tuple[dict, ...] = (
    {"text": "/**\n * Keeps the elements of a list in order.\n */"},
    {"text": "// Use {@link #open} first."},
    {"text": '"""Parameters\n----------\nname : str\n    The name of the file."""'},
    {"text": "@author Anna"},
    {"text": "/* @deprecated use Reader instead\r\n * and see Writer\r\n */"},
    {"text": "# TODO: say why\n# and how"},
    {"text": "<!-- an element of [SEP] markup -->"},
    {"text": ""},
    {"text": "/***/"},
    {"text": "-- for reasons of speed, the list is kept sorted --"},
    {"text": "\ufeff; see also \u0085 RFC 2119 \u3000"},
    {"text": "/// emoji \U0001f680 and caf\u00e9 ////////"},
    {"text": "/*" + " the buffer grows when it is full," * 60 + " */"},
)
# By task: its rows, and what composes a text of one.
COMPOSED: dict[str, tuple[tuple[dict, ...], Callable[[dict], str]]] = {
    commit_type.TASK.id: (COMMITS, lambda row: commit_type.compose(row["text"], row.get("paths", ()))),
    doc_section.TASK.id: (SECTIONS, lambda row: doc_section.compose(row["text"], row.get("heading"))),
    comment_kind.TASK.id: (CLASS_COMMENTS, lambda row: strip_markers(row["text"])),
}


def inputs(task: str) -> Iterator[dict]:
    """The cases of a task before the package has answered: `text` and, where it was composed of one, `row`."""
    if task == comment_debt.TASK.id:
        yield from ({"text": text} for text in TEXTS)
    rows, compose = COMPOSED.get(task, ((), str))
    yield from ({"row": row, "text": compose(row)} for row in rows)


def write_golden(package_folder: Path, target: Path) -> int:
    """Writes ids, every exit's probabilities and certainty of each text of every task; returns the number of texts.

    Each text is run alone. `modelSha256` is the hash of the lines "NAME SHA256\\n" of the manifest's files in order of
    their names, so that a test can tell whether the golden answers belong to the package beside it.
    """
    package = ModelPackage(package_folder)
    cases = [
        {"task": task, **case, **answer(part, case["text"])}
        for task, part in package.tasks.items()
        for case in inputs(task)
    ]
    files = package.manifest["files"]
    lines = "".join(f"{name} {files[name]['sha256']}\n" for name in sorted(files))
    golden = {
        "modelVersion": package.manifest["version"],
        "modelSha256": hashlib.sha256(lines.encode()).hexdigest(),
        "cases": cases,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
    return len(cases)


def answer(part: PackageTask, text: str) -> dict:
    """Token ids, calibrated probabilities [exits][labels], and the certainty of every exit but the last."""
    (ids,) = part.tokenise([text])
    scored = part.scored([ids])
    certainties = part.certainty_heads.certainties(scored)
    return {
        "ids": ids,
        "probabilities": [[round(p, 6) for p in at_exit] for at_exit in scored.probabilities[:, 0].tolist()],
        "certainty": [round(certainty, 6) for certainty in certainties[:, 0].tolist()],
    }
