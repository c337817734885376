"""A kind of promise: the word that it begins with, how its value is read, and what it asks of the query.

    -- rows: <= 1000

Each belongs to the rule that judges it (`rules/`); this room gets them all as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, cast

from pgproof.contract import parameter
from pgproof.contract.promise import Promise, Query, T_co
from pgproof.errors import Problem
from pgproof.sql import directive as directives
from pgproof.sql.comment import CommentLine
from pgproof.sql.directive import Directive

# how prose goes on behind "Returns:" and the like
_PROSE = re.compile(
    r"(?:the|an?|all|one|every|each|if|when|this|that|it|them|nothing|none|either|true|false|null|see|number|list)\b"
    r"(?!\s*columns)",
    re.IGNORECASE,
)


def _fits(_query: Query) -> Iterator[Problem]:
    """Nothing more is asked of a query."""
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Generic[T_co]):
    """How a promise is written: `word: value`, or the `word` as a line of its own where it stands `alone`.

    `read` gives what the value says, or what is wrong with it; `fits` what is wrong with such a promise of the
    query. `help` is one line for people, `example` a whole line. One that `repeats` may stand in several lines of
    a query. `likes` are other words that people take for it. Where the word is also one of prose (`is_prose`), it
    counts in lower case alone, and not before a value that reads as prose does. One that is `run` is of a
    statement that is executed, and may be no query.
    """

    word: str
    help: str
    example: str
    read: Callable[[Directive], Iterator[Promise[T_co] | Problem]]
    fits: Callable[[Query], Iterator[Problem]] = _fits
    repeats: bool = False
    alone: bool = False
    is_prose: bool = False
    run: bool = False
    likes: tuple[str, ...] = ()

    def of(self, query: Query) -> tuple[Promise[T_co], ...]:
        """What the query promises in these words."""
        return tuple(cast("Promise[T_co]", each) for each in query.promises if each.word == self.word)


def _are_right(found: Sequence[object]) -> bool:
    return bool(found) and not any(isinstance(each, Problem) for each in found)


class Clauses:
    """All kinds of promises, by their words."""

    def __init__(self, clauses: tuple[Clause[object], ...] = ()) -> None:
        self._clauses = {clause.word: clause for clause in clauses}

    @property
    def words(self) -> frozenset[str]:
        """The words of all of them."""
        return frozenset(self._clauses)

    @property
    def likes(self) -> dict[str, str]:
        """Other words for them, each with the one that is meant."""
        return {like: clause.word for clause in self._clauses.values() for like in clause.likes}

    def of(self, directive: Directive | None) -> Clause[object] | None:
        """The kind of promise that a line makes, or None for prose and what is not ours."""
        clause = self._clauses.get(directive.key) if directive else None
        if clause is None or directive is None:
            return None
        if not clause.is_prose:
            return clause
        plain = directive.line.text[: len(directive.key)].islower()
        return clause if plain and not _PROSE.match(directive.value) else None

    def fits(self, query: Query) -> Iterator[Problem]:
        """What is wrong with the promises of a query, by the words that it has."""
        for word in dict.fromkeys(each.word for each in query.promises):
            if word in self._clauses:
                yield from self._clauses[word].fits(query)

    def spoken(self, line: CommentLine) -> list[Promise[object]]:
        """What a line of a migration's comment promises in these words; nothing where one of them is mistaken.

        The text of an applied migration cannot change, so that a mistake is prose. What is run belongs in a file.
        """
        directive = directives.read(line)
        clause = self.of(directive)
        if directive is None or clause is None or clause.run or not directive.value:
            return []
        found = list(clause.read(directive))
        return [each for each in found if isinstance(each, Promise)] if _are_right(found) else []

    def added(self, query: Query, promises: Sequence[Promise[object]]) -> Query:
        """The query with these promises as well, if they fit it."""
        parameters = parameter.described(query.parameters, promises)
        more = replace(query, promises=(*query.promises, *promises), parameters=parameters)
        return query if any(True for _ in self.fits(more)) else more

    @property
    def run_words(self) -> frozenset[str]:
        """The words that say of a statement what comes of running it, and with which values."""
        return frozenset(word for word, clause in self._clauses.items() if clause.run) | {"params"}

    def is_run(self, words: Iterable[str]) -> bool:
        """Whether a statement with these promises is executed."""
        return any(self._clauses[word].run for word in words if word in self._clauses)
