"""Comment lines that call something a foreign key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from pgproof.contract.promise import ForeignKeyClaim, Word
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.statement import Script

_PHRASE = re.compile(
    r"\b(?:foreign[ -]keys?|fks?(?=\s+(?:to|into|on|references|referencing|from)\b))", re.IGNORECASE
)
_DENIED_BEFORE = re.compile(
    r"(?:\bno|\bnot(?!\s+null\b)|n't|\bnever|\bwithout|\blacks?|\bmissing|\binstead of|\brather than|\bavoids?"
    r"|\bnor|\bneither|\bdrop(?:s|ped|ping)?|\bremov(?:e|es|ed|ing))(?:\s+[\w,-]+){0,4}\s*\Z"
    # what is one in meaning only
    r"|\b(?:logical|virtual|soft|conceptual|implicit|informal|pseudo|loose|weak|polymorphic|so-called|would-be)[\s-]*\Z"
    r"|\b(?:acts?|works?|used|serves?|behaves?|treated)\s+(?:as|like)\s+(?:an?|the)\s+\Z",
    re.IGNORECASE,
)
_DENIED_BEHIND = re.compile(
    r"\s*(?:constraints?|relationships?|references?|checks?)?\s*(?:is|are|was|were|has|have)?\s*(?:been\s+)?"
    r"(?:not|n't|never|omitted|missing|dropped|removed|impossible|disabled|skipped|left out)\b"
    r"|\s*(?:isn't|aren't|wasn't|weren't)"
    r"|[\s(,:-]*(?:\w+\s+){0,3}(?:not enforced|unenforced|not checked|by convention|in spirit|in name only"
    r"|enforced (?:by|in) (?:the |our )?(?:app|code|service)|without a? ?constraint)",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:todo|fixme|should|could|would|might|may|later|consider|planned|future|if|whether|until|will)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[.;!?](?:\s+|\Z)|,?\s+(?:but|while|whereas)\s+", re.IGNORECASE)
_WORD = re.compile(r"(?:[^\W\d]\w*\.)*[^\W\d]\w*")
# the columns that a key refers to: `users (id)`, but not `foreign key (user_id)`
_TARGET = re.compile(
    r"(?<!\bkey)(?<!\bkeys)(?<!\bfk)(?<!\bon)(?<=\w)\s?(\(\s*\w+(?:\s*,\s*\w+)*\s*\))", re.IGNORECASE
)


def read(script: Script, blocks: Iterable[CommentBlock], code: Collection[int]) -> tuple[ForeignKeyClaim, ...]:
    """Claims of foreign keys in the comment blocks of one file. Lines whose offset is in `code` are SQL.

    A clause that denies it ("no foreign key on purpose"), or only supposes it, is no claim. `next` of a comment
    that stands behind code on its line is the beginning of that code: it is what the comment is about.
    """
    starts = [token.start for token in script.tokens]
    claims = []
    for block in blocks:
        before = ""
        for line in block.lines:
            for start, end in _clauses(line.text) if line.offset not in code else ():
                phrase = _PHRASE.search(line.text, start, end)
                if phrase and not _is_denied(line.text, phrase, start, end, before):
                    target = _code_beside(script, starts, line) if block.beside else block.next
                    claims.append(ForeignKeyClaim(line, _words(line, phrase, start, end), target))
            before = line.text
    return tuple(claims)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a line that each say something of their own."""
    start = 0
    for match in _BETWEEN.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _is_denied(text: str, phrase: re.Match[str], start: int, end: int, before: str) -> bool:
    """Whether the clause denies what the phrase says; the line `before` may hold the clause's beginning."""
    begun = _BETWEEN.split(before)[-1] if not start else ""
    return (
        _DENIED_BEFORE.search(f"{begun} {text[start : phrase.start()]}") is not None
        or _DENIED_BEHIND.match(text, phrase.end(), end) is not None
        or _SUPPOSED.search(text, start, end) is not None
    )


def _words(line: CommentLine, phrase: re.Match[str], start: int, end: int) -> tuple[Word, ...]:
    """The clause's words, without the phrase and without what the key refers to: `-> users(id)`."""
    targets = [match.span(1) for match in _TARGET.finditer(line.text, start, end)]
    return tuple(
        Word(match.group().lower(), line.at(match.start(), len(match.group())))
        for match in _WORD.finditer(line.text, start, end)
        if not any(first <= match.start() < last for first, last in [phrase.span(), *targets])
    )


def _code_beside(script: Script, starts: list[int], line: CommentLine) -> int | None:
    begin = script.source.text.rfind("\n", 0, line.offset) + 1
    return next((start for start in starts if begin <= start < line.offset), None)
