"""What a rule is, and what it gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pgproof.catalog.snapshot import Snapshot
from pgproof.contract.clause import Clause
from pgproof.contract.promise import Contract, Origin, Query
from pgproof.explain.facts import Crossing, QueryFacts
from pgproof.finding import Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.sql.declared import Declared
from pgproof.synth.probe.fact import Survey

Same = Callable[[str, str, str, str], bool | str]
"""Whether two SQL expressions mean the same: (schema, table, one, other); a string is why that is not known."""


Elsewhere = tuple[int, tuple[QueryFacts, ...]]
"""A major of PostgreSQL, and what a server of it says of the documented queries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was learnt before judging: what files declare and promise, what the server has and plans.

    `live` tells a database that is not ours from one that the files have just built, `commanded` one that another
    tool migrates, `major` is the server's, `elsewhere` what servers of other majors say, `crossings` what becomes
    of queries on another revision's schema.
    `survey` is what was tried of constraints, always on a database that the files have built.
    """

    declared: Declared
    snapshot: Snapshot
    contract: Contract
    queries: tuple[QueryFacts, ...]
    same: Same
    live: bool = False
    commanded: bool = False
    major: int = 0
    elsewhere: tuple[Elsewhere, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    survey: Survey = field(default_factory=Survey)


Judge = Callable[[Evidence], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its `code` (never reused), its kebab `name`, how it judges, and the promises that it judges."""

    code: str
    name: str
    judge: Judge
    severity: Severity = Severity.ERROR
    clauses: tuple[Clause[object], ...] = ()

    def holds(self, thing: str, message: str, place: Place) -> Finding:
        """A promise that holds. `thing` names what the finding is about."""
        return self._finding(Verdict.HOLDS, thing, message, place, "", "", ())

    def fails(
        self,
        thing: str,
        message: str,
        place: Place,
        *,
        detail: str = "",
        hint: str = "",
        related: tuple[Place, ...] = (),
    ) -> Finding:
        """A promise that does not hold."""
        return self._finding(Verdict.FAILS, thing, message, place, detail, hint, related)

    def unknown(self, thing: str, message: str, place: Place, *, detail: str, hint: str = "") -> Finding:
        """A promise that could not be judged; `detail` is the reason."""
        return self._finding(Verdict.UNKNOWN, thing, message, place, detail, hint, ())

    def _finding(
        self,
        verdict: Verdict,
        thing: str,
        message: str,
        place: Place,
        detail: str,
        hint: str,
        related: tuple[Place, ...],
    ) -> Finding:
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.severity,
            verdict=verdict,
            object=thing,
            message=message,
            place=place,
            detail=detail,
            hint=hint,
            related=related,
        )


def called(query: Query) -> str:
    """What messages call a documented query: its name, its item in a list, or the pattern above an index."""
    match query.origin:
        case Origin.FILE:
            return query.id
        case Origin.PATTERN:
            return f"the query pattern above {query.uses[0].text}" if query.uses else query.id
        case _:
            return f'{query.id} "{query.title}"' if query.title else query.id


def listed(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """Words as prose: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
