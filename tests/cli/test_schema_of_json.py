"""`pgproof schema`, and that the JSON of commands keeps to it. (So does all that other tests have printed.)"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.report.described import COMMANDS
from tests.cli.described import check, validator
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.ends

TABLE = "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n"
COLUMN = (
    "-- migrate:up transaction:false\nALTER TABLE a ADD c text;\nCREATE INDEX i ON a (c);\n"
    "-- migrate:down\nALTER TABLE a DROP c;\n"
)


def test_the_schemas_of_commands(pgproof: Pgproof) -> None:
    names = pgproof("schema").out.splitlines()
    assert [line.split()[0] for line in names] == list(COMMANDS)
    for name in COMMANDS:
        told = pgproof("schema", name)
        assert told.code == 0
        schema = json.loads(told.out)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert '"$ref": "#/$defs/' not in told.out or schema["$defs"]
        assert f"{name} " in "\n".join(names)
    told = pgproof("schema", "chek")
    assert told.code == 2
    assert 'Did you mean "check"?' in told.err


def test_what_every_command_says(pgproof: Pgproof, database: Conninfo) -> None:
    """The fixture compares what is printed with the schema; here it is seen that something is."""
    write(Path("migrations"), {"1-a.sql": TABLE + "-- Foreign key to the user\n", "2-b.sql": COLUMN})
    said: dict[str, Any] = {}
    words = {
        "plan": (),
        "upgrade": (),
        "status": (),
        "check": (),
        "verify": (),
        "history": (),
        "redo": (),
        "downgrade": ("--to", "1"),
        "drift": (),
        "config": ("--var", "a=b"),
    }
    for command, more in words.items():
        out = pgproof(command, *more, "--format", "json").out
        said[command] = [
            json.loads(each) for each in (out.splitlines() if COMMANDS[command] == "events" else [out])
        ]
    assert [each["event"] for each in said["upgrade"]] == [
        *("planned", "began", "ended"),
        *("began", "landed", "landed", "ended", "done"),
    ]
    assert said["history"][0]["runs"][1]["attempts"]
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a ALTER b TYPE bigint, ADD d int; CREATE VIEW v AS SELECT b FROM a")
    found = json.loads(pgproof("drift", "--format", "json").out)
    assert {each["state"] for each in found["differences"]} == {"changed", "unexpected"}
    assert {(each["code"], each["object"]) for each in found["findings"]} == {
        (item["code"], item["object"]) for each in found["differences"] for item in each["findings"]
    }
    repaired = json.loads(pgproof("drift", "--repair", "--prove", "--format", "json").out)
    assert repaired["plan"]["statements"]
    assert repaired["plan"]["proof"]["holds"]
    write(Path(), {"old.sql": "CREATE TABLE t (x int);\n", "new.sql": "CREATE TABLE t (x bigint, y int);\n"})
    assert json.loads(pgproof("diff", "old.sql", "new.sql", "--format", "json").out)["statements"]
    assert pgproof("snapshot", "--full").code == 0
    check("snapshot", Path("migrations/schema.json").read_text())
    told = pgproof("status", "--migrations", "nowhere", "--format", "json")
    assert (told.code, json.loads(told.out)["schema"]) == (2, "pgproof.error/1")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["plan"], 2, "no such folder: migrations"),
        (["plan", "--sql"], 2, "--sql goes with --from and --to alone."),
        (["history", "--database", "host=/nowhere password=s3cret"], 3, "cannot connect to "),
        (["diff", "nowhere.sql", "migrations"], 2, '"nowhere.sql" is no folder, '),
        (["diff", "host=/nowhere password=s3cret", "host=/nowhere"], 3, "cannot connect to "),
        (["config", "--migrations", "a"], 2, 'unknown setting "migratons"'),
    ],
)
def test_a_command_that_ends_with_an_error(pgproof: Pgproof, words: list[str], code: int, said: str) -> None:
    if "migratons" in said:
        Path("pgproof.toml").write_text('migratons = "a"\n')
    told = pgproof(*words, "--format", "json")
    error = json.loads(told.out)
    assert (told.code, error["schema"], error["command"]) == (code, "pgproof.error/1", words[0])
    assert error["exit_code"] == code
    assert error["problems"][0]["message"].startswith(said)
    assert said in " ".join(told.err.split())
    assert "s3cret" not in told.out + told.err
    assert pgproof(*words).out == ""


@pytest.mark.parametrize(
    ("command", "text", "fault"),
    [
        ("status", {"schema": "pgproof.status/2"}, "$"),
        ("upgrade", {"event": "landed", "number": 1}, "$"),
        ("error", {"schema": "pgproof.error/1", "problems": [{"message": 1}]}, "$"),
    ],
)
def test_what_is_not_as_it_should_be_is_seen(command: str, text: dict[str, Any], fault: str) -> None:
    with pytest.raises(AssertionError, match=r"\$"):
        check(command, json.dumps(text))


def test_a_field_of_which_nothing_is_said_is_seen() -> None:
    whole = {
        "schema": "pgproof.error/1",
        "version": "1",
        "command": "check",
        "exit_code": 2,
        "problems": [
            {"message": "m", "place": None, "detail": "", "hint": "", "sqlstate": "", "context": []},
        ],
    }
    assert validator("error").is_valid(whole)
    assert not validator("error").is_valid({**whole, "more": 1})
    assert not validator("error").is_valid({**whole, "problems": [{**whole["problems"][0], "more": 1}]})  # type: ignore[index]
