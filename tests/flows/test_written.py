"""A plan as a migration file, of each kind of folder: read again, it is the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgproof.drift.planner.plan import Hazard, Repair, Statement
from pgproof.errors import InputError
from pgproof.flows.written import Ways, losses, write
from pgproof.migrate.library import load

NOW = datetime(2026, 11, 26, tzinfo=UTC)
BODY = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1; -- one;\n  SELECT 2\n$$"
UP = Repair(
    statements=(
        Statement(sql="ALTER TABLE a ADD COLUMN b text", about="column public.a.b"),
        Statement(sql=BODY, about="function public.f()"),
    ),
    impossible=(("cast\n; DROP TABLE a", "nobody can"),),
)
DOWN = Repair(
    statements=(
        Statement(sql="DROP FUNCTION f()", about="function public.f()"),
        Statement(
            sql="ALTER TABLE a DROP COLUMN b", about="column public.a.b", hazards=frozenset({Hazard.DATA_LOSS})
        ),
    )
)
ALONE = Statement(sql="CREATE INDEX CONCURRENTLY i ON a (b)", about="index public.i", transaction=None)
FOLDERS = {
    "own": ("01-a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n", ["02-make-b.sql"]),
    "pairs": ("01_a.up.sql", "-- migrate:up\nSELECT 1;\n", ["02_make_b.up.sql", "02_make_b.down.sql"]),
    "golang": ("01_a.up.sql", "SELECT 1;\n", ["02_make_b.up.sql", "02_make_b.down.sql"]),
    "goose": ("01_a.sql", "-- +goose Up\nSELECT 1;\n", ["02_make_b.sql"]),
    "flyway": ("V1__a.sql", "SELECT 1;\n", ["V2__make_b.sql", "U2__make_b.sql"]),
}


def folder(at: Path, kind: str) -> list[str]:
    name, text, written = FOLDERS[kind]
    (at / name).write_text(text)
    if name == "01_a.up.sql":
        (at / "01_a.down.sql").write_text(text.replace("up", "down"))
    return written


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize("is_alone", [False, True])
def test_what_is_written_is_read_as_it_was_planned(tmp_path: Path, kind: str, is_alone: bool) -> None:
    names = folder(tmp_path, kind)
    up = Repair(statements=(*UP.statements, *([ALONE] if is_alone else [])), impossible=UP.impossible)
    paths = write(tmp_path, "make b", Ways(up=up, down=DOWN, heading=("made\nby hand",)), now=NOW)
    assert [path.name for path in paths] == names
    _, found = load(tmp_path).migrations
    assert [each.text for each in found.up.statements] == [each.sql for each in up.statements]
    assert found.up.transactional is not is_alone
    assert found.down
    assert [each.text for each in found.down.statements] == [each.sql for each in DOWN.statements]
    text = "".join(path.read_text() for path in paths)
    assert "-- made by hand\n" in text
    assert "-- cannot be done: cast ; DROP TABLE a: nobody can\n" in text
    assert "-- column public.a.b: data loss\n" in text
    assert losses(DOWN) == ("column public.a.b",)


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_way_that_has_no_way_back(tmp_path: Path, kind: str) -> None:
    names = folder(tmp_path, kind)
    down = Repair(statements=(), impossible=(("cast x", "nobody can"),))
    paths = write(tmp_path, "make b", Ways(up=UP, down=down), now=NOW)
    assert [path.name for path in paths] == names[:1]
    assert load(tmp_path).migrations[1].down is None
    assert ": cast x: nobody can\n" in paths[0].read_text()


@pytest.mark.parametrize(
    ("kind", "line"), [("own", "-- migrate:down"), ("goose", "-- +goose Down"), ("flyway", "SELECT '${name}';")]
)
def test_a_line_that_would_be_read_as_something_else(tmp_path: Path, kind: str, line: str) -> None:
    folder(tmp_path, kind)
    before = sorted(tmp_path.iterdir())
    body = f"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n{line}\nSELECT 1\n$$"
    up = Repair(statements=(Statement(sql=body, about="function public.f()"),))
    with pytest.raises(InputError, match="cannot be written as a migration file"):
        write(tmp_path, "make f", Ways(up=up, down=Repair(statements=())), now=NOW)
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no statement is to be written") as caught:
        write(tmp_path, "x", Ways(up=Repair(statements=(), impossible=UP.impossible), down=DOWN), now=NOW)
    assert "cannot be done: cast" in str(caught.value)
    assert not list(tmp_path.iterdir())
