"""Reads all that describes a schema, as `accounting.toml` has it: three round trips, whatever there is to read.

The first asks which columns the catalogs of this server have, the second reads them all in one message, the third
asks for the names of objects that are spoken of and are not the user's own (pg_identify_object, section 9.27 of
PostgreSQL's manual).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import psycopg

from pgproof.catalog import parts
from pgproof.catalog.accounting import Column, Form
from pgproof.catalog.ask import catalogs, sql
from pgproof.catalog.batch import Batch, Others, Row, numbers
from pgproof.catalog.elsewhere import complete
from pgproof.catalog.fact import ALTERED, GIVEN, MISSING, OWNED, UNREAD, Fact, Facts, Key, Name, Value
from pgproof.catalog.query import FIXED, query
from pgproof.catalog.strangers import Strange, of_others, privileges, strange_of, strange_queries
from pgproof.sql.name import apart, quote

_SECRET = re.compile(r"([^=]*(?:password|passfile|secret|token|key)[^=]*)=.*\Z", re.IGNORECASE | re.DOTALL)


def extract(
    conn: psycopg.Connection[Any],
    *,
    options: frozenset[str] = frozenset(),
    parts: Collection[int] | None = None,
    strange: Callable[[], Strange | None] = lambda: None,
) -> Facts:
    """The facts of the database that `conn` is connected to, in the transaction that the caller holds.

    For one consistent state that is a REPEATABLE READ one; its settings are changed until its end. `options` are
    those of the accounting ("roles", "positions"), and "definitions" and "dependencies" (see `catalog.fact`).
    With `parts`, only those that are in one of them, or in none (`catalog.parts`): it takes up to four round trips
    more. What `strange` gives was read already, by another session. Raises psycopg.Error.
    """
    return _Reading(conn, options, parts, strange).facts()


def in_parts(conn: psycopg.Connection[Any], options: frozenset[str]) -> tuple[Facts, dict[Key, int]]:
    """The same of all, and the part that each fact is in; what is in none is left out. One round trip more."""
    reading = _Reading(conn, options)
    facts = reading.facts()
    return facts, reading.labels(parts.labels(conn))


class _Reading:
    """One reading of a catalog. What an OID is called is found out once, when it is first met."""

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        options: frozenset[str],
        only: Collection[int] | None = None,
        strange: Callable[[], Strange | None] = lambda: None,
    ) -> None:
        self._conn = conn
        self._read_already = strange
        self._options = options
        self._only = only
        self._unread: list[str] = []
        self._columns: dict[tuple[int, int], str] = {}
        self._paths: dict[tuple[str, int], Name] = {}
        self._keys: dict[tuple[str, int], Key] = {}
        self._texts: dict[tuple[str, int], str | None] = {}
        self._others: dict[tuple[int, int], tuple[str, str]] = {}
        self._strange: list[Fact] = []
        self._later: list[str] = []
        self._catalogs = catalogs(conn, options)
        self._batches = self._catalogs.batches
        self._unmodelled = self._catalogs.unmodelled
        self._oids = self._catalogs.oids
        self._named = {oid: name for name, oid in self._oids.items()}
        self._read()

    def facts(self) -> Facts:
        """All of them."""
        self._name_others()
        needs = self._needs() if "dependencies" in self._options else {}
        facts: dict[Key, Fact] = {}
        for batch in self._batches.values():
            for fact in self._facts(batch):
                if fact.key in facts:
                    self._unmodelled.append(f"two rows of {fact.catalog} are called {'.'.join(fact.name)}")
                facts[fact.key] = fact
        for fact in self._strange:
            facts.setdefault(fact.key, fact)
        return Facts(
            major=self._conn.info.server_version // 10_000,
            words={
                **{name: batch.words() for name, batch in self._batches.items()},
                GIVEN: ("privileges",),
                OWNED: ("owner",),
                MISSING: (),
                ALTERED: ("state",),
            },
            facts=facts,
            unmodelled=tuple(self._unmodelled),
            unread=tuple(dict.fromkeys(self._unread)),
            needs=needs,
            round_trips=3 + bool(needs) + bool(self._later),
        )

    def labels(self, parts_of: Mapping[int, int]) -> dict[Key, int]:
        """The part that each fact is in, by that of each relation."""
        found: dict[Key, int] = {}
        for batch in self._batches.values():
            if (relation := parts.reader(batch, self._oids)) is None:
                continue
            identities = [(place, each) for place, each in enumerate(batch.columns, FIXED) if not each.word]
            for row in batch.rows:
                if (part := parts_of.get(relation(row))) is not None:
                    found[batch.relation.name, self._identity(batch, identities, row)] = part
        return found

    def _needs(self) -> dict[Key, frozenset[Key]]:
        """What each object depends on, as pg_depend has it; row types and arrays stand for what they are of."""
        made_of = {oid: (relation, element) for oid, relation, element in self._conn.execute(sql("made_types"))}

        def key(catalog: int, oid: int, column: int) -> Key | None:
            name = self._named[catalog]
            while name == "pg_type" and oid not in self._own(name) and oid in made_of:
                relation, element = made_of[oid]
                name, oid = ("pg_class", relation) if relation else (name, element)
            found = self._key(name, oid)
            if found and column > 0 and name == "pg_class":
                return "pg_attribute", (*found[1], self._column(oid, column))
            return found

        needs: dict[Key, set[Key]] = {}
        for catalog, oid, column, of, number, part in self._conn.execute(sql("dependencies")):
            one, other = key(catalog, oid, column), key(of, number, part)
            if one and other and one != other:
                needs.setdefault(one, set()).add(other)
        return {each: frozenset(found) for each, found in needs.items()}

    def _read(self) -> None:
        defines = "definitions" in self._options
        wanted = None if self._only is None else parts.wanted(self._conn, self._only)
        queries = [
            query(
                each.relation,
                each.columns,
                each.types,
                defines=defines,
                only="" if wanted is None else parts.only(each.relation, wanted),
            )
            for each in self._batches.values()
        ]
        strange = self._read_already()
        rest = [] if strange else strange_queries(self._catalogs)
        cursor = self._conn.execute(b"\n".join([sql("members"), *map(str.encode, queries), *rest]))
        found = cursor.fetchall()
        others = Others(
            members=frozenset((catalog, oid) for catalog, oid, is_temporary in found if not is_temporary),
            temporary=frozenset((catalog, oid) for catalog, oid, is_temporary in found if is_temporary),
        )
        for batch in self._batches.values():
            cursor.nextset()
            batch.keep(cursor.fetchall(), self._oids, others)
        if strange is None:
            cursor.nextset()
            strange = strange_of(self._conn, self._catalogs, cursor)
        self._later = [*strange.touched]
        self._strange = list(of_others(strange, defines=defines))
        attributes = self._batches["pg_attribute"]
        table, name = attributes.place("attrelid"), attributes.place("attname")
        self._columns = {(row[table], row[0]): row[name] for row in (*attributes.rows, *attributes.aside)}
        if self._only is not None:
            self._columns |= complete(self._conn, self._catalogs, others)

    def _name_others(self) -> None:
        """Ask for the names of all that is spoken of and has no row here."""
        wanted: set[tuple[int, int]] = set()
        for batch in self._batches.values():
            for place, column in enumerate(batch.columns, FIXED):
                if column.form is Form.NAMES:
                    target, own = self._oids[column.target], self._own(column.target)
                    said = {_hashable(row[place]) for row in batch.rows}
                    wanted |= {(target, oid) for each in said for oid in numbers(each) if oid and oid not in own}
                elif column.form is Form.OBJECT:
                    pairs = {tuple(row[place]) for row in batch.rows}
                    wanted |= {(of, oid) for of, oid in pairs if oid not in self._own(self._named[of])}
                elif column.form is Form.PRIVILEGES:
                    roles = {role for row in batch.rows if row[place] for each in row[place] for role in each[:2]}
                    wanted |= {(self._oids["pg_authid"], role) for role in roles if role}
        if wanted:
            values = {"catalogs": [of for of, _ in wanted], "numbers": [oid for _, oid in wanted]}
            cursor = self._conn.execute(sql("identities"), values)
            self._others = {(catalog, number): (kind, identity) for catalog, number, kind, identity in cursor}

    def _own(self, catalog: str) -> Mapping[int, Row]:
        batch = self._batches.get(catalog)
        return batch.by_number if batch else {}

    def _facts(self, batch: Batch) -> Iterator[Fact]:
        name = batch.relation.name
        identities = [(place, each) for place, each in enumerate(batch.columns, FIXED) if not each.word]
        owner = self._owner(batch, identities)
        said = [(place, each) for place, each in enumerate(batch.columns, FIXED) if each.word]
        plain = [place for place, each in said if batch.is_plain(each)]
        taken = _taking(plain)
        made = [self._reader(batch, place, each) for place, each in said if not batch.is_plain(each)]
        for row in batch.rows:
            path = self._identity(batch, identities, row)
            yield Fact(name, path, row[1] or "", (*taken(row), *[read(row) for read in made]), owner(row), row[3])

    def _owner(self, batch: Batch, identities: Sequence[tuple[int, Column]]) -> Callable[[Row], Key | None]:
        """What finds the object that goes with the one of a row: what the first of its names leads to."""
        if batch.relation.name == "pg_class":
            indexes = self._batches["pg_index"]
            table, index = indexes.place("indrelid"), indexes.place("indexrelid")
            tables = {row[index]: row[table] for row in indexes.rows}
            return lambda row: (
                self._key("pg_class", tables.get(row[0], 0)) or self._key("pg_namespace", row[FIXED])
            )
        named = [(place, each) for place, each in identities if each.form in (Form.NAMES, Form.OBJECT)]
        numbered = [place for place, each in identities if each.form is Form.COLUMNS]

        def found(row: Row) -> Key | None:
            for place, column in named:
                value = row[place]
                catalog, oid = (
                    (self._named[value[0]], value[1]) if column.form is Form.OBJECT else (column.target, value)
                )
                if isinstance(oid, int) and oid:
                    key = self._key(catalog, oid)
                    if key and numbered and (number := row[numbered[0]]):
                        return "pg_attribute", (*key[1], self._column(oid, number))
                    return key
            return None

        return found

    def _key(self, catalog: str, oid: int) -> Key | None:
        """The key of a fact of the user's own."""
        if oid not in self._own(catalog):
            return None
        if (found := self._keys.get((catalog, oid))) is None:
            found = self._keys[catalog, oid] = catalog, self._path(catalog, oid)
        return found

    def _identity(self, batch: Batch, identities: Sequence[tuple[int, Column]], row: Row) -> Name:
        parts: list[str] = []
        for place, column in identities:
            value = row[place]
            match column.form:
                case Form.NAMES if isinstance(value, int):
                    parts += self._path(column.target, value)
                case Form.NAMES:
                    parts.append(", ".join([self._text(column.target, oid) or "-" for oid in numbers(value)]))
                case Form.OBJECT:
                    parts += self._object(*value)
                case Form.COLUMNS:
                    of = row[batch.place(column.target)]
                    parts += [self._column(of[1] if isinstance(of, list) else of, value)] if value else []
                case _:
                    parts += [] if value is None else [str(value)]
        return tuple(parts)

    def _path(self, catalog: str, oid: int) -> Name:
        """The parts of an object's name: none for no object."""
        if not oid:
            return ()
        if (found := self._paths.get((catalog, oid))) is None:
            batch, row = self._batches.get(catalog), self._own(catalog).get(oid)
            if batch and row:
                identities = [(place, each) for place, each in enumerate(batch.columns, FIXED) if not each.word]
                found = self._identity(batch, identities, row)
            else:
                identity = self._other(self._oids[catalog], oid)[1]
                found = apart(identity) if catalog == "pg_class" else (identity,)
            self._paths[catalog, oid] = found
        return found

    def _object(self, catalog: int, oid: int) -> Name:
        name = self._named[catalog]
        batch, row = self._batches.get(name), self._own(name).get(oid)
        if batch and row:
            return (row[1] or name, *self._path(name, oid))
        return self._other(catalog, oid)

    def _text(self, catalog: str, oid: int) -> str | None:
        """How an object is named where others speak of it; None for no object."""
        if not oid:
            return None
        key = catalog, oid
        if key not in self._texts:
            row = self._own(catalog).get(oid)
            written = row[2] if row else self._other(self._oids[catalog], oid)[1]
            self._texts[key] = written or ".".join([quote(part) for part in self._path(catalog, oid)])
        return self._texts[key]

    def _other(self, catalog: int, oid: int) -> tuple[str, str]:
        kind, identity = self._others.get((catalog, oid), (None, None))
        if kind is None or identity is None:
            name = self._named.get(catalog, str(catalog))
            self._unmodelled.append(f"row {oid} of {name} is spoken of and is not there")
            return "gone", f"{name} {oid}"
        return kind, identity

    def _column(self, relation: int, number: int) -> str:
        if number == 0:
            return "(expression)"
        found = self._columns.get((relation, number)) or _SYSTEM.get(number)
        if found is None:
            self._unmodelled.append(f"column {number} of relation {relation} is spoken of and is not there")
        return found or str(number)

    def _reader(self, batch: Batch, place: int, column: Column) -> Callable[[Row], Value]:
        """What makes of a row the value of that column."""
        match column.form:
            case Form.PLAIN:
                return lambda row: _plain(row[place])
            case Form.SORTED:
                return lambda row: tuple(sorted(row[place] or ()))
            case Form.OPEN:
                return self._open(batch, place)
            case Form.NAMES:
                return self._names(column.target, place)
            case Form.COLUMNS:
                relation = batch.place(column.target)
                return lambda row: self._column_names(row[relation], row[place])
            case Form.PRIVILEGES:
                return lambda row: privileges(row[place], partial(self._text, "pg_authid"))
        raise AssertionError(column.form)

    def _open(self, batch: Batch, place: int) -> Callable[[Row], Value]:
        """Options without their secrets. To most people a user mapping looks as if it had none."""
        is_hidden = (
            batch.relation.name == "pg_user_mapping" and self._conn.info.parameter_status("is_superuser") != "on"
        )

        def read(row: Row) -> Value:
            if is_hidden and row[place] is None:
                self._unread.append("options of user mappings are shown to their users and to superusers alone")
                return UNREAD
            return tuple(sorted(_SECRET.sub(r"\1=...", each) for each in row[place] or ()))

        return read

    def _names(self, catalog: str, place: int) -> Callable[[Row], Value]:
        nobody = "public" if catalog == "pg_authid" else None
        known: dict[Any, Value] = {}

        def read(row: Row) -> Value:
            value = row[place]
            if value is None:
                return None
            key = _hashable(value)
            if key not in known:
                if isinstance(value, int):
                    known[key] = self._text(catalog, value)
                else:
                    known[key] = tuple(self._text(catalog, oid) or nobody for oid in numbers(value))
            return known[key]

        return read

    def _column_names(self, relation: int, value: Any) -> Value:
        if value is None:
            return None
        return tuple([self._column(relation, number) for number in numbers(value)])


def _taking(places: Sequence[int]) -> Callable[[Row], Row]:
    """What takes several values of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


_SYSTEM = {-1: "ctid", -2: "xmin", -3: "cmin", -4: "xmax", -5: "cmax", -6: "tableoid"}
"""Columns that every table has (src/include/access/sysattr.h)."""


def _plain(value: Any) -> Value:
    return tuple(_plain(each) for each in value) if isinstance(value, list) else value


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
