"""A query returns the columns that are promised, with their types, as the server describes them.

A type without a modifier stands for any (`numeric` for `numeric(10,2)`); a domain is its base type.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- returns: id uuid, seen_at timestamptz
    SELECT id, seen_at FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- returns: id int, seen_at timestamptz
    SELECT id, seen_at FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Promise, Returned
from pgproof.errors import Problem
from pgproof.explain.facts import QueryFacts, ResultColumn
from pgproof.finding import Finding
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.constant import is_type
from pgproof.sql.directive import Directive

_COLUMN = re.compile(r"(?P<name>\"(?:[^\"]|\"\")+\"|[\w$?]+)\s+(?P<type>\S.*)")


def read(directive: Directive) -> Iterator[Promise[Returned] | Problem]:
    """`returns: id uuid, created_at timestamptz`."""
    for item, place in directive.items():
        match = _COLUMN.fullmatch(item)
        if match is None or not is_type(match["type"]):
            yield Problem(
                message=f'"{item}" is not a column with its type',
                place=place,
                hint="write name and type of each, with commas between: `-- returns: id uuid, total numeric`",
            )
            continue
        name = match["name"]
        written = name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
        yield Promise("returns", Returned(written, match["type"]), place)


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query of which the columns are promised."""
    for facts in evidence.queries:
        if facts.wanted:
            yield _judged(facts)


def _judged(facts: QueryFacts) -> Finding:
    query, promises = facts.query, RETURNS.of(facts.query)
    for number, (wanted, column) in enumerate(zip_longest(facts.wanted, facts.returned)):
        difference = _difference(number + 1, wanted, column)
        if difference:
            return RULE.fails(
                query.id,
                f"{called(query)} returns other columns: {difference}",
                promises[min(number, len(promises) - 1)].place,
                detail=f"The server returns: {_listed(facts.returned)}.",
                hint=f"-- returns: {_listed(facts.returned)}",
                related=(query.place,),
            )
    return RULE.holds(query.id, f"{called(query)} returns {_listed(facts.returned)}", promises[0].place)


def _difference(number: int, wanted: ResultColumn | None, column: ResultColumn | None) -> str:
    if wanted is None:
        return f"column {number}, {column.name}, is not promised" if column else ""
    if column is None:
        return f"there is no column {number}, which is to be {wanted.name}"
    if wanted.name != column.name:
        return f"column {number} is {column.name}, not {wanted.name}"
    if wanted.type not in (column.type, column.plain):
        return f"{column.name} is {column.type}, not {wanted.type}"
    return ""


def _listed(columns: tuple[ResultColumn, ...]) -> str:
    return ", ".join(f"{each.name} {each.type}" for each in columns) or "nothing"


RETURNS = Clause(
    word="returns",
    help="the columns of the result with their types, in order",
    example="returns: id uuid, created_at timestamptz",
    read=read,
    repeats=True,
    is_prose=True,
)
RULE = Rule("QRY104", "result-columns-differ", judge, clauses=(RETURNS,))
