"""Removes comment markers, so that a text looks the same whatever language it was written in.

The same algorithm runs in the editor; `test/fixtures/comment-markers.json` holds both to one result.
It does not know the language: the family of markers that opens the comment decides.
"""

import re
from dataclasses import dataclass

WHITESPACE = " \\t\\n\\v\\f\\r\u00a0\u2028\u2029\ufeff"
WS = f"[{WHITESPACE}]"
MARGIN = re.compile(rf"\A{WS}+|{WS}+\Z")
RUN_OF_WHITESPACE = re.compile(rf"{WS}+")
DECORATION = re.compile(r"([-=*_#~+/\\<>|^])\1{3,}")


@dataclass(frozen=True)
class Family:
    """The markers of one kind of comment, as regular expressions; only the opening is always there.

    `prefix` stands at the start of every line but the first, whose marker is the opening. `joint` is
    what is left inside a line where a source joined neighbouring lines or comments with spaces.
    """

    opening: str
    closing: str | None = None
    prefix: str | None = None
    joint: str | None = None


def _line_family(marker: str, joint: str | None = None) -> Family:
    return Family(marker, prefix=marker, joint=joint)


# The lookahead keeps the opening from eating the star that closes `/**/`.
BLOCK_OPENING = r"/\*(?:[*!]*(?!/))<?"

# In order: the first family whose opening matches wins.
FAMILIES = (
    Family(r"<!--+", r"--+>"),
    Family(BLOCK_OPENING, r"\*+/", r"\*+(?!/)", rf"{WS}\*+{WS}|\*+/{WS}*{BLOCK_OPENING}"),
    _line_family(r"//+[!<]*", rf"{WS}//+[!<]*{WS}"),
    Family(r'[rRbBuUfF]{0,2}"""', r'"""'),
    Family(r"[rRbBuUfF]{0,2}'''", r"'''"),
    Family(r"--\[=*\[", r"\]=*\]"),
    Family(r"\(\*(?!\))", r"\*\)", r"\*+(?!\))"),
    Family(r"\{-", r"-\}"),
    Family(r"<#", r"#>"),
    Family(rf"=begin(?={WS}|\Z)", r"=end"),
    _line_family(r"#+!?"),
    _line_family(rf"--+(?={WS}|\Z)"),
    _line_family(rf";+(?={WS}|\Z)"),
    _line_family(rf"%+(?={WS}|\Z)"),
)


def strip_markers(comment: str) -> str:
    """Returns the text of a comment on one line, without its markers, decoration and surplus white space."""
    text = MARGIN.sub("", comment.replace("\r\n", "\n").replace("\r", "\n"))
    for family in FAMILIES:
        opening = re.match(family.opening, text)
        if opening:
            text = _strip_family(text[opening.end() :], family)
            break
    text = DECORATION.sub(" ", text)
    return MARGIN.sub("", RUN_OF_WHITESPACE.sub(" ", text))


def _strip_family(text: str, family: Family) -> str:
    if family.closing:
        text = re.sub(rf"(?:{family.closing})\Z", "", text)
    if family.prefix:
        text = re.sub(rf"\n{WS}*(?:{family.prefix})", "\n", text)
    if family.joint:
        text = re.sub(family.joint, " ", text)
    return text
