"""What constraints of another schema say to the rows that a statement writes, and that its own accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint, Snapshot, Table, as_check
from pgproof.explain import trigger
from pgproof.explain.facts import QueryFacts, Refusal, Unsure
from pgproof.explain.service import Bench
from pgproof.finding import Verdict
from pgproof.sql.dialect import writes
from pgproof.sql.modification import targets


def refused(own: QueryFacts, other: QueryFacts) -> tuple[Refusal, ...]:
    """The constraints that refuse abroad what the statement writes, or may; () of one that home refuses, too."""
    if any(each.verdict is Verdict.FAILS for each in own.refusals):
        return ()
    known = {(each.table, each.constraint) for each in own.refusals if each.verdict is Verdict.UNKNOWN}
    found = {(each.table, each.constraint): each for each in other.refusals if each.verdict is not Verdict.HOLDS}
    return tuple(each for key, each in found.items() if key not in known)


def unsure(home: Bench, abroad: Bench, text: str) -> tuple[Unsure, ...]:
    """What is only abroad, on columns whose values the text of the statement does not say: constraints, and types.

    Of a MERGE, an INSERT of a query and ON CONFLICT, no value is looked at.
    """
    found: dict[tuple[str, str], Unsure] = {}
    for event, schema, name, columns in _written(abroad, text):
        here, there = home.snapshot.table(schema, name), abroad.snapshot.table(schema, name)
        if here is None or there is None or not {here.kind, there.kind} <= set("rp"):
            continue
        for each in (*_new(home, abroad, here, there, event, columns), *_narrower(home, abroad, there, columns)):
            found.setdefault((each.table, each.constraint), each)
    return tuple(found.values())


def _written(abroad: Bench, text: str) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """What is written, by event, schema and table, and the columns of unknown values."""
    known = writes(text)
    for write in known:
        names = _names(abroad, write.relation.schema, write.relation.name)
        written = [value.column for value in write.values] if write.columns_named else names
        values = dict(zip(written, write.values, strict=False))
        open_ones = (name for name, value in values.items() if value.constant is None and not value.is_default)
        event = "INSERT" if write.inserts else "UPDATE"
        yield event, write.relation.schema, write.relation.name, frozenset(open_ones)
    for each in targets(text) if not known else ():
        columns = each.columns or _names(abroad, each.schema, each.table)
        yield each.event, each.schema, each.table, frozenset(columns)


def _names(abroad: Bench, schema: str, name: str) -> tuple[str, ...]:
    table = abroad.snapshot.table(schema, name)
    return tuple(column.name for column in abroad.snapshot.columns_of(table)) if table else ()


def _new(
    home: Bench, abroad: Bench, here: Table, there: Table, event: str, open_ones: frozenset[str]
) -> Iterator[Unsure]:
    """The constraints that only `there` has, each with the columns of it whose values are not known."""
    known = {(each.kind, each.definition, each.columns) for each in _all(home.snapshot, here)}
    triggers = trigger.of(abroad.snapshot, there, event)
    for each in _all(abroad.snapshot, there):
        columns = tuple(name for name in each.columns if name in open_ones)
        is_filled = any(trigger.may_change(t, name) for t in triggers for name in columns)
        if columns and each.enforced and not is_filled and (each.kind, each.definition, each.columns) not in known:
            yield Unsure(table=each.table, constraint=each.name, definition=each.definition, columns=columns)


def _narrower(home: Bench, abroad: Bench, there: Table, open_ones: frozenset[str]) -> Iterator[Unsure]:
    """The columns that have a type with a modifier there, and another type, or less of it, at home."""
    here = home.snapshot.table(there.schema, there.name)
    types = {each.name: each.type for each in home.snapshot.columns_of(here)} if here else {}
    for column in abroad.snapshot.columns_of(there):
        own = types.get(column.name, column.type)
        if column.name in open_ones and "(" in column.type and not _is_wider(own, column.type):
            yield Unsure(
                table=there.name,
                constraint=f"the type of {column.name}",
                definition=column.type,
                columns=(column.name,),
            )


def _is_wider(own: str, other: str) -> bool:
    """Whether the other type takes all values of this one: the same, and no limit is lower."""
    limits = [list(map(int, re.findall(r"\d+", each))) for each in (own, other)]
    if re.sub(r"\d+", "", own) != re.sub(r"\d+", "", other):
        return False
    if (
        own.startswith("numeric") and len(limits[0]) == len(limits[1]) == 2
    ):  # digits before the point, and behind it
        limits = [[digits - scale, scale] for digits, scale in limits]
    return all(one <= two for one, two in zip(*limits, strict=True))


def _all(snapshot: Snapshot, table: Table) -> Iterator[Constraint]:
    """The constraints of a table, NOT NULL among them."""
    own = [each for each in snapshot.constraints_of(table) if each.kind != "n"]
    yield from own
    key = {name for each in own if each.kind == "p" for name in each.columns}
    for column in snapshot.columns_of(table):
        if column.not_null and column.name not in key:
            yield as_check(column)
