"""A schema as data: tables, columns, constraints and indexes by qualified name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgproof.sql.declared import Key, grouped
from pgproof.sql.name import qualified, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table or partitioned table, view or foreign table; `visible` by the session's search path.

    A `vacant` one is partitioned and has no partition that could hold a row.
    """

    schema: str
    name: str
    kind: str
    visible: bool
    vacant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `type` as format_type gives it, `base_type` below modifier and domain, `default` as SQL."""

    schema: str
    table: str
    name: str
    position: int
    type: str
    base_type: str
    not_null: bool
    default: str | None
    identity: bool
    generated: bool
    domain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A constraint of a table. `kind` is pg_constraint.contype; actions are words ("CASCADE").

    `expression` is a CHECK's condition, `definition` what pg_get_constraintdef says. `enforced` is False only
    for NOT ENFORCED constraints (18 and later). `off` are states of its triggers in which they do not fire
    (pg_trigger.tgenabled: "D" disabled, "R" only on a replica).
    """

    schema: str
    table: str
    name: str
    kind: str
    columns: tuple[str, ...]
    expression: str | None
    definition: str
    references_schema: str | None
    references_table: str | None
    referenced: tuple[str, ...]
    on_delete: str
    on_update: str
    validated: bool
    enforced: bool
    off: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index. `constraint` is the constraint that it enforces, `parent` the partitioned index it is part of."""

    schema: str
    name: str
    table: str
    method: str
    unique: bool
    valid: bool
    keys: tuple[Key, ...]
    include: tuple[str, ...]
    predicate: str | None
    constraint: str | None
    parent: str | None
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A row trigger that fires before INSERT or UPDATE (`events`): it may change or drop the row.

    `source` is the body of its function in PL/pgSQL, None in another language.
    """

    schema: str
    table: str
    name: str
    events: tuple[str, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the catalog of one database says about the schemas of its user.

    `names` are all other names that text may speak of: functions, types, sequences, roles, settings,
    key words, and those of the system itself.
    """

    tables: tuple[Table, ...] = ()
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    names: frozenset[str] = frozenset()
    _tables: Mapping[str, list[Table]] = field(init=False, repr=False, compare=False)
    _columns: Mapping[tuple[str, str], list[Column]] = field(init=False, repr=False, compare=False)
    _constraints: Mapping[tuple[str, str], list[Constraint]] = field(init=False, repr=False, compare=False)
    _indexes: Mapping[tuple[str, str], list[Index]] = field(init=False, repr=False, compare=False)
    _by_name: Mapping[str, list[Index]] = field(init=False, repr=False, compare=False)
    _parts: Mapping[tuple[str, str | None], list[Index]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tables", grouped(self.tables, lambda table: table.name))
        object.__setattr__(self, "_columns", grouped(self.columns, lambda c: (c.schema, c.table)))
        object.__setattr__(self, "_constraints", grouped(self.constraints, lambda c: (c.schema, c.table)))
        object.__setattr__(self, "_indexes", grouped(self.indexes, lambda i: (i.schema, i.table)))
        object.__setattr__(self, "_by_name", grouped(self.indexes, lambda index: index.name))
        object.__setattr__(self, "_parts", grouped(self.indexes, lambda i: (i.schema, i.parent)))

    def table(self, schema: str, name: str) -> Table | None:
        """The table that a file names: by schema, else by search path, else the only one of that name."""
        same = [table for table in self._tables.get(name, ()) if schema in ("", table.schema)]
        visible = [table for table in same if table.visible]
        return visible[0] if visible else same[0] if len(same) == 1 else None

    def written(self, schema: str, name: str) -> str:
        """How SQL must write the table's name: quoted where need be, with its schema unless it is visible."""
        seen = any(table.schema == schema and table.visible for table in self._tables.get(name, ()))
        return quote(name) if seen else qualified(schema, name)

    def columns_of(self, table: Table) -> tuple[Column, ...]:
        """The table's columns in order."""
        return self.columns_on(table.schema, table.name)

    def columns_on(self, schema: str, table: str) -> tuple[Column, ...]:
        """The columns of a table, given by its name, in order."""
        return tuple(self._columns.get((schema, table), ()))

    def constraints_of(self, table: Table) -> tuple[Constraint, ...]:
        """The table's constraints by name."""
        return self.constraints_on(table.schema, table.name)

    def constraints_on(self, schema: str, table: str) -> tuple[Constraint, ...]:
        """The constraints of a table, given by its name, by name."""
        return tuple(self._constraints.get((schema, table), ()))

    def indexes_of(self, table: Table) -> tuple[Index, ...]:
        """The table's indexes by name."""
        return self.indexes_on(table.schema, table.name)

    def indexes_on(self, schema: str, table: str) -> tuple[Index, ...]:
        """The indexes of a table, given by its name, by name."""
        return tuple(self._indexes.get((schema, table), ()))

    def parts_of(self, index: Index) -> tuple[Index, ...]:
        """The indexes of partitions that are parts of a partitioned one."""
        return tuple(self._parts.get((index.schema, index.name), ()))

    def indexes_called(self, name: str) -> tuple[Index, ...]:
        """The indexes of that name in all schemas."""
        return tuple(self._by_name.get(name, ()))

    def index(self, name: str) -> Index | None:
        """The index called `name` (also as `schema.name`), or None. Of several, the first by schema."""
        dots = (at for at, letter in enumerate(name) if letter == ".")  # a name itself may have some
        for schema, bare in (("", name), *((name[:at], name[at + 1 :]) for at in dots)):
            for found in self._by_name.get(bare, ()):
                if schema in ("", found.schema):
                    return found
        return None


def as_check(column: Column) -> Constraint:
    """The NOT NULL of a column as a constraint, of kind "n", with the condition that a CHECK would have."""
    return Constraint(
        schema=column.schema,
        table=column.table,
        name=f"{column.name} NOT NULL",
        kind="n",
        columns=(column.name,),
        expression=f"{quote(column.name)} IS NOT NULL",
        definition="NOT NULL",
        references_schema=None,
        references_table=None,
        referenced=(),
        on_delete="NO ACTION",
        on_update="NO ACTION",
        validated=True,
        enforced=True,
    )
