"""Proofs by the planner: queries that can match nothing, writes that are always refused.

The planner refutes a predicate with the CHECK constraints of a table under constraint_exclusion = on
(relation_excluded_by_constraints in src/backend/optimizer/util/plancat.c, predicate_refuted_by in predtest.c). The
same prover answers about one constraint alone when conditions and CHECK stand side by side over a row of NULLs of
the right types behind OFFSET 0: nothing is read or written, so it works in a read-only transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import psycopg

from pgproof.catalog.snapshot import Column, Constraint, Snapshot, Table, Trigger, as_check
from pgproof.explain import planner, trigger
from pgproof.explain.facts import Contradiction, Refusal
from pgproof.explain.plan import Node, is_counted, matches_nothing
from pgproof.explain.planner import Prepared
from pgproof.explain.row import empty_row
from pgproof.explain.service import Bench, vacant
from pgproof.finding import Verdict
from pgproof.sql import condition
from pgproof.sql.dialect import Value, Write, writes
from pgproof.sql.name import quote
from pgproof.sql.query import names_in, null_tests

# What the partitions of today do not hold is no contradiction: they come and go.
WITH_CHECKS = {"constraint_exclusion": "on", "enable_partition_pruning": "off"}
_WITHOUT_CHECKS = {"constraint_exclusion": "off", "enable_partition_pruning": "off", "enable_nestloop": "off"}
_ROUNDED = ("numeric", "time", "timetz", "timestamp", "timestamptz", "interval")
_CHECK_VIOLATION, _DATA_EXCEPTION = "23514", "22"


def contradiction(bench: Bench, query: Prepared) -> Contradiction | None:
    """Why `query` can never match a row, or None if the planner cannot show that. Raises psycopg.Error."""
    return refutation(bench, query, planner.explain(bench.conn, query, WITH_CHECKS))


def refutation(bench: Bench, query: Prepared, refuted: Node) -> Contradiction | None:
    """As `contradiction`, of the plan under WITH_CHECKS."""
    if not matches_nothing(refuted) or vacant(bench, query):
        return None
    query = planner.prepare(bench.conn, query.text, query.types)
    counts = is_counted(refuted)
    root = planner.explain(bench.conn, query, _WITHOUT_CHECKS)
    if matches_nothing(root):
        guilty = tuple(_never_null(bench.snapshot, query.text))
        conditions = [f"{quote(column)} IS NULL" for check in guilty for column in check.columns]
        return Contradiction(constraints=guilty, conditions=tuple(conditions), counts=counts)
    found: dict[str, Constraint] = {}
    blamed: dict[str, None] = {}
    for node in root.walk():
        table = bench.snapshot.table(node.schema, node.relation) if node.relation else None
        own = _own_conditions(node) if table else []
        if table is None or not own:
            continue
        if _refuted(bench, table, node.alias, own, "true", query.types):
            return Contradiction(constraints=(), conditions=_shown(own), counts=counts)
        for check in [*_checks(bench.snapshot, table), *_not_null(bench.snapshot, table, own)]:
            rule = check.expression or "true"
            if _refuted(bench, table, node.alias, own, rule, query.types):
                alone = [c for c in own if _refuted(bench, table, node.alias, [c], rule, query.types)]
                blamed |= dict.fromkeys(_shown(alone or own))
                found.setdefault(check.name, check)
    return Contradiction(constraints=tuple(found.values()), conditions=tuple(blamed), counts=counts)


def _shown(conditions: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(condition.bare, conditions)))


def _not_null(snapshot: Snapshot, table: Table, conditions: Sequence[str]) -> list[Constraint]:
    """The NOT NULLs of the columns in the conditions, each as a CHECK would say it."""
    named = frozenset(name for part in conditions for name in condition.columns(part))
    return [as_check(c) for c in snapshot.columns_of(table) if c.not_null and c.name in named]


def _never_null(snapshot: Snapshot, text: str) -> Iterator[Constraint]:
    """The NOT NULLs against which a query asks IS NULL: from 17 on the planner decides that without a plan."""
    words, asked = names_in(text), null_tests(text)
    for table in snapshot.tables if asked else ():
        if table.name in words:
            yield from (as_check(c) for c in snapshot.columns_of(table) if c.not_null and c.name in asked)


def refusals(bench: Bench, text: str) -> tuple[Refusal, ...]:
    """What the constraints of the tables say to the constants that a statement writes. Raises psycopg.Error."""
    found: list[Refusal] = []
    for write in writes(text):
        table = bench.snapshot.table(write.relation.schema, write.relation.name)
        if table is not None and table.kind in "rp":
            found += _refusals(bench, table, write)
    return tuple(found)


def _refusals(bench: Bench, table: Table, write: Write) -> Iterable[Refusal]:
    columns = bench.snapshot.columns_of(table)
    triggers = trigger.of(bench.snapshot, table, "INSERT" if write.inserts else "UPDATE")
    named = _named(write, columns)
    known = _known(write, named, columns, triggers)
    for column in columns:
        if column.not_null and known.get(column.name) == "NULL":
            yield Refusal(
                table=table.name,
                constraint=f"{column.name} NOT NULL",
                sqlstate="23502",
                verdict=Verdict.UNKNOWN if (changing := _changing(triggers, [column.name])) else Verdict.FAILS,
                values=((column.name, "NULL"),),
                definition="NOT NULL",
                triggers=changing,
            )
    for check in _checks(bench.snapshot, table):
        values = tuple((name, known[name]) for name in check.columns if name in known)
        if not any(name in named for name, _ in values):
            continue
        verdict, sqlstate = _verdict(bench, table, columns, known, check)
        changing = _changing(triggers, [name for name, _ in values])
        if verdict is Verdict.FAILS and changing:
            verdict = Verdict.UNKNOWN
        if verdict is not None:
            yield Refusal(
                table=table.name,
                constraint=check.name,
                sqlstate=sqlstate,
                verdict=verdict,
                values=values,
                definition=check.definition,
                expression=check.expression or "",
                triggers=changing,
            )


def _changing(triggers: Sequence[Trigger], columns: Sequence[str]) -> tuple[str, ...]:
    """The names of the triggers that may change one of the columns."""
    return tuple(t.name for t in triggers if any(trigger.may_change(t, column) for column in columns))


def _named(write: Write, columns: Sequence[Column]) -> dict[str, Value]:
    """What the statement itself assigns, by column."""
    if write.columns_named:
        return {value.column: value for value in write.values}
    return {column.name: value for column, value in zip(columns, write.values, strict=False)}


def _known(
    write: Write, named: dict[str, Value], columns: Sequence[Column], triggers: Sequence[Trigger]
) -> dict[str, str]:
    """SQL of the values that are certain after the write: constants, and for INSERT the defaults that are.

    A column that is left out is not certain where a trigger may fill it in, or its domain has a default.
    """
    known = {name: value.constant for name, value in named.items() if value.constant is not None}
    for column in columns:
        value = named.get(column.name)
        left_out = write.inserts and value is None and not _changing(triggers, [column.name])
        by_default = (value is not None and value.is_default) or left_out
        if not by_default or column.identity or column.generated:
            continue
        if column.default is not None and _is_literal(column.default):
            known[column.name] = column.default
        elif column.default is None and not column.domain:
            known[column.name] = "NULL"
    return known


def _is_literal(expression: str) -> bool:
    plain = condition.bare(expression)
    return plain.startswith("'") or plain.lstrip("-").replace(".", "", 1).isdigit() or plain in ("true", "false")


def _verdict(
    bench: Bench, table: Table, columns: Sequence[Column], known: dict[str, str], check: Constraint
) -> tuple[Verdict | None, str]:
    """FAILS if the CHECK refuses every row with the known values, HOLDS if it accepts every one, else None.

    Beside it stands the SQLSTATE of the refusal: an expression may fail by itself (a division by zero).
    """
    is_known = all(name in known for name in check.columns)
    try:
        accepted = _accepts(bench, table, columns, known, check)
    except psycopg.Error as error:
        if bench.conn.closed:
            raise
        sqlstate = error.sqlstate or ""
        return (Verdict.FAILS if is_known and sqlstate.startswith(_DATA_EXCEPTION) else None), sqlstate
    if accepted is None or (accepted and not is_known):
        return None, ""
    if is_known:
        return (Verdict.HOLDS if accepted else Verdict.FAILS), _CHECK_VIOLATION
    equal = [
        f"{quote(name)} = ({value})" if value != "NULL" else f"{quote(name)} IS NULL"
        for name, value in known.items()
        if name in check.columns
    ]
    always = _refuted(bench, table, table.name, equal, check.expression or "true", ())
    return (Verdict.FAILS if always else None), _CHECK_VIOLATION


def _accepts(
    bench: Bench, table: Table, columns: Sequence[Column], known: dict[str, str], check: Constraint
) -> bool | None:
    """Whether the CHECK accepts the row with the known values and NULL elsewhere. Raises psycopg.Error.

    The planner folds it to a constant. It does not where a function may answer otherwise tomorrow (now(), one that
    reads tables): None.
    """
    row = ", ".join(f"({known.get(c.name, 'NULL')})::{_type(c)} AS {quote(c.name)}" for c in columns)
    question = f"SELECT ({check.expression or 'true'}) IS NOT FALSE FROM (SELECT {row}) AS {quote(table.name)}"
    (answer,) = planner.explain_text(bench.conn, question).output
    return {"true": True, "false": False}.get(answer)


def _type(column: Column) -> str:
    """The type that a written value has in the column: numbers and times are rounded, strings are not cut."""
    rounds = column.base_type.replace('"', "").removeprefix("pg_catalog.") in _ROUNDED
    return column.type if rounds and not column.domain else column.base_type


def _checks(snapshot: Snapshot, table: Table) -> list[Constraint]:
    """The CHECK constraints that the planner may rely on: enforced and validated."""
    return [c for c in snapshot.constraints_of(table) if c.kind == "c" and c.enforced and c.validated]


def _own_conditions(node: Node) -> list[str]:
    """The conditions on a scanned table alone, as SQL."""
    texts = (node.index_condition, node.recheck_condition, node.filter)
    parts = dict.fromkeys(part for text in texts for part in condition.conjuncts(text))
    return [p for p in parts if condition.is_sql(p) and condition.qualifiers(p) <= {node.alias, ""}]


def _refuted(
    bench: Bench, table: Table, alias: str, conditions: Sequence[str], check: str, types: Sequence[str]
) -> bool:
    """Whether the planner proves that no row meets both the conditions and the condition of a CHECK.

    A question that the server refuses (an expression that fails when it is folded) is no proof.
    """
    where = " AND ".join(f"({part})" for part in [*conditions, check])
    text = f"SELECT 1 FROM {empty_row(bench.snapshot, table, alias)} WHERE {where}"
    try:
        return matches_nothing(planner.explain(bench.conn, Prepared(text, tuple(types)), WITH_CHECKS))
    except psycopg.Error:
        if bench.conn.closed:
            raise
        return False
