"""The door: plans of queries at each size of a profile, for several numbers of distinct values, for any values,
for frequent and for rare ones.

Files first, the catalog second, then a look whether all is as it was made; only then plans are asked for, in a
session that can only read and that no query can keep for long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg import sql

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Size, Values
from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.errors import CannotTell, InputError, Problem
from pgproof.explain import isolation, plan
from pgproof.explain.facts import Sized
from pgproof.explain.isolation import Hiding
from pgproof.explain.plan import Node, matches_nothing
from pgproof.explain.planner import Prepared
from pgproof.explain.size import btree, plans
from pgproof.explain.size import layout as layouts
from pgproof.explain.size import model as models
from pgproof.explain.size import shape as shapes
from pgproof.explain.size import values as parameters
from pgproof.explain.size.exported import Exported
from pgproof.explain.size.inflate import inflate
from pgproof.explain.size.inject import inject, redistribute, verify
from pgproof.explain.size.layout import Layout
from pgproof.explain.size.model import Model, Name
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.shape import Shape
from pgproof.explain.size.values import Bound
from pgproof.explain.size.words import short

FACTORS = (1.0, 1 / 3, 3.0)
"""Of the numbers of distinct values: ANALYZE's own may be wrong by as much (30,000 rows of a skewed column)."""
_TIMEOUT = "30s"
_MOST_FILES = 20_000
_NO_PARTITION = (
    "no partition holds some of the frequent or rare values that were tried: nothing is planned with these"
)
_MOST_ROOM = 1 << 29
"""Bytes of all files, where they take as much room on disk as they are long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query to be planned, the tables (schema, name) that it may read, the indexes that are said to serve it.

    `constants` are SQL for parameters whose values are given, by number.
    """

    prepared: Prepared
    tables: frozenset[Name]
    uses: tuple[Index, ...] = ()
    constants: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """Its plans; `alone` are those where the planner saw the said indexes only, at sizes where it takes others.

    `reason` is why there are no more.
    """

    sizes: list[Sized] = field(default_factory=list)
    alone: list[Sized] = field(default_factory=list)
    reason: str = ""


@dataclass(slots=True)
class Sweep:
    """What came of it: an answer for each query that was asked, and in sentences, on what figures that rests."""

    answers: list[Answer] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def sweep(
    own: OwnDatabase,
    profile: Profile,
    snapshot: Snapshot,
    asked: Sequence[Asked],
    exported: Exported | None = None,
    promised: Sequence[Size] = (),
) -> Sweep:
    """Plan the queries at each size, and at those that are `promised`; tables that none reads are empty.

    Where statistics were exported, they are those of the tables, as far as the profile says nothing else.
    Where a file takes as much room as it is long, or may not be long, it is planned at small sizes, and said which
    are left out. Raises InputError where the profile has figures that cannot be, CannotTell where the files do not
    become as they should or not one size goes, DatabaseError where the server is lost.
    """
    with failure.told(), closing(_reader(own, profile, exported)) as reader:
        shape = shapes.read_expressed(own.conn, frozenset(name for each in asked for name in each.tables))
        profile = models.sized(profile, exported)
        model = models.model(profile, snapshot, shape, exported)
        if promised:
            profile = models.with_promised(profile, model, promised)
            model = models.model(profile, snapshot, shape, exported)
        return _Sweep(own, reader, snapshot, shape, model).run(asked)


class _Sweep:
    """One sweep over one database."""

    def __init__(
        self, own: OwnDatabase, reader: Connection, snapshot: Snapshot, shape: Shape, model: Model
    ) -> None:
        self._own = own
        self._reader = reader
        self._snapshot = snapshot
        self._shape = shape
        self._model = model
        self._now = now(own.conn)
        self._bounds: dict[Prepared, dict[int, Bound]] = {}
        self._last: Layout | None = None
        self._lost: dict[str, None] = {}
        self._is_sparse = own.takes_sparse_files()

    def run(self, asked: Sequence[Asked]) -> Sweep:
        done = Sweep(answers=[Answer() for _ in asked], said=list(self._model.said))
        for size in range(len(self._model.sizes)):
            layout = self._laid_out(size)
            if isinstance(layout, str):
                if size == 0:
                    raise CannotTell(_no_size(self._model.sizes[0], layout))
                done.said.append(
                    f"nothing was planned at {short(self._model.sizes[size])} rows and more, {layout}"
                )
                break
            for factor in FACTORS:
                if factor != 1.0:
                    redistribute(self._own, layout, layouts.other_distincts(self._model, layout, size, factor))
                verify(self._own, layout)
                self._ask(list(zip(asked, done.answers, strict=True)), size, factor)
        done.said += self._lost
        return done

    def _ask(self, pairs: Sequence[tuple[Asked, Answer]], size: int, factor: float) -> None:
        """Plan all queries that could be planned so far."""
        left = [(asked, answer) for asked, answer in pairs if not answer.reason]
        self._look(left, size)
        left = [(asked, answer) for asked, answer in left if not answer.reason]
        wanted = [(asked.prepared, self._arguments(asked, size)) for asked, _ in left]
        for (asked, answer), roots in zip(left, plans.explain_all(self._reader, wanted), strict=True):
            if isinstance(roots, psycopg.Error):
                self._refused(answer, size, roots)
                continue
            kinds = Values if asked.prepared.types else (Values.GENERIC,)
            found = [self._sized(root, kind, size, factor) for root, kind in zip(roots, kinds, strict=True)]
            found = self._reading(found)
            answer.sizes += found
            if factor == 1.0 and asked.uses and not _serves(found, asked.uses, self._snapshot):
                try:
                    answer.alone += self._reading(self._alone(asked, size))
                except psycopg.Error as error:
                    if self._own.conn.closed:
                        raise
                    self._refused(answer, size, error)

    def _reading(self, found: Sequence[Sized]) -> list[Sized]:
        """Without plans for values that no partition holds: they read nothing, and would keep every promise."""
        if matches_nothing(found[0].root):
            return list(found)
        reading = [each for each in found if not matches_nothing(each.root)]
        if len(reading) < len(found):
            self._lost[_NO_PARTITION] = None
        return reading

    def _look(self, pairs: Sequence[tuple[Asked, Answer]], size: int) -> None:
        """See what the parameters are compared with, in plans for any values: once."""
        unknown = [
            (a.prepared, answer) for a, answer in pairs if a.prepared.types and a.prepared not in self._bounds
        ]
        asked = [(prepared, (None,)) for prepared, _ in unknown]
        for (prepared, answer), roots in zip(unknown, plans.explain_all(self._reader, asked), strict=True):
            if isinstance(roots, psycopg.Error):
                self._refused(answer, size, roots)
            else:
                self._bounds[prepared] = parameters.bounds(roots[0], self._shape, self._model)

    def _refused(self, answer: Answer, size: int, error: psycopg.Error) -> None:
        rows = short(self._model.sizes[size])
        answer.reason = f"at {rows} rows the server says: {failure.problem(error).message}"

    def _laid_out(self, size: int) -> Layout | str:
        """Give all relations that size; why not, where it would take too much."""
        partial = {r.number: 0.0 for r in self._shape.relations if r.predicate and r.kind == "i"}
        layout = self._layout(size, partial)
        if layout.segments(self._own.segment // self._own.page) > _MOST_FILES:
            return f"which would take over {_MOST_FILES} files"
        room = layout.pages * self._own.page
        if not self._is_sparse and room > _MOST_ROOM:
            return (
                f"whose files would take {short(room / 2**20)} MiB on disk, where those without content take room"
            )
        try:
            layout = self._made(layout)
            if not partial:
                return layout
            shares = {number: self._share(layout, number) for number in partial}
            return self._made(self._layout(size, shares))
        except OSError as error:
            return f"whose files cannot be made ({error.strerror})"

    def _layout(self, size: int, shares: Mapping[int, float]) -> Layout:
        return layouts.layout(self._model, self._shape, size, self._own.page, self._now, shares=shares)

    def _made(self, layout: Layout) -> Layout:
        """The layout with the files that it has got."""
        before, self._last = self._last, btree.rooted(self._own, layout)
        inflate(self._own, self._last.relations)
        self._lost.update(dict.fromkeys(inject(self._own, self._last)))
        if before is not None:
            btree.clear(self._own, before)
        return self._last

    def _share(self, layout: Layout, number: int) -> float:
        """The share of a table's rows that a partial index holds: what the planner makes of its condition."""
        index = next(each for each in self._shape.relations if each.number == number)
        table = next(each for each in layout.relations if each.relation.number == index.owner)
        name = sql.Identifier(table.relation.schema, table.relation.name)
        text = sql.SQL("EXPLAIN (FORMAT JSON) SELECT FROM {} WHERE ").format(name).as_bytes(self._own.conn)
        row = self._own.conn.execute(text + index.predicate.encode()).fetchone()
        assert row is not None
        return min(1.0, plan.read(row[0]).rows / table.rows)

    def _arguments(self, asked: Asked, size: int) -> tuple[tuple[str, ...] | None, ...]:
        """For which values a query is planned: any, frequent and rare ones; without parameters in one way."""
        types = asked.prepared.types
        if not types:
            return (None,)
        bounds = self._bounds[asked.prepared]
        given = (
            parameters.arguments(types, bounds, asked.constants, kind, size, self._now)
            for kind in (Values.HOT, Values.RARE)
        )
        return (None, *given)

    def _sized(self, root: Node, values: Values, size: int, factor: float) -> Sized:
        rows = tuple(
            (f"{schema}.{name}", round(rows[size])) for (schema, name), rows in sorted(self._model.rows.items())
        )
        return Sized(size=self._model.sizes[size], rows=rows, n_distinct=factor, values=values, root=root)

    def _alone(self, asked: Asked, size: int) -> list[Sized]:
        conn = self._own.conn
        hidden = isolation.only(conn, self._snapshot, asked.uses, Hiding.CATALOG)
        with conn.transaction(force_rollback=True), hidden:
            roots = plans.explain(conn, asked.prepared, self._arguments(asked, size))
        return [self._sized(root, kind, size, 1.0) for root, kind in zip(roots, Values, strict=False)]


def _serves(plans: Sequence[Sized], uses: Sequence[Index], snapshot: Snapshot) -> bool:
    """Whether each plan reads one of the indexes, or parts of them."""
    names = {index.name for index in isolation.family(snapshot, uses)}
    return all(any(node.index in names for node in each.root.walk()) for each in plans)


def _reader(own: OwnDatabase, profile: Profile, exported: Exported | None) -> Connection:
    """A session that asks for plans alone, under production's settings: those exported, then those of the profile.

    One that only the exporting server has is left out. Raises InputError for bad ones.
    """
    conn = connect(own.conninfo)
    try:
        conn.execute(f"SET default_transaction_read_only = on; SET statement_timeout = '{_TIMEOUT}'")
        for name, value in (exported.settings if exported else {}).items():
            conn.execute(
                "SELECT pg_catalog.set_config(name, %s, false) FROM pg_catalog.pg_settings WHERE name = %s",
                (value, name),
            )
        for each in profile.settings:
            try:
                conn.execute("SELECT pg_catalog.set_config(%s, %s, false)", (each.name.text, each.value))
            except psycopg.Error as error:
                said = failure.problem(error)
                raise InputError(
                    Problem(message=said.message, place=each.name.place, detail=said.detail, hint=said.hint)
                ) from error
    except BaseException:
        conn.close()
        raise
    return conn


def now(conn: Connection) -> datetime:
    row = conn.execute("SELECT pg_catalog.now() AT TIME ZONE 'UTC'").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


def _no_size(size: float, why: str) -> Problem:
    return Problem(
        message="nothing could be planned at production size",
        detail=f"That begins with {short(size)} rows, {why}.",
        hint="give it a folder with sparse files with TMPDIR",
    )
