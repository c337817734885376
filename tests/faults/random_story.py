"""Stories that hypothesis makes up: files of all kinds whose statements are possible in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.faults.story import ALONE, Story, mark

_TYPES = ("int", "text", "numeric(8, 2)", "timestamptz", "jsonb")


@dataclass(slots=True)
class _World:
    """What exists while a story is made up. Names are never used again."""

    draw: st.DrawFn
    tables: dict[str, list[str]] = field(default_factory=dict)
    indexes: list[str] = field(default_factory=list)
    enums: list[str] = field(default_factory=list)
    views: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def one_of(self, names: object) -> str:
        return self.draw(st.sampled_from(sorted(names)))  # type: ignore[call-overload, no-any-return]


def _table(world: _World) -> str:
    name = world.name("t")
    columns = [f"c{number}" for number in range(world.draw(st.integers(1, 3)))]
    world.tables[name] = columns
    defined = ", ".join(f"{column} {world.one_of(_TYPES)}" for column in columns)
    return f"CREATE TABLE {name} (id int PRIMARY KEY, {defined});\n"


def _rows(world: _World) -> str:
    if not world.tables:
        return _table(world)
    name = world.one_of(world.tables)
    return f"INSERT INTO {name} (id) SELECT COALESCE(max(id), 0) + 1 FROM {name};\n"


def _column(world: _World) -> str:
    if not world.tables:
        return _table(world)
    table, column = world.one_of(world.tables), world.name("n")
    world.tables[table].append(column)
    return f"ALTER TABLE {table} ADD COLUMN {column} {world.one_of(_TYPES)};\n"


def _enum(world: _World) -> str:
    if world.enums and world.draw(st.booleans()):
        return f"ALTER TYPE {world.one_of(world.enums)} ADD VALUE '{world.name('v')}';\n"
    name = world.name("e")
    world.enums.append(name)
    return f"CREATE TYPE {name} AS ENUM ('a', 'b');\n"


def _view(world: _World) -> str:
    if world.views and world.draw(st.booleans()):
        name = world.one_of(world.views)
        del world.views[name]
        return f"DROP VIEW {name};\n"
    if not world.tables:
        return _table(world)
    name, table = world.name("w"), world.one_of(world.tables)
    world.views[name] = table
    return f"CREATE VIEW {name} AS SELECT id FROM {table};\n"


def _function(world: _World) -> str:
    return f"CREATE FUNCTION {world.name('f')}() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n"


def _comment(world: _World) -> str:
    return f"COMMENT ON TABLE {world.one_of(world.tables)} IS 'it''s; fine';\n" if world.tables else _table(world)


def _session(world: _World) -> str:
    return "SET search_path = public;\n" if world.draw(st.booleans()) else "SET client_min_messages = 'warning';\n"


def _index(world: _World, how: str = "") -> str:
    if not world.tables:
        return _table(world)
    table, name = world.one_of(world.tables), world.name("i")
    world.indexes.append(name)
    unique, column = ("UNIQUE ", "id") if world.draw(st.booleans()) else ("", world.one_of(["id"]))
    return f"CREATE {unique}INDEX {how}{name} ON {table} ({column});\n"


def _index_alone(world: _World) -> str:
    how = "CONCURRENTLY IF NOT EXISTS " if world.draw(st.booleans()) else "CONCURRENTLY "
    return _index(world, how)


def _drop_index_alone(world: _World) -> str:
    if not world.indexes:
        return _index_alone(world)
    name = world.one_of(world.indexes)
    world.indexes.remove(name)
    return f"DROP INDEX CONCURRENTLY {name};\n"


def _reindex_alone(world: _World) -> str:
    return f"REINDEX INDEX CONCURRENTLY {world.one_of(world.indexes)};\n" if world.indexes else _index_alone(world)


def _vacuum_alone(world: _World) -> str:
    return f"VACUUM (ANALYZE) {world.one_of(world.tables)};\n" if world.tables else _table(world)


_ANYWHERE = (_table, _rows, _column, _enum, _view, _function, _comment, _index)
_IN_TRANSACTION: tuple[Callable[[_World], str], ...] = (*_ANYWHERE, _session)
_WITHOUT: tuple[Callable[[_World], str], ...] = (
    *_ANYWHERE,
    _index_alone,
    _index_alone,
    _drop_index_alone,
    _reindex_alone,
    _vacuum_alone,
)


@st.composite
def stories(draw: st.DrawFn, most: int = 4) -> Story:
    """One to `most` files, each of one to six statements, each statement followed by its mark."""
    world = _World(draw)
    files = {}
    for version in range(1, draw(st.integers(1, most)) + 1):
        alone = draw(st.booleans())
        text = ALONE if alone else ""
        for number in range(1, draw(st.integers(1, 6)) + 1):
            text += draw(st.sampled_from(_WITHOUT if alone else _IN_TRANSACTION))(world) + mark(
                f"m{version}_{number}"
            )
        files[f"{version:02d}-random.sql"] = text
    return Story(files)
