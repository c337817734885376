"""`--baseline`: what is new, still there and gone since a report of before."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.ends

TABLE = "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n"
ALL = [word for form in ("json", "sarif", "markdown", "github", "text") for word in ("-o", f"{form}:{form}.out")]
SARIF = Path(__file__).parents[1] / "cases" / "schemas" / "sarif-2.1.0-rtm.5.json"


@pytest.fixture
def drifted(pgproof: Pgproof, database: Conninfo) -> Pgproof:
    """A table more than the files say was there before; it is gone now, and a column and a view are new."""
    write(Path("migrations"), {"1-a.sql": TABLE})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute("CREATE TABLE old (a int); CREATE SEQUENCE kept")
        assert pgproof("drift", "--output", "json:base.json").code == 1
        conn.execute("DROP TABLE old; ALTER TABLE a ADD c int; CREATE VIEW d AS SELECT 1 AS e")
    return pgproof


def read(form: str) -> Any:
    text = Path(f"{form}.out").read_text()
    return json.loads(text) if form in ("json", "sarif") else text


def test_new_still_there_and_gone(drifted: Pgproof) -> None:
    told = drifted("drift", "--baseline", "base.json", *ALL)
    assert told.code == 1
    assert told.found.splitlines()[-1] == "compared with base.json: 2 new, 1 still there, 1 gone"
    assert read("text").splitlines()[-1] == told.out.splitlines()[-1] != told.found.splitlines()[-1]
    found = {each["object"]: each["state"] for each in read("json")["findings"]}
    assert found == {"column public.a.c": "new", "sequence public.kept": "unchanged", "view public.d": "new"}
    assert [each["object"] for each in read("json")["gone"]] == ["table public.old"]
    log = read("sarif")
    schema = json.loads(SARIF.read_text())
    assert [each.message for each in jsonschema.Draft4Validator(schema).iter_errors(log)] == []
    results = log["runs"][0]["results"]
    assert sorted(each["baselineState"] for each in results) == ["absent", "new", "new", "unchanged"]
    text = read("markdown")
    titles = ["#### New (2)", "public.d", "#### Gone (1)", "table public.old", "Still there (1)", "public.kept"]
    assert [text.index(each) for each in titles] == sorted(text.index(each) for each in titles)
    assert "Compared with base.json: 2 new, 1 still there, 1 gone." in text
    assert "kept" in read("github").splitlines()[2]


def test_the_same_file_can_be_written(drifted: Pgproof) -> None:
    assert drifted("drift", "--baseline", "base.json", "--output", "json:base.json").code == 1
    told = drifted("drift", "--baseline", "base.json")
    assert told.found.splitlines()[-1] == "compared with base.json: 0 new, 3 still there, 0 gone"


def test_what_is_accepted_since_is_updated(drifted: Pgproof) -> None:
    Path("checks").mkdir()
    accept = ("--accept", "DRF102:sequence public.kept", "--because", "so it is")
    assert drifted("drift", *accept).code == 0
    drifted("drift", "--baseline", "base.json", *ALL)
    states = {each["object"]: each["state"] for each in read("json")["findings"]}
    assert states["sequence public.kept"] == "updated"
    assert "Accepted (1)" in read("markdown")


def test_check_status_and_verify(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    for command in ("check", "status", "verify"):
        pgproof(command, "--output", f"json:{command}.json")
    write(Path("migrations"), {"2-b.sql": "-- Foreign key to the user\nCREATE INDEX c ON a (b);\n"})
    ends = {}
    for command in ("check", "status", "verify"):
        told = pgproof(command, "--baseline", f"{command}.json", "--output", "json:json.out")
        ends[command] = told.found.splitlines()[-1].partition(": ")[2]
        assert {each["state"] for each in read("json")["findings"]} >= {"new"}
    assert ends == {
        "check": "1 new, 0 still there, 0 gone",
        "status": "1 new, 1 still there, 0 gone",
        "verify": "1 new, 0 still there, 0 gone",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot read base.json: No such file or directory"),
        ("{", "base.json is not JSON: "),
        ("[]", "base.json is no JSON report of pgproof status"),
        ('{"schema": "pgproof.check/1"}', 'DETAIL: Of that, it is "pgproof.check/1".'),
        ('{"schema": "pgproof.status/1"}', "DETAIL: It does not hold what `pgproof schema status` describes"),
        ('{"schema": "pgproof.status/1", "findings": [1]}', "base.json cannot be compared with"),
        ("\udcff", "cannot read base.json: it is not UTF-8"),
        ("[" * 100_000, "base.json is not JSON"),
    ],
)
def test_what_is_no_report(pgproof: Pgproof, text: str | None, said: str) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    if text is not None:
        Path("base.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    told = pgproof("status", "--baseline", "base.json", "--output", "json:json.out")
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert "pgproof status --output json:" in told.err
    assert read("json")["schema"] == "pgproof.error/1"
