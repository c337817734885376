"""Batched steps: a statement over very many rows, run in small pieces that are committed one by one.

In a section without a transaction, a comment above the statement says so:

    -- pgproof: batch 5000 over jobs.id
    UPDATE jobs SET total = price * number WHERE id BETWEEN $1 AND $2;

runs it over ranges of 5000 rows of that column, ascending ($1 and $2 stand for the first and the last value of a
range); and

    -- pgproof: batch
    DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE is_old LIMIT 5000);

runs it until it touches no row any more. `sleep 100ms` behind it pauses between two batches, `lag 10s` waits while
a replica is further behind. How far it has come is committed with each batch, in the table pgproof.batch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgproof.errors import Problem
from pgproof.migrate.limits import milliseconds
from pgproof.migrate.migration import Section
from pgproof.migrate.unit import units
from pgproof.sql import grammar
from pgproof.sql.source import Source
from pgproof.sql.statement import Statement

_DIRECTIVE = re.compile(
    r"^[ \t]*(?P<whole>--[ \t]*pgproof[ \t]*:[ \t]*batch\b(?P<rest>[^\n]*))$", re.MULTILINE | re.IGNORECASE
)
_WORDS = re.compile(
    r"""\s*(?:(?P<size>[1-9][0-9]*)\s+over\s+(?P<key>(?:"(?:[^"]|"")+"|[^\s"])+))?"""
    r"(?:\s+sleep\s+(?P<sleep>\S+))?(?:\s+lag\s+(?P<lag>\S+))?\s*\Z",
    re.IGNORECASE,
)
_WRITES = frozenset({"update_stmt", "delete_stmt", "insert_stmt", "merge_stmt"})
_SHAPES = (
    "write `-- pgproof: batch 5000 over TABLE.COLUMN`, or `-- pgproof: batch`; then maybe `sleep 100ms lag 10s`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How a statement is batched: by ranges of `size` rows of `column` of `table`, or until it touches no row.

    `table` is as the file names it, with its schema or without, folded and unquoted; empty for the second kind.
    `sleep` and `lag` are in seconds; a `lag` of None is none.
    """

    size: int = 0
    table: tuple[str, ...] = ()
    column: str = ""
    sleep: float = 0.0
    lag: float | None = None

    @property
    def has_ranges(self) -> bool:
        """True for the first kind."""
        return bool(self.column)


def read(section: Section) -> dict[int, Batch]:
    """The batched statements of a section, by their numbers from 1; the section has no problems."""
    found = {}
    for number, statement, match in _directives(section):
        batch = _batch(section.script.source, match)
        if statement is not None and isinstance(batch, Batch):
            found[number] = batch
    return found


def problems(section: Section) -> Iterator[Problem]:
    """What is wrong with the directives of a section."""
    source = section.script.source
    for number, statement, match in _directives(section):
        place = source.place(match.start("whole"), len(match["whole"].rstrip()))
        batch = _batch(source, match)
        if isinstance(batch, Problem):
            yield batch
        elif statement is None:
            yield Problem(message="no statement below `-- pgproof: batch`", place=place)
        elif section.transactional:
            yield Problem(
                message="a batched statement in a transaction",
                place=place,
                detail="Each batch is committed by itself.",
                hint="move it to a file that says `-- migrate:up transaction:false`",
            )
        elif any(each.is_block and each.first <= number <= each.last for each in units(section, 0)):
            yield Problem(
                message="a batched statement in a transaction",
                place=place,
                detail="Each batch is committed by itself, and cannot be between BEGIN and COMMIT.",
                hint="move it behind the COMMIT",
            )
        else:
            yield from _wrong(batch, statement)


def bounded(statement: Statement, first: str, last: str) -> str:
    """The statement with $1 and $2 replaced by these texts, which are SQL."""
    text = statement.text
    parts, at = [], 0
    for token in _parameters(text):
        parts += [text[at : token.start], {"$1": first, "$2": last}[token.of(text)]]
        at = token.end
    return "".join([*parts, text[at:]])


def as_format(statement: Statement) -> str:
    """The statement for the server's format(): $1 and $2 are its %1$L and %2$L; its %3$s is to be empty.

    The last breaks up `$pgproof$`, so that the text can stand between two of them.
    """
    text = statement.text
    parts, at = [], 0
    for token in _parameters(text):
        parts += [text[at : token.start].replace("%", "%%"), {"$1": "%1$L", "$2": "%2$L"}[token.of(text)]]
        at = token.end
    return "".join([*parts, text[at:].replace("%", "%%")]).replace("$pgproof$", "$pg%3$sproof$")


def _directives(section: Section) -> Iterator[tuple[int, Statement | None, re.Match[str]]]:
    """Each directive, with the statement below it and its number."""
    script = section.script
    text = script.source.text
    if "pgproof" not in text.lower() or not _DIRECTIVE.search(text):
        return
    at = script.start
    for number, statement in enumerate(section.statements, 1):
        for match in _DIRECTIVE.finditer(text, at, statement.start):
            yield number, statement, match
        at = statement.end
    for match in _DIRECTIVE.finditer(text, at, len(text) if script.end is None else script.end):
        yield 0, None, match


def _batch(source: Source, match: re.Match[str]) -> Batch | Problem:
    place = source.place(match.start("whole"), len(match["whole"].rstrip()))
    words = _WORDS.match(match["rest"])
    said = [words[name] for name in ("sleep", "lag")] if words else []
    times = [milliseconds(each) if each else None for each in said]
    if words is None or any(each and time is None for each, time in zip(said, times, strict=True)):
        return Problem(message="a batch that cannot be read", place=place, hint=_SHAPES)
    name = _column(words["key"]) if words["key"] else ()
    if name is None:
        return Problem(message=f'"{words["key"]}" is not TABLE.COLUMN', place=place, hint=_SHAPES)
    sleep, lag = times
    return Batch(
        size=int(words["size"] or 0),
        table=tuple(name[:-1]),
        column=name[-1] if name else "",
        sleep=(sleep or 0.0) / 1000,
        lag=lag / 1000 if lag is not None else None,
    )


def _column(text: str) -> tuple[str, ...] | None:
    """The parts of TABLE.COLUMN or SCHEMA.TABLE.COLUMN, as the server would fold them."""
    parts = re.findall(r'"(?:[^"]|"")+"|[^".]+', text)
    if ".".join(parts) != text or len(parts) not in (2, 3):
        return None
    return tuple(each[1:-1].replace('""', '"') if each[0] == '"' else each.lower() for each in parts)


def _wrong(batch: Batch, statement: Statement) -> Iterator[Problem]:
    kind = grammar.parse(statement.text).stmts[0].stmt.WhichOneof("node")
    if kind not in _WRITES:
        yield Problem(
            message="a batched statement that changes no rows",
            place=statement.place,
            hint="INSERT, UPDATE, DELETE and MERGE can be batched",
        )
    used = {token.of(statement.text) for token in _parameters(statement.text)}
    wanted = {"$1", "$2"} if batch.has_ranges else set()
    if used != wanted:
        yield Problem(
            message=f"a batched statement that uses {', '.join(sorted(used)) or 'no parameter'}",
            place=statement.place,
            detail="$1 and $2 stand for the first and the last value of a range."
            if batch.has_ranges
            else "There is no range without `over TABLE.COLUMN`.",
            hint=f"for example: WHERE {batch.column} BETWEEN $1 AND $2" if batch.has_ranges else _SHAPES,
        )
    elif not batch.has_ranges and not re.search(r"\blimit\b|\bfetch\b", statement.text, re.IGNORECASE):
        yield Problem(
            message="a batched statement without a LIMIT",
            place=statement.place,
            detail="It is run again until it touches no row; without a LIMIT the first batch is all of them.",
            hint="choose its rows by a subquery with a LIMIT, or say `batch 5000 over TABLE.COLUMN`",
        )


def _parameters(text: str) -> list[grammar.Token]:
    return [token for token in grammar.scan(text) if token.kind == "PARAM"]
