"""A query returns no more rows than is promised, as the planner expects at each production size.

A LIMIT that is small enough, and a unique key that is asked for whole, hold whatever the tables do.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: some_visits
    -- rows: <= 10
    SELECT v.id FROM visits AS v LIMIT 20;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: some_visits
    -- rows: <= 10
    SELECT v.id FROM visits AS v LIMIT 10;
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Bound, Promise, Query, Size
from pgproof.errors import Problem
from pgproof.explain.facts import QueryFacts
from pgproof.finding import Finding
from pgproof.rules import sized
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.directive import Directive
from pgproof.sql.name import quote
from pgproof.sql.query import limit_of, tables_in

_BOUND = re.compile(r"(?P<operator><=|≤|<|at most)?\s*(?P<number>\d[\d_,]*(?:\.\d+)?(?:e\+?\d+)?)", re.IGNORECASE)
_SIZE = re.compile(r"\"?(?P<table>[\w$.]+)\"?\s*=\s*(?P<rows>\d[\d_]*(?:\.\d+)?(?:e\+?\d+)?)", re.IGNORECASE)


def read(directive: Directive) -> Iterator[Promise[Bound] | Problem]:
    """`rows: <= 1000`."""
    match = _BOUND.fullmatch(directive.value)
    if match is None:
        yield Problem(
            message=f'"{directive.value}" is no bound on rows',
            place=directive.value_place(),
            hint="write `-- rows: <= 1000`",
        )
        return
    number = float(re.sub("[_,]", "", match["number"]))
    yield Promise("rows", Bound(int(number) - (match["operator"] == "<")), directive.value_place())


def read_size(directive: Directive) -> Iterator[Promise[Size] | Problem]:
    """`at: jobs=1e8, agents=1e6`."""
    for item, place in directive.items():
        match = _SIZE.fullmatch(item)
        rows = float(match["rows"].replace("_", "")) if match else 0
        if match and rows >= 1:
            yield Promise("at", Size(match["table"].rpartition(".")[2], rows), place)
            continue
        yield Problem(message=f'"{item}" is no size of a table', place=place, hint="write `-- at: jobs=1e8`")


def fits_size(query: Query) -> Iterator[Problem]:
    """A size is one of a table that the query reads."""
    names = {name for _, name, _ in tables_in(query.text)}
    for promise in AT.of(query):
        if names and promise.value.table not in names:
            yield Problem(
                message=f'the query does not name the table "{promise.value.table}"',
                place=promise.place,
                hint=f"its tables: {', '.join(map(quote, sorted(names)))}",
            )


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query with a bound."""
    for facts in evidence.queries:
        for promise in ROWS.of(facts.query):
            if facts.plan is not None and not sized.is_empty(facts):
                yield _judged(facts, promise, live=evidence.live)


def _judged(facts: QueryFacts, promise: Promise[Bound], *, live: bool) -> Finding:
    query, most = facts.query, promise.value.rows
    limit = limit_of(query.text)
    if limit is not None and limit <= most:
        return RULE.holds(query.id, f"{called(query)} returns {limit} rows at most: its LIMIT", promise.place)
    plans = sized.plans(facts)
    for each in plans:
        if (rows := sized.returned(each.root)) > most:
            return _failure(facts, promise, rows, sized.told(each))
    if plans:
        most_of_all = max(sized.returned(each.root) for each in plans)
        message = f"{called(query)} returns {sized.figure(most_of_all)} rows at most, {sized.told(plans[-1])}"
        return RULE.holds(query.id, message, promise.place)
    if most >= 1 and sized.reads_one(facts):
        return RULE.holds(query.id, f"{called(query)} returns one row at most: its key is unique", promise.place)
    root = facts.plan
    assert root is not None
    rows = sized.returned(root)
    is_known = live or not any(node.relation for node in root.walk())
    if limit is not None and rows == limit:
        return _failure(facts, promise, rows, "by its LIMIT")
    if not is_known:
        message = f"how many rows {called(query)} returns could not be told"
        return RULE.unknown(query.id, message, promise.place, detail=sized.unsized(facts), hint=_HINT)
    if rows > most:
        return _failure(facts, promise, rows, "with the statistics of now")
    return RULE.holds(query.id, f"{called(query)} returns {sized.figure(rows)} rows at most", promise.place)


def _failure(facts: QueryFacts, promise: Promise[Bound], rows: float, when: str) -> Finding:
    query = facts.query
    return RULE.fails(
        query.id,
        f"{called(query)} returns {sized.figure(rows)} rows {when}",
        promise.place,
        detail=f"At most {sized.figure(promise.value.rows)} are promised; so many are what the planner expects.",
        hint="end the query with a LIMIT, ask for less, or promise more rows",
        related=(query.place,),
    )


_HINT = "let pgproof plan it at size on a server of its own (--pg-bin), or end the query with a LIMIT"
ROWS = Clause(
    word="rows",
    help="how many rows the query returns at most, as the planner expects at each size",
    example="rows: <= 1000",
    read=read,
    is_prose=True,
)
AT = Clause(
    word="at",
    help="the size that the promises are about, instead of every one of `checks/profile.toml`",
    example="at: jobs=1e8",
    read=read_size,
    fits=fits_size,
    repeats=True,
    is_prose=True,
)
RULE = Rule("PLN107", "too-many-rows", judge, clauses=(ROWS, AT))
