"""The one door to PostgreSQL's own grammar (postgast, which wraps libpg_query; here of PostgreSQL 18).

libpg_query counts bytes in its tokens and trees and characters in its errors; everything here counts
characters. It is loaded when first used; its trees bring protobuf with them, so what needs no tree (`cut`) calls
the C library without the rest of postgast.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """A lexical token: `kind` is the grammar's own name ("IDENT", "SCONST", "SQL_COMMENT", "ASCII_59", ...)."""

    kind: str
    start: int
    end: int
    keyword: bool

    def of(self, text: str) -> str:
        """The characters of the token in the text that was scanned."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """What the grammar rejects, at a 0-based character offset in the text that it was given."""

    message: str
    offset: int


class GrammarError(Exception):
    """The text is not PostgreSQL's SQL; `problem` says what and where."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class TooDeep(GrammarError):  # noqa: N818  (a limit, not a mistake)
    """The text is PostgreSQL's SQL, but its tree is too deep to be read (protobuf ends at 100 messages)."""

    def __init__(self) -> None:
        super().__init__(SyntaxProblem("the statement is nested too deeply for pgproof to read it", 0))


def cut(text: str) -> list[tuple[int, int]]:
    """Where each statement of `text` begins and ends, as the grammar cuts them; no tree is made.

    A statement begins behind the semicolon before it and ends before its own. Raises GrammarError.
    """
    library = _library()
    written = text.encode()
    result = library.pg_query_split_with_parser(written)
    try:
        if result.error:
            error = result.error.contents
            raise GrammarError(_problem(error.message.decode(), error.cursorpos))
        found = [result.stmts[index].contents for index in range(result.n_stmts)]
        bounds = [(each.stmt_location, each.stmt_len) for each in found]
    finally:
        library.pg_query_free_split_result(result)
    chars = Characters(text)
    return [(chars.at(at), chars.at(at + length if length else len(written))) for at, length in bounds]


def scan(text: str) -> list[Token]:
    """Tokens of `text`, comments included. Raises GrammarError at an unterminated string, comment or quote."""
    postgast = _postgast()
    try:
        result = postgast.scan(text)
    except postgast.PgQueryError as error:
        raise GrammarError(_problem(error.message, error.cursorpos)) from error
    names = _token_names()
    chars = Characters(text)
    return [
        Token(
            names.get(token.token) or f"ASCII_{token.token}",
            chars.at(token.start),
            chars.at(token.end),
            token.keyword_kind != 0,
        )
        for token in result.tokens
    ]


def parse(text: str) -> Any:
    """The parse tree of `text` (protobuf, as libpg_query gives it).

    Raises GrammarError; TooDeep where the grammar accepts the text, but some 30 operators or calls stand in each
    other (`a || b || c ...` does).
    """
    postgast = _postgast()
    try:
        return postgast.parse(text)
    except postgast.PgQueryError as error:
        raise GrammarError(_problem(error.message, error.cursorpos)) from error
    except _decode_error() as error:
        raise TooDeep from error


def deparse(tree: Any) -> str:
    """SQL text of a parse tree or of one statement node, in libpg_query's canonical form."""
    return str(_postgast().deparse(tree))


class Characters:
    """Translates byte offsets in the UTF-8 form of a text into character offsets."""

    def __init__(self, text: str) -> None:
        self._bytes: list[int] = []
        self._chars: list[int] = []
        self._identity = text.isascii()
        if not self._identity:
            at = 0
            for index, char in enumerate(text):
                width = len(char.encode())
                at += width
                if width > 1:
                    self._bytes.append(at)
                    self._chars.append(index + 1)

    def at(self, byte: int) -> int:
        """The 0-based character offset of the 0-based byte offset `byte`."""
        if self._identity:
            return byte
        index = bisect_right(self._bytes, byte) - 1
        return byte if index < 0 else self._chars[index] + byte - self._bytes[index]


@cache
def _postgast() -> Any:
    """The package, without its types: one of its stubs does not parse, which ends the mypy of our users, too."""
    return import_module("postgast")


@cache
def _trees() -> Any:
    """Its protobuf messages."""
    return import_module("postgast.pg_query_pb2")


def _decode_error() -> type[Exception]:
    """What postgast lets through of protobuf where a tree is too deep."""
    from google.protobuf.message import DecodeError

    found: type[Exception] = DecodeError
    return found


def _problem(message: str, cursorpos: int) -> SyntaxProblem:
    return SyntaxProblem(message, max(0, cursorpos - 1))


@cache
def _library() -> Any:
    """The C library as `postgast.native` binds it, loaded without the package around it.

    The module is entered as what it is, so that the package finds it loaded when it is needed after all.
    """
    name = "postgast.native"
    if name not in sys.modules:
        package = find_spec("postgast")
        assert package is not None
        assert package.origin is not None
        spec = spec_from_file_location(name, Path(package.origin).with_name("native.py"))
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name].lib


@lru_cache(maxsize=1)
def _token_names() -> dict[int, str]:
    return {value: name for name, value in _trees().Token.items()}


def expression(node: Any) -> str:
    """SQL of an expression node, in libpg_query's canonical form."""
    pb = _trees()
    target = pb.ResTarget(val=node)
    select = pb.SelectStmt(target_list=[pb.Node(res_target=target)])
    return _select(select)


def type_name(node: Any) -> str:
    """SQL of a type name node, modifiers and array bounds included."""
    pb = _trees()
    null = pb.Node(a_const=pb.A_Const(isnull=True))
    cast = pb.TypeCast(arg=null, type_name=node)
    select = pb.SelectStmt(target_list=[pb.Node(res_target=pb.ResTarget(val=pb.Node(type_cast=cast)))])
    return _select(select).removeprefix("NULL::")


def _select(select: Any) -> str:
    pb = _trees()
    statement = pb.RawStmt(stmt=pb.Node(select_stmt=select))
    return deparse(pb.ParseResult(version=170000, stmts=[statement])).removeprefix("SELECT ")


def parts(message: Any) -> list[Any]:
    """The messages that a protobuf message holds directly."""
    found: list[Any] = []
    for field, value in message.ListFields():
        if field.message_type is not None:
            found += value if field.is_repeated else [value]
    return found


def range_var(names: Sequence[str]) -> Any:
    """A RangeVar node of a name's parts: catalog and schema may be missing."""
    return _trees().RangeVar(schemaname=names[-2] if len(names) > 1 else "", relname=names[-1], inh=True)


def constant(enum: str, value: int) -> str:
    """The name of a value in an enumeration of the grammar, e.g. 6 of ConstrType is "CONSTR_CHECK"."""
    return str(getattr(_trees(), enum).Name(value))
