"""The directives of query files, and which unknown ones are mistakes rather than prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgproof.contract.clause import Clauses
from pgproof.errors import Problem
from pgproof.sql import directive as directives
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.directive import Directive
from pgproof.sql.name import likeness, nearest

NAME = "name"
OF_ACCEPTANCE = frozenset({"accept", "because", "until"})
_MEANT = {"ignore": "accept", "reason": "because", "expires": "until"}
_ONE_THING = re.compile(r'[\w$.":`-]+(?:\s*,\s*[\w$.":`-]+)*')


def lines(blocks: Iterable[CommentBlock]) -> Iterator[CommentLine]:
    """The comment lines that may be directives: those that do not stand behind code."""
    for block in blocks:
        if not block.beside:
            yield from block.lines


def known(clauses: Clauses) -> frozenset[str]:
    """All words that directives begin with."""
    return clauses.words | OF_ACCEPTANCE | {NAME}


def line_of(line: CommentLine, clauses: Clauses) -> Directive | None:
    """The directive that a comment line is, also one that is a word alone ("generic")."""
    return directives.read(line) or directives.alone(line, clauses.words)


def mistaken(directive: Directive, clauses: Clauses) -> Problem | None:
    """The problem of an unknown directive, or None for prose and for the keys of other tools.

    `word: rest` is also how people write prose ("note: ...") and how other tools (aiosql's `record_class:`)
    are spoken to. It is a mistake where the word is very like one of ours, or like one of ours in front of
    what a directive takes (one name, or names with commas), or another word for one of ours in front of such.
    """
    key, words = directive.key, known(clauses)
    if key in words or not directive.value:
        return None
    names = _ONE_THING.fullmatch(directive.value) is not None
    alike = max(likeness(key, word) for word in words if len(word) > 2)
    if alike >= (0.7 if names else 0.8):
        return directives.unknown(directive, words)
    meant = {**_MEANT, **clauses.likes}.get(key) if names else None
    return misnamed(directive, meant) if meant else None


def mistaken_in_acceptance(directive: Directive, clauses: Clauses) -> Problem | None:
    """As `mistaken`, inside an acceptance, where the value may be any words."""
    if nearest(directive.key, known(clauses), cutoff=0.7) in OF_ACCEPTANCE:
        return directives.unknown(directive, known(clauses))
    meant = _MEANT.get(directive.key)
    return misnamed(directive, meant) if meant in OF_ACCEPTANCE else None


def misnamed(directive: Directive, meant: str) -> Problem:
    """The problem of a directive that has another name."""
    return Problem(
        message=f'unknown directive "{directive.key}:"', place=directive.place, hint=f"did you mean `{meant}:`?"
    )
