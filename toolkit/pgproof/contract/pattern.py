"""Query patterns above a CREATE INDEX: "Query pattern: WHERE agent_id = ? ORDER BY created_at DESC"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pgproof.contract import excerpt as excerpts
from pgproof.contract.excerpt import Excerpt
from pgproof.contract.promise import Origin, Query, Word
from pgproof.contract.vocabulary import name_of
from pgproof.sql import ddl
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.declared import DeclaredIndex
from pgproof.sql.name import qualified, quote
from pgproof.sql.statement import Script

_LABEL = re.compile(
    r"(?:(?:common|typical|main|expected|access|hot|example|sql|the)\s+)*"
    r"(?:quer(?:y|ies)\s+)?(?P<noun>patterns?|quer(?:y|ies)|supports?|serves)(?:\s+\d+)?\s*(?::|->|=>|=|—|–|-)\s*",
    re.IGNORECASE,
)
_BEGIN = re.compile(r"(?:where|order\s+by)\b", re.IGNORECASE)
_PREDICATE = re.compile(r"\(?[a-z_][\w.]*\s*(?:[=<>]|in\s*\(|between\b|is\b|like\b)", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*+•–]|\d+[.)])\s+")


@dataclass(slots=True)
class Patterns:
    """What was found: queries, and the comment lines that are SQL."""

    queries: list[Query] = field(default_factory=list)
    code: set[int] = field(default_factory=set)


def read(stem: str, script: Script, blocks: Iterable[CommentBlock], taken: set[str]) -> Patterns:
    """Query patterns in the comment blocks directly above each CREATE INDEX of a script."""
    found = Patterns()
    by_start = {statement.start: statement for statement in script.statements}
    above = {block.next: block for block in blocks if not block.beside}  # the last block before it wins
    for start, block in above.items():
        statement = by_start.get(start) if start is not None else None
        if statement is None or not re.match(r"create\s+(?:unique\s+)?index\b", statement.text, re.IGNORECASE):
            continue
        for index in ddl.read([statement]).indexes:
            name = name_of(index)
            if name:
                _of_index(found, stem, index, name, block, taken)
    return found


def _of_index(
    found: Patterns, stem: str, index: DeclaredIndex, name: str, block: CommentBlock, taken: set[str]
) -> None:
    for line, skip, excerpt in _excerpts(block.lines, _prefix(index)):
        found.code.update(each.offset for each in block.lines[block.lines.index(line) : excerpt.after])
        written = line.text[skip:]
        found.queries.append(
            Query(
                id=_id(f"{stem}#{name}", taken),
                title=f"query pattern of {name}",
                source=excerpt.source,
                origin=Origin.PATTERN,
                parameters=excerpt.parameters,
                uses=(Word(name, line.at(skip, len(written))),),
                order=excerpt.orders,
                filter=True,
            )
        )


def _prefix(index: DeclaredIndex) -> str:
    relation = index.relation
    table = qualified(relation.schema, relation.name) if relation.schema else quote(relation.name)
    return f"SELECT * FROM {table} "


def _id(name: str, taken: set[str]) -> str:
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{name}.{number}"
    taken.add(chosen)
    return chosen


def _excerpts(lines: tuple[CommentLine, ...], prefix: str) -> Iterator[tuple[CommentLine, int, Excerpt]]:
    """Each pattern with the line and the character at which it begins."""
    number, listing = 0, False
    while number < len(lines):
        line = lines[number]
        label = _LABEL.match(line.text)
        skip = label.end() if label else _bullet(line.text)
        excerpt = _excerpt(lines, number, skip, prefix) if label or listing else None
        if excerpt is not None:
            listing = True
            yield line, skip, excerpt
            number = excerpt.after
            continue
        listing = label is not None and skip == len(line.text)
        number += 1


def _bullet(text: str) -> int:
    bullet = _BULLET.match(text)
    return bullet.end() if bullet else 0


def _excerpt(lines: tuple[CommentLine, ...], number: int, skip: int, prefix: str) -> Excerpt | None:
    text = lines[number].text[skip:]
    if _BEGIN.match(text):
        return excerpts.find(lines, number, skip=skip, prefix=prefix)
    if excerpts.begins(text):
        return excerpts.find(lines, number, skip=skip)
    if _PREDICATE.match(text):
        bare = excerpts.find(lines, number, skip=skip, prefix=f"{prefix}WHERE ")
        return bare if bare and bare.broken is None and bare.parameters else None
    return None
