"""A password is shown nowhere: not in the line of a mistake, not in what is asked back, not on a page."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from pathlib import Path

import pytest

from pgproof.place import Place
from pgproof.secret import hidden
from tests.cli.told import Pgproof
from tests.migrate.case import write

URL = "postgresql://ann:geheim@db.example.org/shop"
FILES = {"1-role.sql": "-- migrate:up\nALTER ROLE nobody_at_all LOGIN PASSWORD 'geheim';\n"}


@pytest.mark.parametrize(
    "text, shown",
    [
        (f'databse = "{URL}"', 'databse = "postgresql://ann:***@db.example.org/shop"'),
        ("no such folder: postgresql:/ann:geheim@h/d", "no such folder: postgresql:/ann:***@h/d"),
        ("CREATE ROLE a PASSWORD 'geh''eim' LOGIN", "CREATE ROLE a PASSWORD *** LOGIN"),
        ("OPTIONS (user 'a', password 'geheim')", "OPTIONS (user 'a', password ***)"),
        ("CONNECTION 'host=h password=geheim user=a'", "CONNECTION 'host=h password=*** user=a'"),
        ('password = "geheim"', "password = ***"),
        ("password authentication failed", "password authentication failed"),
        ("SELECT 1 FROM users WHERE password=$1 AND b", "SELECT 1 FROM users WHERE password=$1 AND b"),
        ("CREATE ROLE a PASSWORD '{{ word }}'", "CREATE ROLE a PASSWORD '{{ word }}'"),
        ("CONNECTION 'host=h password={{ word }}'", "CONNECTION 'host=h password={{ word }}'"),
        ("password text NOT NULL DEFAULT 'a'", "password text NOT NULL DEFAULT 'a'"),
    ],
)
def test_what_cannot_be_anything_but_a_password_is_hidden(text: str, shown: str) -> None:
    assert hidden(text) == shown


def test_a_caret_points_at_the_same_word_behind_a_password() -> None:
    text = f"x = {URL} word"
    place = Place(path="a", line=1, column=text.index("word") + 1, width=4, text=text).hidden()
    assert place.text[place.column - 1 :][: place.width] == "word"


@pytest.mark.parametrize(
    "words",
    [(URL,), ("check", "--migrations", URL), ("upgrade", "--to", URL), ("check", "--baseline", URL)],
    ids=str,
)
def test_an_address_where_another_word_belongs(pgproof: Pgproof, words: tuple[str, ...]) -> None:
    write(Path("migrations"), FILES)
    told = pgproof(*words)
    assert told.code == 2
    assert "ann:***@" in told.err
    assert "geheim" not in told.out + told.err


@pytest.mark.parametrize("line", [f'databse = "{URL}"', f"scratch-url = {URL}", f'database = "{URL}"'])
def test_a_mistake_in_the_settings(pgproof: Pgproof, line: str) -> None:
    Path("pgproof.toml").write_text(f"{line}\n")
    told = pgproof("check", "--output", "json:found.json")
    assert told.code == 2
    assert "ann:***@" in told.err
    assert "geheim" not in told.out + told.err


def test_a_migration_that_sets_one(pgproof: Pgproof, database: object) -> None:
    """The file is the author's; a plan, an error and a page are shown to others."""
    write(Path("migrations"), FILES)
    plan = pgproof("plan").out
    assert "PASSWORD ***" in plan
    told = pgproof("upgrade", "--output", "html:page.html", "--output", "json:found.json")
    assert told.code != 0
    page = Path("page.html").read_text()
    packed = page.partition('data-packed="deflate">')[2].partition("<")[0]
    data = zlib.decompress(b64decode(packed), wbits=-15).decode() if packed else page
    assert "ALTER ROLE nobody_at_all LOGIN PASSWORD ***" in json.dumps(json.loads(data)) if packed else data
    assert "geheim" not in plan + told.out + told.err + data + Path("found.json").read_text()
