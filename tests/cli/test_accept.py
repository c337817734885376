"""`history accept`: what makes no difference is taken, what does is refused with what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.told import Pgproof
from tests.migrate.case import write

BEFORE = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (id int, at timestamptz DEFAULT now());\n"
    "INSERT INTO a VALUES (1), (2);\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (id);\n",
}

pytestmark = pytest.mark.usefixtures("same_server")


def edit(old: str, new: str, name: str = "01-a.sql") -> None:
    path = Path("migrations", name)
    path.write_text(path.read_text().replace(old, new))


@pytest.fixture(autouse=True)
def applied(pgproof: Pgproof) -> None:
    write(Path("migrations"), BEFORE)
    pgproof("upgrade")


def test_comments_and_white_space_need_no_proof(pgproof: Pgproof) -> None:
    assert pgproof("history", "accept", "1").out == "nothing to accept: the file is as it was applied\n"
    edit("CREATE TABLE a (id", "-- what for\nCREATE TABLE a ( id")
    assert "pgproof history accept 01" in pgproof("upgrade").err
    told = pgproof("history", "accept", "01", "--scratch-url", "host=/nowhere")
    assert (told.code, told.err) == (0, "")
    assert "+-- what for\n" in told.out
    assert told.out.endswith(
        "Only comments and white space changed.\n01-a.sql: the text is recorded as it is now\n"
    )
    assert pgproof("status").code == 0
    assert pgproof("upgrade").code == 0


def test_statements_that_lead_to_the_same_are_taken(pgproof: Pgproof) -> None:
    edit("VALUES (1), (2)", "VALUES (2), (1)")
    told = pgproof("history", "accept", "01-a")
    assert (told.code, told.err) == (0, "")
    assert "Both texts lead to the same catalog and rows (tried on PostgreSQL " in told.out
    assert pgproof("status").code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id int", "id bigint", "  ~ column public.a.id: type is integer as applied, bigint now\n"),
        (
            "(1), (2)",
            "(1), (3)",
            '  rows of public.a: {"id": 2} only as applied\n  rows of public.a: {"id": 3} only now\n',
        ),
        ("(1), (2)", "(1), (2), (2)", '  rows of public.a: {"id": 2} only now\n'),
        ("(1), (2)", "(1)", '  rows of public.a: {"id": 2} only as applied\n'),
    ],
)
def test_statements_that_lead_elsewhere_are_refused(pgproof: Pgproof, old: str, new: str, said: str) -> None:
    edit(old, new)
    told = pgproof("history", "accept", "1")
    assert (told.code, told.out) == (2, "")
    assert "error: 01-a.sql does not do any more what it did when it was applied\n" in told.err
    assert said in told.err
    assert pgproof("status").code == 2


def test_without_a_transaction_and_of_a_template(pgproof: Pgproof) -> None:
    edit("ON a (id)", "ON a (id ASC)", "02-b.sql")
    assert pgproof("history", "accept", "2").code == 0
    write(Path("migrations"), {"03-c.sql": "-- pgproof: template\nCREATE TABLE c{{ n }} ();\n"})
    assert pgproof("upgrade", "--var", "n=1").code == 0
    edit("c{{ n }} (", "IF NOT EXISTS c{{ n }} (", "03-c.sql")
    told = pgproof("history", "accept", "3", "--var", "n=1")
    assert (told.code, told.err) == (0, "")


def test_what_there_is_nothing_to_accept_of(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"03-c.sql": "SELECT 1;\n"})
    assert pgproof("history", "accept", "3").err == (
        "pgproof: error: 03-c.sql is not applied\nHINT: pgproof upgrade\n"
    )
    assert 'no migration of version "9"' in pgproof("history", "accept", "9").err
