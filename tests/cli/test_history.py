"""`history` as a person types it: everything that was run, the reverted too."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

from pgproof import __version__
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof, Told
from tests.migrate.case import write

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b text);\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nVACUUM a;\nSELECT 1/(SELECT count(*) FROM a);\n"
    "-- migrate:down\nSELECT 1;\n",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}")


def plain(told: Told, user: str) -> str:
    """What was told, with what differs from run to run in capitals."""
    text = MOMENT.sub("MOMENT", told.out).replace(f"by {user} from {socket.gethostname()}", "by USER from HOST")
    return re.sub(r"backend \d+", "backend PID", text.replace(f"by {user}", "by USER"))


def test_everything_that_was_run(pgproof: Pgproof, database: Conninfo) -> None:
    user = dict(database.parameters)["user"]
    assert pgproof("history").out == "DATABASE\nnothing was ever run here by pgproof\n"
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--steps", "1")
    pgproof("redo")
    assert plain(pgproof("history"), user) == (
        "DATABASE\n"
        "  MOMENT  01-a  applied in T by USER from HOST\n"
        f"  MOMENT  01-a  reverted in T by USER (pgproof {__version__})\n"
        f"  MOMENT  01-a  applied in T by USER from HOST (pgproof {__version__})\n"
    )


def test_statements_and_their_attempts(pgproof: Pgproof, database: Conninfo) -> None:
    user = dict(database.parameters)["user"]
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 3
    told = plain(pgproof("history", "--statements"), user)
    assert (
        f"  MOMENT  02-b  applying (1 of 2 statements) by USER from HOST (pgproof {__version__})\n"
        "      division by zero\n"
        "        1  VACUUM a\n           landed in T (backend PID)\n"
    ) in told
    assert "        1  CREATE TABLE a (b text)\n" in told
    document = json.loads(pgproof("history", "--format", "json").out)
    assert document["schema"] == "pgproof.history/1"
    first, second = document["runs"]
    assert (first["direction"], first["name"], first["state"], first["attempts"]) == (
        "upgrade",
        "01-a.sql",
        "applied",
        [],
    )
    assert first["seconds"] > 0
    assert (second["state"], second["error"], second["attempts"][0]["outcome"]) == (
        "applying",
        "division by zero",
        "landed",
    )
