"""`explain`: how the planner answers a query, in words; at production size where the scratch server is our own."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace

from pgproof.contract.promise import Contract, Query, Values
from pgproof.contract.read import read_checks
from pgproof.database import failure
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import CannotTell, InputError, PgproofError, Problem, raise_all
from pgproof.explain import planner
from pgproof.explain.telling import Explanation, Told, told
from pgproof.explain.telling import plans as plans_of
from pgproof.flows.check import Request, contract_of, evidence_of, library_of
from pgproof.place import TYPED
from pgproof.rules import registry
from pgproof.sql import statement
from pgproof.sql.name import nearest
from pgproof.sql.query import has_order
from pgproof.sql.source import Piece, Source

_IS_SQL = re.compile(r"\s")
_NAMED = f"-- name: {TYPED}\n"
_PLANNED = "EXPLAIN knows SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES."
_NO_RIGHT = "42501"
_WRITE = "write the SQL itself, in quotes"
_CORRECT = "correct the query, and type it again"
_GRANT = "grant the role the right to do that, or leave out --database"
_HINT = "leave out --scratch-url, so that the server is pgproof's own; or name a --database, for its plan of now"


def explain(request: Request, wanted: str, at: float | None = None) -> Explanation:
    """The plans of one query: a documented one by its name, or SQL.

    With `at`, as if the tables had so many rows; else at each size of the profile. With a live database, the plan
    that it makes now. Raises InputError where there is no such query or the server does not take it, CannotTell
    where it cannot be planned at size here or the role may not, DatabaseError.
    """
    library = library_of(request)
    contract, profile = contract_of(request, library)
    query = _query(contract, wanted)
    if at is not None:
        profile = profile.at(at)
    with evidence_of(request, library, Contract(queries=(query,)), profile) as (evidence, about):
        (facts,) = evidence.queries
    if facts.problem:
        raise _refused(facts.problem)
    plans = (_now(request.database, query),) if request.database else tuple(plans_of(facts))
    if not plans:
        why = facts.unsized or "; ".join(about.said)
        raise CannotTell(Problem(message=f"cannot plan {query.id} at production size", detail=why, hint=_HINT))
    return Explanation(
        query=query.id,
        place=query.place if query in contract.queries else None,
        server=about.server,
        said=(f"with the statistics of {about.database}",) if request.database else about.said,
        plans=plans,
    )


def _refused(problem: Problem) -> PgproofError:
    """A role without the right to read the tables is told nothing by the server; else the query is wrong."""
    if problem.sqlstate != _NO_RIGHT:
        is_typed = problem.place is not None and problem.place.path == TYPED
        return InputError(replace(problem, hint=problem.hint or (_CORRECT if is_typed else "")))
    return CannotTell(replace(problem, hint=problem.hint or _GRANT))


def _now(database: Conninfo, query: Query) -> Told:
    """The plan that a database makes now."""
    types = tuple(parameter.type for parameter in query.parameters)
    with closing(connect(database)) as conn, read_only(conn, {"lock_timeout": "5s"}), failure.told():
        root = planner.explain(conn, planner.prepare(conn, query.text, types))
    return Told(sizes=(), values=Values.GENERIC, root=told(root, ordered=has_order(query.text)))


def _query(contract: Contract, wanted: str) -> Query:
    """The documented query of that name, or what is written, as a query of its own."""
    if _IS_SQL.search(wanted.strip()):
        return _typed(wanted)
    found = next((query for query in contract.queries if query.id == wanted), None)
    if found:
        return found
    names = [query.id for query in contract.queries]
    meant = nearest(wanted, names)
    raise InputError(
        Problem(
            message=f'no query is documented as "{wanted}"',
            detail=f"There are {', '.join(names)}." if names else "No query is documented.",
            hint=f"did you mean {meant}?" if meant else f"{'name one of them, or ' if names else ''}{_WRITE}",
        )
    )


def _typed(text: str) -> Query:
    """SQL as a query of its own, whose places are those of the text as it was typed."""
    whole = statement.split(Source(TYPED, text))
    raise_all(InputError, whole.problems)
    if not whole.statements:
        raise InputError(Problem(message="there is no query to explain", hint="write one, in quotes"))
    first, *more = whole.statements
    if more:
        raise InputError(
            Problem(message="more than one statement", place=more[0].place, hint="explain each alone")
        )
    pieces = (Piece(offset=0, line=1, column=1, verbatim=False), Piece(offset=len(_NAMED), line=1, column=1))
    read = read_checks([Source(TYPED, _NAMED + text, text, pieces)], registry.clauses())
    raise_all(InputError, read.problems)
    if not read.queries:
        raise InputError(Problem(message="that statement has no plan", place=first.place, detail=_PLANNED))
    return read.queries[0]
