"""Statements of a source: where each begins and ends, and what the grammar says against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql import beginning, grammar
from pgproof.sql.grammar import GrammarError, Token, TooDeep
from pgproof.sql.source import Source

COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})
# blanks as the scanner has them, and comments; one that holds another one is left to the scanner
_RESTRICTION = re.compile(r"^\\[ru](?=(?:estrict|nrestrict)\b)", re.MULTILINE)
_BEFORE = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*|/\*(?:(?!/\*)[\s\S])*?\*/)*")


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement: from its first token to its last, without the semicolon and the comments around it.

    `kind` is the grammar's name of it ("create_stmt", "index_stmt"), where it was asked already; else "".
    """

    source: Source
    start: int
    end: int
    kind: str = field(default="", compare=False, repr=False)

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
    """A source, or its part from `start` to `end`, cut into statements.

    `problems` are its syntax errors; where there are any, do not run it. The comments in the first `heading`
    characters of the source, which lie before `start`, speak of it too.
    """

    source: Source
    start: int = 0
    end: int | None = None
    heading: int = 0
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    _tokens: list[tuple[Token, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens, comments included; none of a text that cannot be scanned. Scanned when first asked for."""
        if not self._tokens:
            above = _tokens(self.source, 0, self.heading) if self.heading else ()
            comments = tuple(token for token in above if token.kind in COMMENTS)
            self._tokens.append(comments + _tokens(self.source, self.start, self.end))
        return self._tokens[0]


def split(source: Source, start: int = 0, end: int | None = None) -> Script:
    """Cut `source` (or its part from `start` to `end`) into statements, without judging each.

    A text that cannot even be scanned (an unterminated string) gives one problem and no statements.
    """
    try:
        tokens = _scan(source, start, end)
    except GrammarError as error:
        problem = _syntax(source, start, error)
        return Script(source=source, start=start, end=end, problems=(problem,), _tokens=[()])
    statements = tuple(_statements(source, tokens))
    return Script(source=source, start=start, end=end, statements=statements, _tokens=[tokens])


def check(source: Source, start: int = 0, end: int | None = None, *, heading: int = 0) -> Script:
    """Cut `source` into statements and ask the grammar about each: all errors of a file at once.

    A text without an error is parsed once and not scanned. `heading` is as in `Script`.
    """
    try:
        statements = _parsed(source, start, end)
    except GrammarError:
        statements = None
    if statements is not None:
        return Script(source=source, start=start, end=end, heading=heading, statements=statements)
    script = split(source, start, end)
    problems = list(script.problems)
    for statement in script.statements:
        try:
            grammar.parse(statement.text)
        except TooDeep:
            continue
        except GrammarError as error:
            problems.append(_syntax(source, statement.start, error))
    return Script(
        source=source,
        start=start,
        end=end,
        heading=heading,
        statements=script.statements,
        problems=tuple(problems),
    )


def _tokens(source: Source, start: int, end: int | None) -> tuple[Token, ...]:
    try:
        return _scan(source, start, end)
    except GrammarError:
        return ()


def _scan(source: Source, start: int, end: int | None) -> tuple[Token, ...]:
    tokens = grammar.scan(_sql(source.text[start:end]))
    return (
        tuple(Token(t.kind, t.start + start, t.end + start, t.keyword) for t in tokens) if start else tuple(tokens)
    )


def _sql(text: str) -> str:
    """The text, as long as before, with the two commands that pg_dump writes to psql as comments.

    They are restrict and unrestrict (since August 2025), and of no use to anybody else.
    """
    return _RESTRICTION.sub("--", text) if "restrict" in text else text


def _parsed(source: Source, start: int, end: int | None) -> tuple[Statement, ...] | None:
    """The statements as the grammar cuts them; None where only the scanner knows which comments are around one."""
    text = _sql(source.text[start:end])
    found = []
    for begin, last in grammar.cut(text):
        before = _BEFORE.match(text, begin, last)
        first = before.end() if before else begin
        written = text[first:last].rstrip(" \t\n\r\f\v")
        if written.startswith("/*") or written.endswith("*/") or "--" in written[written.rfind("\n") + 1 :]:
            return None
        found.append((start + first, start + first + len(written), beginning.kind(written)))
    if not all(kind for _, _, kind in found):
        kinds = [str(raw.stmt.WhichOneof("node")) for raw in grammar.parse(text).stmts]
        found = [(first, last, kind) for (first, last, _), kind in zip(found, kinds, strict=True)]
    return tuple(Statement(source, first, last, kind) for first, last, kind in found)


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
