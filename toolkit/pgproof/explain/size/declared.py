"""The figures of a profile, found in the schema: which table and column each is about, and which cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pgproof.catalog.snapshot import Column, Constraint, Snapshot, Table
from pgproof.contract.profile import Figure, Profile, Share
from pgproof.contract.promise import Word
from pgproof.errors import InputError, Problem, raise_all
from pgproof.explain.size.column import Said
from pgproof.explain.size.exported import Exported
from pgproof.sql.dialect import allowed_values
from pgproof.sql.name import nearest

Name = tuple[str, str]
_SLACK = 1.001
_TIMES = ("pg_catalog.timestamptz", "pg_catalog.timestamp", "pg_catalog.date")


@dataclass(slots=True)
class Declared:
    """What is said of tables and columns of this schema, and where it is written."""

    rows: dict[Name, tuple[float, ...]] = field(default_factory=dict)
    columns: dict[tuple[Name, str], Said] = field(default_factory=dict)
    places: dict[tuple[str, Name, str], Word] = field(default_factory=dict)


def read(profile: Profile, snapshot: Snapshot, exported: Exported | None = None) -> Declared:
    """Find what each figure is about; what it says goes before what was exported.

    Raises InputError with all that are about nothing, or about something else.
    """
    found = Declared()
    if exported is not None:
        found.rows |= exported.at(profile.sizes)
        found.columns |= exported.said(profile.sizes)
    problems: list[Problem] = []
    for figure in profile.rows:
        table = _table(snapshot, figure.of, figure.of.text, problems)
        if table is not None:
            found.rows[table.schema, table.name] = figure.values
            found.places["rows", (table.schema, table.name), ""] = figure.of
    for section, figures in profile.figures.items():
        for figure in figures if section != "rows" else ():
            column = _column(snapshot, figure.of, problems)
            if column is not None:
                said = _said(found, column)
                setattr(said, section, figure.values)
                if section in ("hot", "fan_out"):
                    said.frequencies = said.common = ()
                if section == "span":
                    said.bounds = ()
                found.places[section, (column.schema, column.table), column.name] = figure.of
                problems += _unfit(snapshot, section, figure, column)
    for share in profile.shares:
        column = _column(snapshot, share.of, problems)
        if column is not None:
            problems += _unlisted(snapshot, share, column)
            said = _said(found, column)
            if ("shares", (column.schema, column.table), column.name) not in found.places:
                found.places["shares", (column.schema, column.table), column.name] = share.of
                said.shares = {}
            said.shares[share.value.text] = share.share
    raise_all(InputError, list(dict.fromkeys(problems)))
    return found


def check(
    said: Declared, snapshot: Snapshot, rows: Mapping[Name, tuple[float, ...]], foreign_keys: Sequence[Constraint]
) -> None:
    """Compare the figures with each other. Raises InputError with all that cannot be together."""
    raise_all(InputError, [*_too_many_children(said, rows, foreign_keys), *_too_hot(said, snapshot, rows)])


def _said(found: Declared, column: Column) -> Said:
    return found.columns.setdefault(((column.schema, column.table), column.name), Said())


def _table(snapshot: Snapshot, word: Word, written: str, problems: list[Problem]) -> Table | None:
    schema, _, name = written.rpartition(".")
    table = snapshot.table(schema, name)
    if table is None:
        names = [each.name if not schema else f"{each.schema}.{each.name}" for each in snapshot.tables]
        meant = nearest(written, names)
        problems.append(
            Problem(
                message=f'there is no table "{written}"',
                place=word.place,
                hint=f"did you mean {meant}?" if meant else "name a table that the migrations create",
            )
        )
    return table


def _column(snapshot: Snapshot, word: Word, problems: list[Problem]) -> Column | None:
    written, _, name = word.text.rpartition(".")
    table = _table(snapshot, word, written, problems)
    if table is None:
        return None
    columns = snapshot.columns_of(table)
    found = next((each for each in columns if each.name == name), None)
    if found is None:
        meant = nearest(name, [each.name for each in columns])
        problems.append(
            Problem(
                message=f'table {written} has no column "{name}"',
                place=word.place,
                hint=f"did you mean {written}.{meant}?" if meant else "name one of its columns",
            )
        )
    return found


def _unfit(snapshot: Snapshot, section: str, figure: Figure, column: Column) -> Iterator[Problem]:
    """What is said of a column that it cannot have."""
    most, name = max(figure.values), f"{column.table}.{column.name}"
    if section == "nulls" and column.not_null and most > 0:
        yield _problem(
            figure.of, f"{name} is NOT NULL, and {most:g} of its rows are said to be NULL", "take it out"
        )
    if section == "fan_out" and most > 1 and _is_unique(snapshot, column):
        yield _problem(
            figure.of, f"{name} is unique, and each value is said to be in {most:g} rows", "take it out"
        )
    if section == "span" and column.base_type not in _TIMES:
        hint = "a span is for dates and times"
        yield _problem(figure.of, f"{name} is of type {column.type}, which has no span of time", hint)


def _unlisted(snapshot: Snapshot, share: Share, column: Column) -> Iterator[Problem]:
    """A share of a value that the column cannot have, where the schema has a list of those it can."""
    listed = _list(snapshot, column)
    if listed and share.value.text not in listed:
        meant = nearest(share.value.text, listed)
        hint = f'did you mean "{meant}"?' if meant else f"it may be {', '.join(listed)}"
        message = f'{column.table}.{column.name} is never "{share.value.text}"'
        yield _problem(share.value, message, hint)


def _list(snapshot: Snapshot, column: Column) -> tuple[str, ...]:
    table = Table(schema=column.schema, name=column.table, kind="", visible=False)
    own = [each for each in snapshot.constraints_of(table) if each.columns == (column.name,)]
    return ("t", "f") if column.base_type == "pg_catalog.bool" else listed(own, column.name)


def listed(constraints: Sequence[Constraint], name: str) -> tuple[str, ...]:
    """The values that a CHECK with a list allows the column, as text; () where there is none."""
    for each in constraints:
        values = allowed_values(each.expression or "", name) if each.kind == "c" and each.enforced else ()
        if values:
            return tuple(v[1:-1].replace("''", "'") if v.startswith("'") else v for v in values)
    return ()


def _too_many_children(
    said: Declared, rows: Mapping[Name, tuple[float, ...]], foreign_keys: Sequence[Constraint]
) -> Iterator[Problem]:
    for each in foreign_keys:
        child, parent = (each.schema, each.table), (each.references_schema or "", each.references_table or "")
        is_written = ("fan_out", child, each.columns[0]) in said.places
        fan_out = said.columns.get((child, each.columns[0]), Said()).fan_out if is_written else ()
        for k in range(len(fan_out)):
            if parent in rows and rows[child][k] > rows[parent][k] * fan_out[k] * _SLACK:
                yield _problem(
                    said.places["fan_out", child, each.columns[0]],
                    f"{rows[child][k]:g} rows of {each.table} are more than {rows[parent][k]:g} of "
                    f"{each.references_table} with {fan_out[k]:g} each",
                    "make the fan-out or the rows of one of the two fit the other",
                )
                break


def _too_hot(said: Declared, snapshot: Snapshot, rows: Mapping[Name, tuple[float, ...]]) -> Iterator[Problem]:
    for (table, name), spoken in said.columns.items():
        for k in range(len(spoken.hot) if ("hot", table, name) in said.places else 0):
            nulls = spoken.nulls[k] if spoken.nulls else 0.0
            column = _of(snapshot, table, name)
            word = said.places["hot", table, name]
            if spoken.hot[k] + nulls > 1:
                yield _problem(word, f"{table[1]}.{name} is NULL or the hottest value in more than all rows", "")
                break
            if column is not None and _is_unique(snapshot, column) and spoken.hot[k] * rows[table][k] > 1:
                yield _problem(word, f"{table[1]}.{name} is unique, and no value of it is hot", "take it out")
                break


def _of(snapshot: Snapshot, table: Name, name: str) -> Column | None:
    found = snapshot.columns_of(Table(schema=table[0], name=table[1], kind="", visible=False))
    return next((each for each in found if each.name == name), None)


def _is_unique(snapshot: Snapshot, column: Column) -> bool:
    table = Table(schema=column.schema, name=column.table, kind="", visible=False)
    return any(
        index.unique and index.predicate is None and [key.expression for key in index.keys] == [column.name]
        for index in snapshot.indexes_of(table)
    )


def _problem(word: Word, message: str, hint: str) -> Problem:
    return Problem(message=message, place=word.place, hint=hint)
