"""Statements of a source: where each begins and ends, and what the grammar says against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError, Token
from pgproof.sql.source import Source

COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement: from its first token to its last, without the semicolon and the comments around it."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The statement as written (comments inside it included)."""
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> Place:
        """Where the statement begins; as wide as its first line."""
        first = self.text.split("\n", 1)[0]
        return self.source.place(self.start, len(first))

    def at(self, offset: int, width: int = 1) -> Place:
        """The place of a 0-based character offset inside the statement."""
        return self.source.place(self.start + offset, width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A source cut into statements. `problems` are its syntax errors; where there are any, do not run it."""

    source: Source
    tokens: tuple[Token, ...] = ()
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()


def split(source: Source, start: int = 0, end: int | None = None) -> Script:
    """Cut `source` (or its part from `start` to `end`) into statements, without judging each.

    A text that cannot even be scanned (an unterminated string) gives one problem and no statements.
    """
    text = source.text[start:end]
    try:
        tokens = grammar.scan(text)
    except GrammarError as error:
        return Script(source=source, problems=(_syntax(source, start, error),))
    moved = tuple(Token(t.kind, t.start + start, t.end + start, t.keyword) for t in tokens)
    return Script(source=source, tokens=moved, statements=tuple(_statements(source, moved)))


def check(source: Source, start: int = 0, end: int | None = None) -> Script:
    """Cut `source` into statements and ask the grammar about each: all errors of a file at once."""
    script = split(source, start, end)
    problems = list(script.problems)
    for statement in script.statements:
        try:
            grammar.parse(statement.text)
        except GrammarError as error:
            problems.append(_syntax(source, statement.start, error))
    return Script(source=source, tokens=script.tokens, statements=script.statements, problems=tuple(problems))


def _syntax(source: Source, start: int, error: GrammarError) -> Problem:
    offset = start + error.problem.offset
    message = _one_line(error.problem.message)
    hint = ""
    if source.text[offset : offset + 1] == "\\":
        hint = "commands of psql (lines that begin with a backslash) are not SQL; remove the line"
    return Problem(message=message, place=source.place(offset, width(message)), hint=hint, sqlstate="42601")


def _one_line(message: str) -> str:
    """The message, cut where what it quotes has a line end (an unterminated string goes on to the end)."""
    first, cut, _ = message.partition("\n")
    return first + '"' if cut else first


def width(message: str) -> int:
    """How many characters a syntax error's own `at or near "..."` spans on the first line."""
    _, found, near = message.partition('at or near "')
    return len(near.rstrip('"').split("\n", 1)[0]) if found else 1


def _statements(source: Source, tokens: tuple[Token, ...]) -> Iterator[Statement]:
    depth = 0
    body = _AtomicBody()
    first: Token | None = None
    last: Token | None = None
    for token in tokens:
        if token.kind in COMMENTS:
            continue
        if token.kind == "ASCII_59" and depth <= 0 and not body.is_open:  # ;
            if first and last:
                yield Statement(source, first.start, last.end)
            first, last, depth, body = None, None, 0, _AtomicBody()
            continue
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.kind, 0)  # ( )
        body.see(token)
        first, last = first or token, token
    if first and last:
        yield Statement(source, first.start, last.end)


class _AtomicBody:
    """Follows `BEGIN ATOMIC ... END` of a function body, whose semicolons end no statement (since 14)."""

    def __init__(self) -> None:
        self._depth = 0
        self._previous = ""
        self._creates = False

    @property
    def is_open(self) -> bool:
        return self._depth > 0

    def see(self, token: Token) -> None:
        if not self._previous:
            self._creates = token.kind == "CREATE"
        opens = token.kind == "ATOMIC" and self._previous == "BEGIN_P"
        if self._creates and (opens or (self.is_open and token.kind == "CASE")):
            self._depth += 1
        elif self.is_open and token.kind == "END_P":
            self._depth -= 1
        self._previous = token.kind
