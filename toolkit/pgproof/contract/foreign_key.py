"""Comment lines that call something a foreign key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from pgproof.contract.promise import ForeignKeyClaim, Word
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.statement import Script

_PHRASE = re.compile(
    r"\b(?:foreign[ -]keys?|fks?(?=\s+(?:to|into|on|references|referencing|from)\b))", re.IGNORECASE
)
_DENIED_BEFORE = re.compile(
    r"(?:\bno|\bnot(?!\s+null\b)|n't|\bnever|\bwithout|\blacks?|\bmissing|\binstead of|\brather than|\bavoids?"
    r"|\bnor|\bneither|\bdrop(?:s|ped|ping)?|\bremov(?:e|es|ed|ing))(?:\s+[\w,-]+){0,4}\s*\Z",
    re.IGNORECASE,
)
_DENIED_BEHIND = re.compile(
    r"\s*(?:constraints?|relationships?|references?|checks?)?\s*(?:is|are|was|were|has|have)?\s*(?:been\s+)?"
    r"(?:not|n't|never|omitted|missing|dropped|removed|impossible|disabled|skipped|left out)\b"
    r"|\s*(?:isn't|aren't|wasn't|weren't)",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:todo|fixme|should|could|would|might|may|later|consider|planned|future|if|whether|until|will)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d]\w*")


def read(script: Script, blocks: Iterable[CommentBlock], code: Collection[int]) -> tuple[ForeignKeyClaim, ...]:
    """Claims of foreign keys in the comment blocks of one file. Lines whose offset is in `code` are SQL.

    A line that denies it ("no foreign key on purpose"), or only supposes it, is no claim. `next` of a comment
    that stands behind code on its line is the beginning of that code: it is what the comment is about.
    """
    starts = [token.start for token in script.tokens]
    claims = []
    for block in blocks:
        before = ""
        for line in block.lines:
            phrase = _PHRASE.search(line.text)
            if phrase and line.offset not in code and not _is_denied(line.text, phrase, before):
                target = _code_beside(script, starts, line) if block.beside else block.next
                claims.append(ForeignKeyClaim(line, _words(line, phrase), target))
            before = line.text
    return tuple(claims)


def _is_denied(text: str, phrase: re.Match[str], before: str) -> bool:
    """`before` is the line above, in which a sentence may have begun."""
    earlier = f"{before.rsplit('.', 1)[-1]} {text[: phrase.start()]}"
    return (
        _DENIED_BEFORE.search(re.split(r"[.;:!?]\s", earlier)[-1]) is not None
        or _DENIED_BEHIND.match(text, phrase.end()) is not None
        or _SUPPOSED.search(text) is not None
    )


def _words(line: CommentLine, phrase: re.Match[str]) -> tuple[Word, ...]:
    return tuple(
        Word(match.group().lower(), line.at(match.start(), len(match.group())))
        for match in _WORD.finditer(line.text)
        if not phrase.start() <= match.start() < phrase.end()
    )


def _code_beside(script: Script, starts: list[int], line: CommentLine) -> int | None:
    begin = script.source.text.rfind("\n", 0, line.offset) + 1
    return next((start for start in starts if begin <= start < line.offset), None)
