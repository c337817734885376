"""An index that a query is said to use is what the planner chooses when the tables have production's size.

That an index can serve a query is one thing (PLN101), that it does is another: with a billion rows another index
may be cheaper, or reading all of the table. Planned at each size of `checks/profile.toml`, with any values, the
most frequent and rare ones, and with a third and three times as many distinct values as are declared. Where the
planner changes its mind between them, that is told.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer NOT NULL, seen_at timestamptz NOT NULL);
    CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at);
    CREATE INDEX visits_seen ON visits (seen_at);
    -- file: checks/visits.sql
    -- name: visits_of_guest_at
    -- uses: visits_seen
    SELECT * FROM visits WHERE guest_id = $1 AND seen_at > $2;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer NOT NULL, seen_at timestamptz NOT NULL);
    CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at);
    -- file: checks/visits.sql
    -- name: visits_of_guest_at
    -- uses: visits_guest_seen
    SELECT * FROM visits WHERE guest_id = $1 AND seen_at > $2;
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pgproof.contract.promise import Served, Values
from pgproof.explain.facts import Order, QueryFacts, Sized
from pgproof.explain.isolation import family
from pgproof.explain.size import growth
from pgproof.explain.size.words import compared, growth_of_cost, line, scans, short, span
from pgproof.finding import Finding, Verdict
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called, listed


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query whose indexes can serve it, where it was planned at production size."""
    for facts in evidence.queries:
        served = [s for s in facts.services if s.verdict is Verdict.HOLDS]
        sorts = Served.ORDER in facts.query.serves and all(s.order in (Order.SORT, Order.PREFIX) for s in served)
        if not served or sorts:  # PLN101 and PLN102 say that, and how it grows
            continue
        name = served[0].index.name
        if facts.unsized and not facts.sizes:
            message = f"what {called(facts.query)} does at production size could not be told"
            yield RULE.unknown(facts.query.id, message, promised_at(facts.query, name), detail=f"{facts.unsized}.")
        elif facts.sizes:
            names = {index.name for index in family(evidence.snapshot, [s.index for s in served])}
            yield _judged(facts, names, name)


def _judged(facts: QueryFacts, names: set[str], name: str) -> Finding:
    plans = [each for each in facts.sizes if each.n_distinct == 1.0]
    chosen = [each for each in plans if _uses(each, names)]
    largest = max(each.size for each in plans)
    usual = [each for each in plans if each.values is Values.GENERIC and each.size == largest]
    place = promised_at(facts.query, name)
    if chosen and all(_uses(each, names) for each in usual):
        said = ", ".join([*_grows(facts.sizes), *_flips(facts.sizes)])
        message = f"{called(facts.query)} is planned with {name} at {span(chosen)} rows: {said}"
        return RULE.holds(facts.query.id, message, place)
    missed = [each for each in plans if each not in chosen]
    others = listed(sorted({scan for each in missed for scan in scans(each.root)}), "or")
    return RULE.fails(
        facts.query.id,
        f"{name} is not chosen for {called(facts.query)} at {span(missed)} rows: the planner takes {others}",
        place,
        detail=compared(name, facts.sizes, facts.alone),
        hint="name the index that is chosen, or drop the one that takes its place",
        related=(facts.query.place,),
    )


def _uses(sized: Sized, names: set[str]) -> bool:
    return any(node.index in names for node in sized.root.walk())


def _grows(sizes: Sequence[Sized]) -> Iterator[str]:
    """How the cost grows for each kind of values; alike ones are told together."""
    yield from (
        f"cost {words}" + kinds for words, kinds in _grouped({v: growth_of_cost(sizes, v) for v in Values})
    )


def _flips(sizes: Sequence[Sized]) -> Iterator[str]:
    """Where the plan changes with the size, and where it depends on how many values there are."""
    changes = {values: " and ".join(_changes(growth.of(sizes, values))) for values in Values}
    yield from (words + kinds for words, kinds in _grouped(changes))
    shaky = {
        each.size
        for each in sizes
        for other in sizes
        if (each.size, each.values) == (other.size, other.values) and line(each.root) != line(other.root)
    }
    if shaky:
        rows = listed([short(size) for size in sorted(shaky)])
        yield f"at {rows} rows another plan if distinct values are a third or three times as many"


def _changes(plans: Sequence[Sized]) -> Iterator[str]:
    for before, after in pairwise(plans):
        if line(before.root) != line(after.root):
            yield f"at {short(after.size)} rows {line(after.root)} instead of {line(before.root)}"


def _grouped(said: Mapping[Values, str]) -> Iterator[tuple[str, str]]:
    """What is said, and of which kinds of values: "" where it is all of them."""
    groups: dict[str, list[Values]] = {}
    for values, words in said.items():
        if words:
            groups.setdefault(words, []).append(values)
    for words, kinds in groups.items():
        yield words, "" if len(kinds) == len(Values) else f" for {listed([_SHORT[kind] for kind in kinds])} values"


_SHORT = {Values.GENERIC: "any", Values.HOT: "frequent", Values.RARE: "rare"}
RULE = Rule("PLN201", "index-not-chosen-at-size", judge)
