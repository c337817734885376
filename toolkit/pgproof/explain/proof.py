"""Proofs by the planner and the executor: queries that can match nothing, writes that are always refused.

The planner refutes a predicate with the CHECK constraints of a table under constraint_exclusion = on
(relation_excluded_by_constraints in src/backend/optimizer/util/plancat.c, predicate_refuted_by in predtest.c). The
same prover answers about one constraint alone when conditions and CHECK stand side by side over a row of NULLs of
the right types behind OFFSET 0: nothing is read or written, so it works in a read-only transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import sql

from pgproof.catalog.snapshot import Column, Constraint, Snapshot, Table
from pgproof.explain import planner
from pgproof.explain.facts import Contradiction, Refusal
from pgproof.explain.plan import Node, matches_nothing
from pgproof.explain.planner import Prepared
from pgproof.explain.row import empty_row
from pgproof.explain.service import Bench
from pgproof.finding import Verdict
from pgproof.sql import condition
from pgproof.sql.dialect import Value, Write, writes
from pgproof.sql.name import quote

_WITH_CHECKS = {"constraint_exclusion": "on"}
_WITHOUT_CHECKS = {"constraint_exclusion": "off", "enable_nestloop": "off"}


def contradiction(bench: Bench, query: Prepared) -> Contradiction | None:
    """Why `query` can never match a row, or None if the planner cannot show that. Raises psycopg.Error."""
    if not matches_nothing(planner.explain(bench.conn, query, _WITH_CHECKS)):
        return None
    root = planner.explain(bench.conn, query, _WITHOUT_CHECKS)
    if matches_nothing(root):
        return Contradiction(constraints=(), conditions=())
    guilty: list[Constraint] = []
    conditions: list[str] = []
    for node in root.walk():
        table = bench.snapshot.table(node.schema, node.relation) if node.relation else None
        if table is None:
            continue
        own = _own_conditions(node)
        if own and _refuted(bench, table, node.alias, own, "true", query.types):
            return Contradiction(constraints=(), conditions=tuple(map(condition.bare, own)))
        for check in _checks(bench.snapshot, table):
            rule = check.expression or "true"
            if own and _refuted(bench, table, node.alias, own, rule, query.types):
                alone = [c for c in own if _refuted(bench, table, node.alias, [c], rule, query.types)]
                conditions += [c for c in alone or own if c not in conditions]
                guilty.append(check)
    return Contradiction(constraints=tuple(guilty), conditions=tuple(map(condition.bare, conditions)))


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
    triggers = tuple(
        t.name
        for t in bench.snapshot.triggers
        if (t.schema, t.table) == (table.schema, table.name)
        and ("INSERT" if write.inserts else "UPDATE") in t.events
    )
    named = _named(write, columns)
    known = _known(write, named, columns)
    for column in columns:
        if column.not_null and known.get(column.name) == "NULL":
            yield Refusal(
                table=table.name,
                constraint=f"{column.name} NOT NULL",
                sqlstate="23502",
                verdict=Verdict.FAILS,
                values=((column.name, "NULL"),),
                definition="NOT NULL",
                triggers=triggers,
            )
    for check in _checks(bench.snapshot, table):
        values = tuple((name, known[name]) for name in check.columns if name in known)
        if not any(name in named for name, _ in values):
            continue
        verdict = _verdict(bench, table, columns, known, check)
        if verdict is not None:
            yield Refusal(
                table=table.name,
                constraint=check.name,
                sqlstate="23514",
                verdict=verdict,
                values=values,
                definition=check.definition,
                expression=check.expression or "",
                triggers=triggers,
            )


def _named(write: Write, columns: Sequence[Column]) -> dict[str, Value]:
    """What the statement itself assigns, by column."""
    if write.columns_named:
        return {value.column: value for value in write.values}
    return {column.name: value for column, value in zip(columns, write.values, strict=False)}


def _known(write: Write, named: dict[str, Value], columns: Sequence[Column]) -> dict[str, str]:
    """SQL of the values that are certain after the write: constants, and for INSERT the defaults that are."""
    known = {name: value.constant for name, value in named.items() if value.constant is not None}
    for column in columns:
        value = named.get(column.name)
        by_default = value.is_default if value else write.inserts
        if by_default and not column.identity and not column.generated:
            default = column.default
            if default is None:
                known[column.name] = "NULL"
            elif _is_literal(default):
                known[column.name] = default
    return known


def _is_literal(expression: str) -> bool:
    plain = condition.bare(expression)
    return plain.startswith("'") or plain.lstrip("-").replace(".", "", 1).isdigit() or plain in ("true", "false")


def _verdict(
    bench: Bench, table: Table, columns: Sequence[Column], known: dict[str, str], check: Constraint
) -> Verdict | None:
    """FAILS if the CHECK refuses every row with the known values, HOLDS if it accepts every one, else None."""
    row = sql.SQL(", ").join(
        sql.SQL("({})::{} AS {}").format(
            _raw(known.get(column.name, "NULL")), _raw(column.base_type), sql.Identifier(column.name)
        )
        for column in columns
    )
    with planner.savepoint(bench.conn):
        answer = bench.conn.execute(
            sql.SQL("SELECT ({}) IS NOT FALSE FROM (SELECT {}) AS {}").format(
                _raw(check.expression or "true"), row, sql.Identifier(table.name)
            )
        ).fetchone()
    accepted = answer is not None and answer[0] is True
    if all(name in known for name in check.columns):
        return Verdict.HOLDS if accepted else Verdict.FAILS
    if accepted:
        return None
    equal = [
        f"{quote(name)} = ({value})" if value != "NULL" else f"{quote(name)} IS NULL"
        for name, value in known.items()
        if name in check.columns
    ]
    always = _refuted(bench, table, table.name, equal, check.expression or "true", ())
    return Verdict.FAILS if always else None


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
    """Whether the planner proves that no row meets both the conditions and the condition of a CHECK."""
    where = " AND ".join(f"({part})" for part in [*conditions, check])
    text = f"SELECT 1 FROM {empty_row(bench.snapshot, table, alias)} WHERE {where}"
    return matches_nothing(planner.explain(bench.conn, Prepared(text, tuple(types)), _WITH_CHECKS))


def _raw(text: str) -> sql.SQL:
    """SQL that the server itself wrote, or that stands as a constant in the statement."""
    return sql.SQL(text.replace("{", "{{").replace("}", "}}"))
