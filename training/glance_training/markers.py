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
    """The markers of one kind of comment, as regular expressions; `closing` and `prefix` may be absent.

    `joints` are markers inside a line, left over where a source joined neighbouring comments with spaces.
    """

    opening: str
    closing: str | None = None
    prefix: str | None = None
    joints: tuple[str, ...] = ()


BLOCK_JOINTS = (rf"{WS}\*+{WS}", rf"\*+/{WS}*/\*[*!]*<?")

# In order: the first family whose opening matches wins.
FAMILIES = (
    Family(r"<!--+", r"--+>"),
    # The lookahead keeps the opening from eating the star that closes `/**/`.
    Family(r"/\*(?:[*!]*(?!/))<?", r"\*+/", r"\*+(?!/)", BLOCK_JOINTS),
    Family(r"(?=//)", None, r"//+[!<]*", (rf"{WS}//+[!<]*{WS}",)),
    Family(r'[rRbBuUfF]{0,2}"""', r'"""'),
    Family(r"[rRbBuUfF]{0,2}'''", r"'''"),
    Family(r"--\[=*\[", r"\]=*\]"),
    Family(r"\(\*(?!\))", r"\*\)", r"\*+(?!\))"),
    Family(r"\{-", r"-\}"),
    Family(r"<#", r"#>"),
    Family(r"=begin", r"=end"),
    Family(r"(?=#)", None, r"#+!?"),
    Family(rf"(?=--+(?:{WS}|\Z))", None, rf"--+(?={WS}|\Z)"),
    Family(rf"(?=;+(?:{WS}|\Z))", None, r";+"),
    Family(rf"(?=%+(?:{WS}|\Z))", None, r"%+"),
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
        text = re.sub(rf"(?:(?<=\n)|\A){WS}*(?:{family.prefix})", " ", text)
    for joint in family.joints:
        text = re.sub(joint, " ", text)
    return text
