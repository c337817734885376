"""A documented query is one that the server accepts: its tables, columns and types exist.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.contract import parameter
from pgproof.contract.clause import Clause
from pgproof.contract.promise import Given, Origin, Promise, Query, Values, Way
from pgproof.errors import Problem
from pgproof.finding import Finding
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.constant import is_constant, is_type
from pgproof.sql.directive import Directive
from pgproof.sql.modification import modification
from pgproof.sql.name import nearest

_NO_RIGHT = "42501"
_WITHOUT_CONSTANTS = ("42601", "42725")  # a syntax error, a function that may be several
_SAMPLES = {"hot": Values.HOT, "rare": Values.RARE}
_GIVEN = re.compile(r"([$:@]?\w+)\s*(?:::\s*([^=]+?))?\s*(?:=\s*(.+))?", re.DOTALL)
_HINT = "write each as `$1::uuid`, `name::uuid` or `name='value'`, with commas between"
_UNDETERMINED = ("42P18", "42P08")  # the type of a parameter cannot be inferred, or is inferred two ways


def read(directive: Directive) -> Iterator[Promise[Given | Values] | Problem]:
    """`params: $1::uuid, status='active', since='2026-01-01'::date, hot, rare`."""
    for item, place in directive.items():
        if item.lower() in _SAMPLES:
            yield Promise("params", _SAMPLES[item.lower()], place)
            continue
        match = _GIVEN.fullmatch(item)
        target, kind, value = (
            (match[1].strip(), (match[2] or "").strip(), match[3] or "") if match else (item, "", "")
        )
        if value and not kind and is_type(value) and not is_constant(value):
            kind, value = value, ""
        problem = _mistake(item, kind, value)
        if problem is None:
            yield Promise("params", Given(target, kind, value), place)
        else:
            yield Problem(message=problem, place=place, hint=_HINT)


def _mistake(item: str, kind: str, value: str) -> str | None:
    if kind and not is_type(kind):
        return f'"{kind}" is not a type'
    if value and not is_constant(value):
        return f'"{value}" is neither a constant nor a type'
    return None if kind or value else f'"{item}" gives no type and no value'


def fits(query: Query) -> Iterator[Problem]:
    """Each parameter that is described is one of the query's."""
    for promise in PARAMS.of(query):
        given = promise.value
        if isinstance(given, Given) and parameter.find(given.target, query.parameters) is None:
            words = [each.name or f"${each.number}" for each in query.parameters]
            meant = nearest(given.target.lstrip(":@"), words)
            known = "its parameters: " + ", ".join(words) if words else "it has none; remove the line"
            yield Problem(
                message=f'the query has no parameter "{given.target}"',
                place=promise.place,
                hint=f"did you mean `{meant}`?" if meant else known,
            )


def read_way(directive: Directive) -> Iterator[Promise[Way] | Problem]:
    """`generic` or `custom`, alone."""
    yield Promise(directive.key, Way(directive.key), directive.place)


def fits_way(query: Query) -> Iterator[Problem]:
    """A custom plan is made for values, and no promise is about both plans."""
    ways = [*GENERIC.of(query), *CUSTOM.of(query)]
    missing = [each.name or f"${each.number}" for each in query.parameters if not each.value]
    if len(ways) > 1:
        yield Problem(
            message=f'query "{query.id}" has promises about two plans',
            place=ways[1].place,
            hint="keep `generic` or `custom`, and give the other to a query of another name",
        )
    elif query.is_custom and missing and not query.samples:
        yield Problem(
            message=f'query "{query.id}" has a custom plan, and {missing[0]} no value',
            place=ways[0].place,
            hint=f"add `-- params: {missing[0]}='...'`, or `-- params: hot, rare`",
        )


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a documented query."""
    for facts in evidence.queries:
        query, problem = facts.query, facts.problem
        if not query.plans:
            continue  # it is run
        if problem is None:
            now = f"; the planner now chooses {listed(facts.chosen)}" if facts.chosen else ""
            yield RULE.holds(query.id, f"{called(query)} is accepted by the server{now}", query.place)
        elif query.origin is Origin.STATEMENTS and problem.sqlstate in _WITHOUT_CONSTANTS:
            yield RULE.unknown(
                query.id,
                f"{called(query)} could not be prepared: {problem.message}",
                problem.place or query.place,
                detail="With parameters for its constants, as pg_stat_statements has it, it may be none any more.",
                hint="write it into a file of checks/",
            )
        elif problem.sqlstate in _UNDETERMINED:
            yield RULE.unknown(
                query.id,
                f"{called(query)} could not be prepared: {problem.message}",
                problem.place or query.place,
                detail="The server cannot tell the type of a parameter.",
                hint="say it beside the query: -- params: $1::type",
            )
        elif problem.sqlstate == _NO_RIGHT:
            message = f"{called(query)} could not be planned: {problem.message}"
            says = modification(query.text)
            rights = ["SELECT", says.kind] if says else ["SELECT"]
            hint = f"grant the role {listed(rights)} on the tables, or check without --database"
            yield RULE.unknown(query.id, message, query.place, detail=f"SQLSTATE {problem.sqlstate}.", hint=hint)
        else:
            yield RULE.fails(
                query.id,
                f"{called(query)} is refused by the server: {problem.message}",
                problem.place or query.place,
                detail=" ".join(part for part in (problem.detail, f"SQLSTATE {problem.sqlstate}.") if part),
                hint=problem.hint or "mend the query, or the schema that it was written for",
            )


PARAMS = Clause(
    word="params",
    help="types of parameters, values for them; `hot`, `rare`: it has to hold for frequent values, for rare ones",
    example="params: $1::uuid, status='active', hot, rare",
    read=read,
    fits=fits,
    repeats=True,
    likes=("types", "parameters"),
)
GENERIC = Clause(
    word="generic",
    help="the promises are about the plan for any values (as they are where nothing is said)",
    example="generic",
    read=read_way,
    alone=True,
)
CUSTOM = Clause(
    word="custom",
    help="the promises are about a plan that is made for the values that `params:` gives",
    example="custom",
    read=read_way,
    fits=fits_way,
    alone=True,
)
RULE = Rule("QRY101", "query-not-accepted", judge, clauses=(PARAMS, GENERIC, CUSTOM))
