"""Promises as data: documented queries and what is said of them, names and claims in comments, acceptances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql.comment import CommentLine
from pgproof.sql.source import Source


@dataclass(frozen=True, slots=True)
class Word:
    """A name that a person wrote, and where."""

    text: str
    place: Place


class Values(StrEnum):
    """What stands for the parameters of a query while it is planned."""

    GENERIC = "any values"
    HOT = "the most frequent values"
    RARE = "rare values"


class Served(StrEnum):
    """What an index is to serve; `COLUMNS` is all that the query reads, so that the table is not looked at."""

    FILTER = "filter"
    ORDER = "order"
    COLUMNS = "all columns"


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of the parameter that is written `target`: its SQL type, a constant for it ("" for none)."""

    target: str
    type: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A node that no plan of the query may have: its `kind` as people write it; of one `table` (or alias)."""

    kind: str
    table: str = ""

    def __str__(self) -> str:
        return f"{self.kind} on {self.table}" if self.table else self.kind


@dataclass(frozen=True, slots=True)
class Bound:
    """How many rows a query may return: at most so many."""

    rows: int


@dataclass(frozen=True, slots=True)
class Size:
    """The size that a promise is about: so many rows of a table."""

    table: str
    rows: float


@dataclass(frozen=True, slots=True)
class Returned:
    """A column of the result: its name and its type, as people write them."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Failure:
    """That a statement is refused: with which SQLSTATE, and on which constraint ("" for any)."""

    sqlstate: str
    constraint: str = ""


class Way(StrEnum):
    """Which plan a promise is about: the one for any values, or one made for the values given."""

    GENERIC = "generic"
    CUSTOM = "custom"


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Promise(Generic[T_co]):
    """One thing that is promised of a query: the `word` it begins with, what it says as data, and where."""

    word: str
    value: T_co
    place: Place


class Origin(StrEnum):
    """Where a documented query was found."""

    PATTERN = "query pattern above an index"
    COMMENT = "statement in a comment"
    FILE = "query file"
    STATEMENTS = "pg_stat_statements"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Parameter `$number` of a query: its `name` as written ("" for `?` and the same `$n`), and its type.

    `type` is what `params:` says, an SQL type to be used where the server cannot infer one, else "". So is
    `value`, a constant that stands for it.
    """

    number: int
    name: str = ""
    type: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query that the team documents, and what it promises of it.

    `id` is stable when lines move: "07-jobs#2" (item 2 of the list in that file), "07-jobs#4.1" (first
    statement under item 4), "07-jobs#idx_name" (the pattern above that index), or the name in a query file.
    `source.text` is the statement with parameters as `$1, $2, ...`, without a semicolon; its places lead to
    the author's file. `setup` are statements that are run before it where it is run; one that is run alone is not
    planned (`plans`).
    """

    id: str
    title: str
    source: Source
    origin: Origin
    parameters: tuple[Parameter, ...] = ()
    promises: tuple[Promise[object], ...] = ()
    setup: tuple[Source, ...] = ()
    plans: bool = True

    @property
    def uses(self) -> tuple[Word, ...]:
        """The indexes said to serve it."""
        return tuple(each.value for each in self.promises if isinstance(each.value, Word) and each.word == "uses")

    @property
    def serves(self) -> frozenset[Served]:
        """What these indexes are to serve: every predicate, the ORDER BY (no sort), all that is read."""
        return frozenset(each.value for each in self.promises if isinstance(each.value, Served))

    @property
    def samples(self) -> frozenset[Values]:
        """With which values it has to hold, as far as that is said."""
        return frozenset(each.value for each in self.promises if isinstance(each.value, Values))

    @property
    def is_custom(self) -> bool:
        """Whether its promises are about the plan for the values given."""
        return any(each.value is Way.CUSTOM for each in self.promises)

    def promises_any(self, *words: str) -> bool:
        """Whether something is promised in one of these words."""
        return any(each.word in words for each in self.promises)

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
