"""The directives of query files, and which unknown ones are mistakes rather than prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgproof.errors import Problem
from pgproof.sql import directive as directives
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.directive import Directive
from pgproof.sql.name import likeness, nearest

OF_QUERY = frozenset({"name", "uses", "order", "params"})
OF_ACCEPTANCE = frozenset({"accept", "because", "until"})
KNOWN = OF_QUERY | OF_ACCEPTANCE
_MEANT = {
    "index": "uses",
    "indexes": "uses",
    "using": "uses",
    "sort": "order",
    "types": "params",
    "parameters": "params",
    "ignore": "accept",
    "reason": "because",
    "expires": "until",
}
_ONE_THING = re.compile(r'[\w$.":`-]+(?:\s*,\s*[\w$.":`-]+)*')


def lines(blocks: Iterable[CommentBlock]) -> Iterator[CommentLine]:
    """The comment lines that may be directives: those that do not stand behind code."""
    for block in blocks:
        if not block.beside:
            yield from block.lines


def mistaken(directive: Directive) -> Problem | None:
    """The problem of an unknown directive, or None for prose and for the keys of other tools.

    `word: rest` is also how people write prose ("note: ...") and how other tools (aiosql's `record_class:`)
    are spoken to. It is a mistake where the word is very like one of ours, or like one of ours in front of
    what a directive takes (one name, or names with commas), or another word for one of ours in front of such.
    """
    key = directive.key
    if key in KNOWN or not directive.value:
        return None
    names = _ONE_THING.fullmatch(directive.value) is not None
    alike = max(likeness(key, known) for known in KNOWN)
    if alike >= (0.7 if names else 0.8):
        return directives.unknown(directive, KNOWN)
    meant = _MEANT.get(key) if names else None
    return misnamed(directive, meant) if meant else None


def mistaken_in_acceptance(directive: Directive) -> Problem | None:
    """As `mistaken`, inside an acceptance, where the value may be any words."""
    if nearest(directive.key, KNOWN, cutoff=0.7) is not None:
        return directives.unknown(directive, KNOWN)
    meant = _MEANT.get(directive.key)
    return misnamed(directive, meant) if meant in OF_ACCEPTANCE else None


def misnamed(directive: Directive, meant: str) -> Problem:
    """The problem of a directive that has another name."""
    return Problem(
        message=f'unknown directive "{directive.key}:"', place=directive.place, hint=f"did you mean `{meant}:`?"
    )
