"""SQL that people write in comments: where a statement begins, and where it plainly ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pgproof.contract import draft, parameter
from pgproof.contract.promise import Parameter
from pgproof.sql import grammar
from pgproof.sql.comment import CommentLine
from pgproof.sql.grammar import GrammarError, SyntaxProblem, Token
from pgproof.sql.source import Source
from pgproof.sql.statement import COMMENTS

_QUERY = re.compile(r"(?:select|insert|update|delete|merge|with|values)\b", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:create|alter|drop|grant|revoke|comment|truncate|reindex|analyze|vacuum|explain|begin|commit|set|do|call"
    r"|copy|lock|refresh|cluster|rollback|start|show|reset)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:and|or|not|on|using|from|where|group|order|having|limit|offset|fetch|for|join|inner|left|right|full"
    r"|cross|natural|union|intersect|except|set|values|returning|select|when|then|else|end|window)\b|[,()=<>|+*/]",
    re.IGNORECASE,
)
_MOST_LINES = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A statement found in comment lines.

    `source` is the statement with `$n` parameters and no semicolon. It takes the lines up to `after`
    (exclusive), and in the last of them the characters up to `rest`. `is_query` tells what EXPLAIN can plan
    from other SQL. `broken` is what the grammar says against a text that clearly is meant to be SQL.
    """

    source: Source
    parameters: tuple[Parameter, ...]
    after: int
    rest: int
    is_query: bool = True
    broken: SyntaxProblem | None = None

    @property
    def orders(self) -> bool:
        """Whether the statement has an ORDER BY at its top level."""
        return has_order(self.source.text)


def has_order(text: str) -> bool:
    """Whether a statement has an ORDER BY outside all parentheses. Raises GrammarError if it cannot be scanned."""
    depth, previous = 0, ""
    for token in grammar.scan(text):
        if depth == 0 and token.kind == "BY" and previous == "ORDER":
            return True
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.kind, 0)
        previous = token.kind
    return False


def begins(text: str) -> bool:
    """Whether a text begins with a word that a query begins with."""
    return _QUERY.match(text) is not None


def find(
    lines: Sequence[CommentLine],
    index: int,
    *,
    skip: int = 0,
    prefix: str = "",
    trusted: bool = False,
    stop: Callable[[CommentLine], bool] | None = None,
) -> Excerpt | None:
    """The statement that begins at character `skip` of line `index`, or None if there is only prose.

    It ends at its semicolon, else with the last line that plainly continues it; an empty line or one at which
    `stop` says so ends it in any case. With a `prefix` the text is the rest of a statement that begins so.
    A `trusted` text is called a query by what stands before it, and needs no other sign of being SQL.
    """
    begin = lines[index].text[skip:]
    is_query = bool(prefix) or begins(begin)
    if not is_query and not _OTHER.match(begin):
        return None
    end = index + 1
    while end < min(len(lines), index + _MOST_LINES) and lines[end].text and not (stop and stop(lines[end])):
        end += 1
    attempts = _Attempts(lines[:end], index, skip, prefix, is_query)
    found = attempts.closed() or attempts.longest()
    if found is None:
        return None
    trusted = trusted or bool(prefix)
    if found.broken is None:
        return found if trusted or _is_sql(found.source, lines[found.after - 1], found.rest) else None
    return found if _is_meant_as_sql(found.source.text[len(prefix) :], trusted) else None


class _Attempts:
    """Readings of the lines from `index` on as one statement, by how many of them it takes."""

    def __init__(self, lines: Sequence[CommentLine], index: int, skip: int, prefix: str, is_query: bool) -> None:
        self._lines = lines
        self._index = index
        self._skip = skip
        self._prefix = prefix
        self._is_query = is_query

    def closed(self) -> Excerpt | None:
        """The statement that the first semicolon ends, if it is one."""
        for after in range(self._index + 1, len(self._lines) + 1):
            attempt = self._attempt(after) if ";" in self._lines[after - 1].text else None
            if attempt and attempt[1]:
                return attempt[0] if attempt[0].broken is None else None
        return None

    def longest(self) -> Excerpt | None:
        """The statement that ends where the lines stop to continue it plainly; else the broken one."""
        begin = self._lines[self._index].text[self._skip :]
        best: Excerpt | None = None
        broken: Excerpt | None = None
        for after in range(self._index + 1, len(self._lines) + 1):
            if best is not None and not _continues(begin, self._lines[after - 1].text):
                break
            attempt = self._attempt(after)
            if attempt is None:
                continue
            excerpt, closed = attempt
            if excerpt.broken is None:
                best = excerpt
            elif best is not None:
                break
            else:
                broken = excerpt
            if closed:
                break
        return best or broken

    def _attempt(self, after: int) -> tuple[Excerpt, bool] | None:
        """The lines up to `after` read as one statement, and whether it is closed; None while a quote is open."""
        lines = self._lines[self._index : after]
        written = draft.of_lines(list(lines), skip=self._skip, prefix=self._prefix)
        try:
            tokens = grammar.scan(written.text)
        except GrammarError:
            return None
        end, closed = _end(tokens)
        rest = len(lines[-1].text)
        if closed or any(token.kind in COMMENTS and token.start >= end for token in tokens):
            number, rest = _position(written.text, end + closed, len(self._prefix) - self._skip)
            after = self._index + number + 1
        source, parameters = parameter.number(draft.part(written, 0, end), ellipsis=True)
        problem = _problem(source.text)
        if problem and source.text.rstrip().endswith("."):
            shorter = draft.part(source, 0, len(source.text.rstrip()) - 1)
            if _problem(shorter.text) is None:
                source, problem = shorter, None
        excerpt = Excerpt(
            source=source,
            parameters=parameters,
            after=after,
            rest=rest,
            is_query=self._is_query,
            broken=problem,
        )
        return excerpt, closed


def _continues(begin: str, text: str) -> bool:
    """Whether a line goes on with a statement that could end before it; in the same case as it began in."""
    match = _CONTINUES.match(text)
    return match is not None and (not text[0].isalpha() or match.group()[0].isupper() == begin[0].isupper())


def _end(tokens: Sequence[Token]) -> tuple[int, bool]:
    """Where the first statement's last token ends, and whether a semicolon (or a full stop) follows it."""
    depth, end, previous = 0, 0, ""
    inner: int | None = None
    code = [token for token in tokens if token.kind not in COMMENTS]
    for token, following in zip_longest(code, code[1:]):
        if token.kind == "ASCII_59":
            if depth <= 0:
                return token.start, True
            inner = token.start if inner is None else inner
        stop = token.kind == "ASCII_46" and previous != "DOT_DOT" and token.start == end
        if stop and following and following.start > token.end:
            return token.start, True  # a full stop, and another sentence
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.kind, 0)
        end, previous = token.end, token.kind
    return (end, False) if inner is None else (inner, True)


def _position(text: str, offset: int, before: int) -> tuple[int, int]:
    """Line (from 0) and character in that line of an offset; the first line has `before` more characters."""
    number = text.count("\n", 0, offset)
    return number, offset - (text.rfind("\n", 0, offset) + 1 if number else before)


def _problem(text: str) -> SyntaxProblem | None:
    try:
        tree = grammar.parse(text)
    except GrammarError as error:
        return error.problem
    return None if len(tree.stmts) == 1 else SyntaxProblem("not one statement", 0)


def _is_sql(source: Source, last: CommentLine, rest: int) -> bool:
    """Whether a text that parses is SQL, not prose that happens to parse ("Delete from cart", "Select users")."""
    text = source.text
    tokens = [token for token in grammar.scan(text) if token.kind not in COMMENTS]
    closed = last.text.endswith(";") and rest == len(last.text)
    clauses = {"FROM", "INTO", "SET", "VALUES", "ON"} & {token.kind for token in tokens if token.keyword}
    operators = any(not token.keyword and token.kind not in ("IDENT", "ASCII_44") for token in tokens)
    upper = tokens[0].of(text).isupper()
    return (upper or operators or closed) if clauses else closed and (upper or operators)


def _is_meant_as_sql(written: str, trusted: bool) -> bool:
    """Whether a text that does not parse clearly was to be SQL."""
    signs = r"[=<>$]|\b(?:IN|LIKE|IS)\b" if trusted else r"\b(?:FROM|SET|INTO|VALUES|TABLE|INDEX|ON)\b"
    return re.match(r"[A-Z]+\b", written) is not None and re.search(signs, written[1:]) is not None
