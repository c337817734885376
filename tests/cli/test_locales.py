"""Names and texts that try to be markup, to steer or to hide, in every format and with every locale."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pgproof.cli.outputs import FORMATS
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.ends

NAME = "\"'<script>&]]>\n::error::x\r\x1b[31m\u202egnp größe 表 🐘"
QUOTED = '"' + NAME.replace('"', '""') + '"'
FILES = {
    "1-a.sql": f"-- migrate:up\nCREATE TABLE a (b int);\nCREATE TABLE {QUOTED} (c int);\n"
    f"-- migrate:down\nDROP TABLE a;\nDROP TABLE {QUOTED};\n",
    "2-<b>\"'&größe 表.sql": f"-- migrate:up\nALTER TABLE {QUOTED} ADD d int;\n-- migrate:down\nSELECT 1;\n",
}
LOCALES = {
    "C": {"LC_ALL": "C", "LANG": "C"},
    "ascii": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"},
    "latin": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "iso-8859-1"},
}
ALL = [word for form in FORMATS for word in ("--output", f"{form}:{form}.out")]


@pytest.fixture
def drifted(pgproof: Pgproof, database: Conninfo) -> Pgproof:
    """All is applied, and there is a table of that name which no file makes."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute(f"CREATE TABLE public.{QUOTED.replace('größe', 'grösse')} (c int)".encode())
    return pgproof


def steering(text: str) -> list[str]:
    """The characters in a text that steer a terminal or hide what stands behind them."""
    return [char for char in text if not char.isprintable() and char not in "\n\t"]


@pytest.mark.parametrize("command", ["drift", "verify", "status"])
def test_no_name_is_more_than_text(drifted: Pgproof, command: str) -> None:
    told = drifted(command, *ALL)
    assert told.code == {"drift": 1, "verify": 1, "status": 0}[command]
    assert steering(told.out + told.err) == []
    texts = {form: Path(f"{form}.out").read_text(encoding="utf-8") for form in FORMATS}
    # JSON says names as they are; the page holds the programs of others (tests/report/test_page.py looks at it)
    others = {form: text for form, text in texts.items() if form not in ("json", "html")}
    assert {form: found for form, text in others.items() if (found := steering(text))} == {}
    for form in ("json", "sarif", "gitlab"):
        json.loads(texts[form])
    ElementTree.fromstring(texts["junit"].encode())
    lines = texts["github"].splitlines()
    assert all(re.match(r"::(error|warning|notice) file=[^:]*::|pgproof ", line) for line in lines), lines
    assert len([line for line in lines if "error::x" in line and line.startswith("::error::")]) == 0
    prose = re.sub(r"(?ms)^ *(```+)[a-z]*\n.*?^ *\1$|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", "", texts["markdown"])
    assert "<script" not in re.sub(r"\\.", "", prose)


@pytest.mark.parametrize("command", ["drift", "status"])
def test_a_locale_takes_nothing_away(drifted: Pgproof, command: str) -> None:
    def run(*words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "PYTHONIO"))}
        return subprocess.run(
            [sys.executable, "-m", "pgproof", *words], env=environment | more, capture_output=True, check=False
        )

    assert drifted(command).err == ""  # what is found is remembered, and told in other words the next time
    for form in ("text", "json"):
        usual = run(command, "--format", form, *ALL, LC_ALL="C.UTF-8")
        files = {each: Path(f"{each}.out").read_bytes() for each in FORMATS}
        for locale, variables in LOCALES.items():
            for each in FORMATS:
                Path(f"{each}.out").unlink()
            told = run(command, "--format", form, *ALL, **variables)
            assert (told.returncode, told.stderr) == (usual.returncode, usual.stderr) == (usual.returncode, b"")
            assert {each: Path(f"{each}.out").read_bytes() for each in FORMATS} == files
            if form == "json":
                assert told.stdout == usual.stdout
            else:
                encoding = "iso-8859-1" if locale == "latin" else "utf-8"  # click takes ASCII for a mistake
                assert told.stdout == usual.stdout.decode().encode(encoding, "backslashreplace")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_migration_runs_whatever_can_be_said_of_it(pgproof: Pgproof, locale: str) -> None:
    write(Path("migrations"), {**FILES, "3-größe.sql": "DO $$ BEGIN RAISE NOTICE 'größe \x1b[31m 🐘'; END $$;"})
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "PYTHONIO"))}
    for form in ("text", "json"):
        words = [sys.executable, "-m", "pgproof", "upgrade" if form == "text" else "redo", "--format", form]
        done = subprocess.run(words, env=environment | LOCALES[locale], capture_output=True, check=False)
        if form == "text":
            assert (done.returncode, done.stderr) == (0, b"")
            encoding = LOCALES[locale].get("PYTHONIOENCODING", "utf-8")
            assert "größe \\x1b[31m 🐘".encode(encoding, "backslashreplace") in done.stdout
        else:
            assert done.returncode == 2  # the last one cannot be reverted
            assert json.loads(done.stdout)["event"] == "failed"


def test_sql_is_what_psql_takes(drifted: Pgproof) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "PYTHONIO"))}
    found = {}
    for name in ("ascii", "latin"):
        words = [sys.executable, "-m", "pgproof", "drift", "--repair", "--allow", "data-loss"]
        done = subprocess.run(words, env=environment | LOCALES[name], capture_output=True, check=False)
        assert done.returncode == 1
        found[name] = done.stdout.decode()
    assert found["ascii"] == found["latin"]
    assert "grösse 表 🐘" in found["ascii"]


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    yield
