"""Something is to be applied: of what is applied as it is nothing is kept in mind, and nothing is overlooked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.flows import upgrade as flow
from pgproof.flows.settled import Rest, rest
from pgproof.flows.upgrade import _library
from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {f"{k:02}-{name}.sql": f"CREATE TABLE {name} ();\n" for k, name in enumerate("abc", 1)}
NEXT = {"05-e.sql": "CREATE TABLE e ();\n"}


def rested(database: Conninfo, folder: Path) -> Rest | None:
    with closing(connect(database)) as conn:
        return rest(conn, folder, variables={}, schema="")


def test_only_what_is_to_come_is_held(pgproof: Pgproof, database: Conninfo) -> None:
    folder = write(Path("migrations"), FILES)
    assert rested(database, folder) is None
    pgproof("upgrade")
    write(folder, {**NEXT, "05-e.down.sql": "DROP TABLE e;\n", "R-v.sql": "SELECT 1;\n"})
    found = rested(database, folder)
    assert found
    assert [each.name for each in found.library.migrations] == ["05-e.sql"]
    assert [each.name for each in found.library.repeatables] == ["R-v.sql"]
    assert [entry.name for entry in found.history("").entries] == ["03-c.sql"]
    assert pgproof("upgrade").out.splitlines()[1:] == [
        "  05-e  applied in T",
        "  R-v   applied in T",
        "2 migrations applied in T; the database is at 05-e",
    ]
    assert pgproof("status").code == 0
    assert pgproof("downgrade", "--steps", "1").code == 0


def test_a_sum_is_still_believed_only_if_it_is_right(pgproof: Pgproof, database: Conninfo) -> None:
    folder = write(Path("migrations"), {**FILES, "03-c.down.sql": "DROP TABLE c;\n"})
    pgproof("upgrade")
    write(folder, NEXT)
    pgproof("sum")
    assert rested(database, folder)
    write(folder, {"03-c.down.sql": "DROP TABLE IF EXISTS c;\n"})
    assert rested(database, folder) is None
    assert "03-c.down.sql is not what pgproof.sum says it is" in pgproof("upgrade").err
    pgproof("sum")
    (folder / "03-c.down.sql").unlink()
    assert rested(database, folder) is None
    assert "names 03-c.down.sql, which is not in migrations" in pgproof("upgrade").err


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "edited": (
        lambda f: write(f, {"02-b.sql": "CREATE TABLE bb ();\n"}),
        "02-b.sql was edited after it was applied",
    ),
    "missing": (lambda f: (f / "02-b.sql").unlink(), "version 2 (02-b.sql) is applied, but its file is missing"),
    "renumbered": (
        lambda f: (f / "03-c.sql").rename(f / "04-c.sql"),
        "version 3 (03-c.sql) is applied, but its file is missing",
    ),
    "late": (lambda f: write(f, {"00-z.sql": "SELECT 1;\n"}), "version 0 is taken"),
    "double": (lambda f: write(f, {"2-d.sql": "SELECT 1;\n"}), "two files of version 2"),
    "unnamed": (lambda f: write(f, {"b.sql": "SELECT 1;\n"}), "the file's name has no version"),
    "unreadable": (lambda f: (f / "02-b.sql").write_bytes(b"\xe4"), "the file is not in UTF-8"),
    "wrong": (lambda f: write(f, {"06-f.sql": "CREATE;\n"}), "syntax error at end of input"),
    "orphaned": (lambda f: write(f, {"02-g.down.sql": "SELECT 1;\n"}), "a downgrade without its migration"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_as_it_was_is_seen(pgproof: Pgproof, name: str) -> None:
    folder = write(Path("migrations"), FILES)
    pgproof("upgrade")
    change, said = CHANGES[name]
    write(folder, NEXT)
    change(folder)
    told = pgproof("upgrade")
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_a_late_one(pgproof: Pgproof) -> None:
    folder = write(Path("migrations"), {"01-a.sql": "SELECT 1;\n", "03-c.sql": "SELECT 1;\n"})
    pgproof("upgrade")
    write(folder, {**NEXT, "02-b.sql": "SELECT 1;\n"})
    assert "02-b.sql is pending, but a later one is applied (03-c.sql)" in pgproof("upgrade").err


def test_somebody_else_goes_on_meanwhile(database: Conninfo, pgproof: Pgproof) -> None:
    """What was found is not believed any more when the history has changed since."""
    folder = write(Path("migrations"), FILES)
    pgproof("upgrade")
    write(folder, NEXT)
    before = rested(database, folder)
    pgproof("upgrade")
    assert before
    assert (after := rested(database, folder))
    assert after.standing != before.standing
    assert after.library.migrations == ()


def test_a_target_may_lie_above_and_below(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only for one that is not to come the whole folder is read."""
    folder = write(Path("migrations"), FILES)
    pgproof("upgrade")
    write(folder, {**NEXT, "06-f.sql": "CREATE TABLE f ();\n", "R-v.sql": "SELECT 1;\n"})
    whole: list[Path] = []
    monkeypatch.setattr(flow, "_library", lambda folder, *rest: whole.append(folder) or _library(folder, *rest))
    told = pgproof("upgrade", "--to", "2")
    assert (told.code, "nothing to do: the database is at 03-c" in told.out, len(whole)) == (0, True, 1)
    told = pgproof("upgrade", "--to", "02-bb")
    assert (told.code, "did you mean 02 (02-b.sql)?" in told.err, len(whole)) == (2, True, 2)
    told = pgproof("upgrade", "--to", "05-e")
    assert told.out.splitlines()[1:] == [
        "  05-e  applied in T",
        "1 migration applied in T; the database is at 05-e",
    ]
    told = pgproof("upgrade", "--to", "06")
    assert [line.split()[0] for line in told.out.splitlines()[1:3]] == ["06-f", "R-v"]
    assert len(whole) == 2
