"""Query patterns above a CREATE INDEX: "Query pattern: WHERE agent_id = ? ORDER BY created_at DESC"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pgproof.contract import claim
from pgproof.contract import excerpt as excerpts
from pgproof.contract.draft import Draft
from pgproof.contract.excerpt import Excerpt
from pgproof.contract.promise import Origin, Query, Word
from pgproof.contract.vocabulary import name_of
from pgproof.sql import ddl, grammar
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.declared import DeclaredIndex
from pgproof.sql.name import qualified, quote
from pgproof.sql.source import Source
from pgproof.sql.statement import COMMENTS, Script, Statement

_LABEL = re.compile(
    r"(?:(?:supports?|serves|common|typical|main|expected|access|hot|example|sql|the)\s+)*"
    r"(?:quer(?:y|ies)\s+)?(?P<noun>patterns?|quer(?:y|ies)|supports?|serves)(?:\s+\d+)?\s*(?::|->|=>|=|—|–|-)\s*",
    re.IGNORECASE,
)
_BEGIN = re.compile(r"(?:where|order\s+by)\b", re.IGNORECASE)
_PREDICATE = re.compile(r"\(?[a-z_][\w.]*\s*(?:[=<>]|in\s*\(|between\b|is\b|like\b)", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*+•–]|\d+[.)])\s+")
_CLAUSES = frozenset({"FROM", "WHERE", "GROUP_P", "ORDER", "HAVING", "LIMIT", "OFFSET"})
_Placed = tuple[CommentLine, int, Excerpt]


@dataclass(slots=True)
class Patterns:
    """What was found: queries, and the comment lines that are SQL."""

    queries: list[Query] = field(default_factory=list)
    code: set[int] = field(default_factory=set)


def read(stem: str, script: Script, blocks: Iterable[CommentBlock], taken: set[str]) -> Patterns:
    """Query patterns in the comment blocks directly above each CREATE INDEX of a script."""
    found = Patterns()
    numbers = {statement.start: number for number, statement in enumerate(script.statements)}
    above = {block.next: block for block in blocks if not block.beside}  # the last block before it wins
    for start, block in above.items():
        number = numbers.get(start) if start is not None else None
        if number is None or not _is_index(script.statements[number]) or not _is_above(script, number, block):
            continue
        for index in ddl.read([script.statements[number]]).indexes:
            name = name_of(index)
            placed = list(_excerpts(block.lines, _prefix(index)))
            if name and (len(placed) < 2 or not _begins_group(script, number)):
                _of_index(found, stem, index, name, block, placed, taken)
    return found


def _is_index(statement: Statement) -> bool:
    return re.match(r"create\s+(?:unique\s+)?index\b", statement.text, re.IGNORECASE) is not None


def _is_above(script: Script, number: int, block: CommentBlock) -> bool:
    """Whether a block belongs to the statement below it, not to the one before that it is written against."""
    text, statement = script.source.text, script.statements[number]
    if not _is_parted(text[block.lines[-1].offset : statement.start]):
        return True
    return number == 0 or _is_parted(text[script.statements[number - 1].end : block.lines[0].offset])


def _begins_group(script: Script, number: int) -> bool:
    """Whether another CREATE INDEX follows at once: then nobody knows which pattern is for which."""
    following = script.statements[number + 1 : number + 2]
    between = script.source.text[script.statements[number].end : following[0].start] if following else ""
    return bool(following) and _is_index(following[0]) and between.strip() == ";" and not _is_parted(between)


def _is_parted(text: str) -> bool:
    return re.search(r"\n[^\S\n]*\n", text) is not None


def _of_index(
    found: Patterns,
    stem: str,
    index: DeclaredIndex,
    name: str,
    block: CommentBlock,
    placed: list[_Placed],
    taken: set[str],
) -> None:
    for line, skip, excerpt in placed:
        found.code.update(each.offset for each in block.lines[block.lines.index(line) : excerpt.after])
        word = Word(name, line.at(skip, len(line.text) - skip))
        found.queries.append(
            Query(
                id=_id(f"{stem}#{name}", taken),
                title=f"query pattern of {name}",
                source=_with_table(excerpt, index),
                origin=Origin.PATTERN,
                parameters=excerpt.parameters,
                promises=claim.promises((word,), order=excerpt.orders, filter_too=True),
            )
        )


def _prefix(index: DeclaredIndex) -> str:
    relation = index.relation
    table = qualified(relation.schema, relation.name) if relation.schema else quote(relation.name)
    return f"SELECT * FROM {table} "


def _with_table(excerpt: Excerpt, index: DeclaredIndex) -> Source:
    """The pattern; one that is a SELECT without FROM ("SELECT id WHERE ...") gets the index's table."""
    source = excerpt.source
    tokens = [token for token in grammar.scan(source.text) if token.kind not in COMMENTS]
    clauses = [token for token in tokens if token.kind in _CLAUSES]
    if tokens[0].kind != "SELECT" or not clauses or clauses[0].kind == "FROM":
        return source
    made = Draft(source)
    made.copy(0, clauses[0].start)
    made.write(_prefix(index).removeprefix("SELECT * "), clauses[0].start)
    made.copy(clauses[0].start, len(source.text))
    return made.source()


def _id(name: str, taken: set[str]) -> str:
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{name}.{number}"
    taken.add(chosen)
    return chosen


def _excerpts(lines: tuple[CommentLine, ...], prefix: str) -> Iterator[_Placed]:
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
        return excerpts.find(lines, number, skip=skip, trusted=True)
    if _PREDICATE.match(text):
        bare = excerpts.find(lines, number, skip=skip, prefix=f"{prefix}WHERE ")
        return bare if bare and bare.broken is None and bare.parameters else None
    return None
