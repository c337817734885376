"""A NOT NULL or CHECK of a foreign table refuses nothing: what it says has to be so where the rows are stored.

PostgreSQL checks neither what is written to a foreign table nor what is read from it (CREATE FOREIGN TABLE,
Notes); the other server may, or nobody. A partition or a child that is a foreign table does not refuse what its
parent's constraints would. The planner takes them for true all the same, and leaves out what they contradict.

Bad:
    CREATE FOREIGN DATA WRAPPER elsewhere;
    CREATE SERVER warehouse FOREIGN DATA WRAPPER elsewhere;
    CREATE FOREIGN TABLE stock (amount integer CONSTRAINT stock_amount_chk CHECK (amount >= 0)) SERVER warehouse;

Good:
    CREATE FOREIGN DATA WRAPPER elsewhere;
    CREATE SERVER warehouse FOREIGN DATA WRAPPER elsewhere;
    CREATE FOREIGN TABLE stock (amount integer) SERVER warehouse;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Table
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import told
from pgproof.rules.rule import Evidence, Rule
from pgproof.synth.probe.fact import Guard

_FOREIGN = "f"
_WHY = (
    "PostgreSQL checks neither what is written to a foreign table nor what is read from it: that is up to where "
    "the rows are stored. The planner takes the constraint for true all the same."
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a NOT NULL and a CHECK of each foreign table that the files create, or import."""
    for table in evidence.snapshot.tables:
        if table.kind != _FOREIGN:
            continue
        for guard in _guards(evidence, table):
            place = told.place(evidence, guard) or _imported(evidence, table)
            if place is not None:
                yield RULE.fails(
                    told.thing(guard),
                    f"{told.called(guard)}{_on(guard)} refuses no row: {table.name} is a foreign table",
                    place,
                    detail=_WHY,
                    hint="see that the rows obey it where they are stored, and accept this with that reason",
                )


def _on(guard: Guard) -> str:
    """The table, where what the constraint is called does not tell it."""
    return "" if guard.kind == "n" else f" on {guard.root}"


def _guards(evidence: Evidence, table: Table) -> Iterator[Guard]:
    """What the table's definition has; of a CHECK that is NOT ENFORCED another rule speaks (CON103)."""
    for column in evidence.snapshot.columns_of(table):
        if column.not_null:
            yield _guard(table, column.name, "n", (column.name,))
    for each in evidence.snapshot.constraints_of(table):
        if each.kind == "c" and each.enforced:
            yield _guard(table, each.name, "c", each.columns)


def _guard(table: Table, name: str, kind: str, columns: tuple[str, ...]) -> Guard:
    return Guard(
        table=0,
        schema=table.schema,
        table_name=table.name,
        root_schema=table.schema,
        root=table.name,
        name=name,
        root_name=name,
        kind=kind,
        columns=columns,
    )


def _imported(evidence: Evidence, table: Table) -> Place | None:
    """Where a file imports it: by a statement that names its schema."""
    found = [each.statement for each in evidence.declared.opaque if each.is_import]
    return next((each.place for each in reversed(found) if table.schema in each.text), None)


RULE = Rule("CON207", "foreign-table-unchecked", judge)
