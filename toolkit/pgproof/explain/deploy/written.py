"""What constraints of another schema say to the rows that a statement writes, and that its own accepts."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint, Snapshot, Table, as_check
from pgproof.contract.promise import Query
from pgproof.explain import trigger
from pgproof.explain.deploy.narrowed import narrower
from pgproof.explain.facts import QueryFacts, Refusal, Unsure
from pgproof.explain.service import Bench
from pgproof.finding import Verdict
from pgproof.sql.dialect import writes
from pgproof.sql.modification import modification, passed, targets

_REFUSING = ("NO ACTION", "RESTRICT")


def refused(own: QueryFacts, other: QueryFacts) -> tuple[Refusal, ...]:
    """The constraints that refuse abroad what the statement writes, or may; () of one that home refuses, too."""
    if any(each.verdict is Verdict.FAILS for each in own.refusals):
        return ()
    known = {(each.table, each.constraint) for each in own.refusals if each.verdict is Verdict.UNKNOWN}
    found = {(each.table, each.constraint): each for each in other.refusals if each.verdict is not Verdict.HOLDS}
    return tuple(each for key, each in found.items() if key not in known)


def unsure(home: Bench, abroad: Bench, query: Query) -> tuple[Unsure, ...]:
    """What is only abroad, on columns whose values the text of the statement does not say: constraints, and types.

    The type of a column is no matter where the values are of one that it takes: a cast says so, or `-- params`.
    Of a MERGE, an INSERT of a query and ON CONFLICT, no value is looked at.
    """
    text, said = query.text, _said(query)
    found: dict[tuple[str, str], Unsure] = {}
    for event, schema, name, columns in _written(abroad, text):
        here, there = home.snapshot.table(schema, name), abroad.snapshot.table(schema, name)
        if here is None or there is None or not {here.kind, there.kind} <= set("rp"):
            continue
        for each in (
            *_new(home, abroad, here, there, event, columns),
            *narrower(home, abroad, here, there, columns, said),
        ):
            found.setdefault((each.table, each.constraint), each)
    for each in _leaving(home, abroad, text):
        found.setdefault((each.table, each.constraint), each)
    return tuple(found.values())


def _said(query: Query) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The types that are said of all values for a column: those of casts, and of `-- params`."""
    types = {each.number: each.type for each in query.parameters if each.type}
    return {
        name: tuple((*each.types, *([types[each.number]] if each.number in types else [])) for each in values)
        for name, values in passed(query.text).items()
    }


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


def _leaving(home: Bench, abroad: Bench, text: str) -> Iterator[Unsure]:
    """Foreign keys that are only abroad, and that let no row go, or its key change, that others refer to."""
    says = modification(text)
    there = abroad.snapshot.table(says.schema, says.table) if says and says.kind != "INSERT" else None
    if says is None or there is None:
        return
    changed = None if says.kind == "DELETE" else {name for name, _ in says.assigned}
    known = {(c.schema, c.table, c.definition) for c in home.snapshot.constraints if c.kind == "f"}
    for each in abroad.snapshot.constraints:
        action = each.on_delete if changed is None else each.on_update
        is_of_it = (each.references_schema, each.references_table) == (there.schema, there.name)
        is_touched = changed is None or bool(changed & set(each.referenced))
        if each.kind != "f" or not is_of_it or not is_touched or action not in _REFUSING or not each.enforced:
            continue
        if (each.schema, each.table, each.definition) not in known:
            yield Unsure(table=each.table, constraint=each.name, definition=each.definition, columns=())


def _all(snapshot: Snapshot, table: Table) -> Iterator[Constraint]:
    """The constraints of a table, NOT NULL among them."""
    own = [each for each in snapshot.constraints_of(table) if each.kind != "n"]
    yield from own
    key = {name for each in own if each.kind == "p" for name in each.columns}
    for column in snapshot.columns_of(table):
        if column.not_null and column.name not in key:
            yield as_check(column)
