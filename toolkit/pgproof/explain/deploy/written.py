"""What constraints of another schema say to the rows that a statement writes, and that its own accepts."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint, Snapshot, Table, as_check
from pgproof.explain import trigger
from pgproof.explain.facts import QueryFacts, Refusal, Unsure
from pgproof.explain.service import Bench
from pgproof.finding import Verdict
from pgproof.sql.dialect import Write, writes


def refused(own: QueryFacts, other: QueryFacts) -> tuple[Refusal, ...]:
    """The constraints that refuse abroad what the statement writes, or may; () of one that home refuses, too."""
    if any(each.verdict is Verdict.FAILS for each in own.refusals):
        return ()
    known = {(each.table, each.constraint) for each in own.refusals if each.verdict is Verdict.UNKNOWN}
    found = {(each.table, each.constraint): each for each in other.refusals if each.verdict is not Verdict.HOLDS}
    return tuple(each for key, each in found.items() if key not in known)


def unsure(home: Bench, abroad: Bench, text: str) -> tuple[Unsure, ...]:
    """The constraints that are only abroad, on columns whose values the text of the statement does not say."""
    found: dict[tuple[str, str], Unsure] = {}
    for write in writes(text):
        here, there = (_table(bench.snapshot, write) for bench in (home, abroad))
        for check, columns in _new(home, abroad, here, there, write) if here and there else ():
            found[there.name if there else "", check.name] = Unsure(
                table=check.table, constraint=check.name, definition=check.definition, columns=columns
            )
    return tuple(found.values())


def _table(snapshot: Snapshot, write: Write) -> Table | None:
    table = snapshot.table(write.relation.schema, write.relation.name)
    return table if table is not None and table.kind in "rp" else None


def _new(
    home: Bench, abroad: Bench, here: Table, there: Table, write: Write
) -> Iterator[tuple[Constraint, tuple[str, ...]]]:
    """The constraints that only `there` has, each with the columns of it whose values are not known."""
    names = [column.name for column in abroad.snapshot.columns_of(there)]
    written = [v.column for v in write.values] if write.columns_named else names
    values = dict(zip(written, write.values, strict=False))
    open_ones = {name for name, value in values.items() if value.constant is None and not value.is_default}
    event = "INSERT" if write.inserts else "UPDATE"
    known = {(each.kind, each.definition, each.columns) for each in _all(home.snapshot, here)}
    for each in _all(abroad.snapshot, there):
        columns = tuple(name for name in each.columns if name in open_ones)
        triggers = trigger.of(abroad.snapshot, there, event)
        is_filled = any(trigger.may_change(t, name) for t in triggers for name in columns)
        if columns and each.enforced and not is_filled and (each.kind, each.definition, each.columns) not in known:
            yield each, columns


def _all(snapshot: Snapshot, table: Table) -> Iterator[Constraint]:
    """The constraints of a table, NOT NULL among them."""
    own = [each for each in snapshot.constraints_of(table) if each.kind != "n"]
    yield from own
    key = {name for each in own if each.kind == "p" for name in each.columns}
    for column in snapshot.columns_of(table):
        if column.not_null and column.name not in key:
            yield as_check(column)
