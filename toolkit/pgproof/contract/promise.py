"""Promises as data: documented queries and what is said of them, names and claims in comments, acceptances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql.comment import CommentLine
from pgproof.sql.source import Source


@dataclass(frozen=True, slots=True)
class Word:
    """A name that a person wrote, and where."""

    text: str
    place: Place


class Origin(StrEnum):
    """Where a documented query was found."""

    PATTERN = "query pattern above an index"
    COMMENT = "statement in a comment"
    FILE = "query file"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Parameter `$number` of a query: its `name` as written ("" for `?` and the same `$n`), and its type.

    `type` is what `params:` says, an SQL type to be used where the server cannot infer one, else "".
    """

    number: int
    name: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query that the team documents, and what it promises of it.

    `id` is stable when lines move: "07-jobs#2" (item 2 of the list in that file), "07-jobs#4.1" (first
    statement under item 4), "07-jobs#idx_name" (the pattern above that index), or the name in a query file.
    `source.text` is the statement with parameters as `$1, $2, ...`, without a semicolon; its places lead to
    the author's file. `uses` are indexes said to serve it. `order` says that such an index gives the
    ORDER BY too (no sort), `filter` that it serves every predicate.
    """

    id: str
    title: str
    source: Source
    origin: Origin
    parameters: tuple[Parameter, ...] = ()
    uses: tuple[Word, ...] = ()
    order: bool = False
    filter: bool = False

    @property
    def text(self) -> str:
        """The SQL of the query, with `$n` parameters."""
        return self.source.text

    @property
    def place(self) -> Place:
        """Where the query begins in the author's file."""
        first = self.source.text.split("\n", 1)[0].rstrip()
        begin, end = self.source.place(0), self.source.place(max(0, len(first) - 1))
        width = end.column - begin.column + 1 if end.line == begin.line else len(begin.text)
        return replace(begin, width=max(1, width))


class Cue(StrEnum):
    """Why a word in a comment is taken for the name of something in the database."""

    INDEX = "index"
    CONSTRAINT = "constraint"
    TABLE = "table"
    COLUMN = "column"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A word in a comment that looks like the name of a database object.

    `cue` is the kind of object that the words around it, or its own form (`idx_...`, `..._chk`), call it;
    `NONE` if it merely looks like a name (snake_case). `qualifier` is the part before the dot, if any.
    """

    word: Word
    cue: Cue
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKeyClaim:
    """A clause of a comment line that calls something a foreign key.

    `words` are the clause's words in lower case ("user", "orders.user_id"): what the claim may be about.
    `next` is the offset (in its file's source) of the code that the comment stands before, or None; of a
    comment behind code it is where the code of that line begins.
    """

    line: CommentLine
    words: tuple[Word, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding that the team accepts: rule `code` (or name), the finding's `object`, and why.

    `until` is the last day on which the acceptance counts; None is for ever. It stands at `place` and ends in the
    line `last`.
    """

    code: str
    object: str
    because: str
    place: Place
    last: int
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything that a set of files promises. `problems` are mistakes in how it is written."""

    queries: tuple[Query, ...] = ()
    mentions: tuple[Mention, ...] = ()
    foreign_keys: tuple[ForeignKeyClaim, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    problems: tuple[Problem, ...] = ()
