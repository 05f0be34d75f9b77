"""Golden answers of a package on tricky texts, which the editor's own tokenizer and engine must reproduce."""

import hashlib
import json
from pathlib import Path

from .package import ModelPackage

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


def write_golden(package_folder: Path, target: Path) -> int:
    """Writes token ids and every exit's probabilities of each text; returns the number of texts.

    Each text is run alone. `modelSha256` is the hash of the lines "NAME SHA256\\n" of the manifest's files in order of
    their names, so that a test can tell whether the golden answers belong to the package beside it.
    """
    package = ModelPackage(package_folder)
    cases = []
    for text in TEXTS:
        (ids,) = package.tokenise([text])
        probabilities = package.probabilities(package.logits([ids]))[:, 0]
        cases.append({"text": text, "ids": ids, "probabilities": [[round(p, 6) for p in row] for row in probabilities.tolist()]})
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
