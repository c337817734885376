"""What check says of a foreign table's constraints, on tables of a real other database (postgres_fdw)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.rules.judging import judged, open_ones, written

STORED = """
CREATE TABLE stock (amount integer, who text);
CREATE SCHEMA ledger;
CREATE TABLE ledger.entries (id integer PRIMARY KEY, note text NOT NULL)
"""
FOREIGN = """
CREATE FOREIGN TABLE stock (amount integer NOT NULL CONSTRAINT stock_amount_chk CHECK (amount >= 0), who text)
    SERVER other;
ALTER FOREIGN TABLE stock ADD CONSTRAINT stock_who_chk CHECK (who <> '') NOT VALID;
CREATE TABLE months (day integer NOT NULL, amount integer) PARTITION BY RANGE (day);
CREATE FOREIGN TABLE january PARTITION OF months FOR VALUES FROM (1) TO (32) SERVER other;
CREATE SCHEMA ledger;
IMPORT FOREIGN SCHEMA ledger FROM SERVER other INTO ledger
"""


def server_of(database: Conninfo) -> str:
    """SQL that makes that database a server called other, whose tables may be read and written."""
    with connect(database) as conn:
        info = conn.info
        return f"""
CREATE EXTENSION postgres_fdw;
CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host '{info.host}', port '{info.port}', dbname '{info.dbname}');
CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (user '{info.user}', password_required 'false');
"""


def test_constraints_of_foreign_tables_are_told(server: ScratchServer, database: Conninfo, tmp_path: Path) -> None:
    """The server stores what breaks them, and returns it; check says so of each, and of no other constraint."""
    with connect(database) as conn:
        conn.execute(STORED.encode())
    script = server_of(database) + FOREIGN
    with server.database() as here, connect(here) as conn:
        conn.execute(script.encode())
        conn.execute("INSERT INTO stock VALUES (-5, ''), (NULL, '')")
        assert conn.execute("SELECT amount, who FROM stock").fetchall() == [(-5, ""), (None, "")]
    report = judged(server, written(tmp_path, script))
    assert open_ones(report) == [
        "CON207 entries.id",
        "CON207 entries.note",
        "CON207 january.day",
        "CON207 stock.amount",
        "CON207 stock.stock_amount_chk",
        "CON207 stock.stock_who_chk",
    ]
    found = {each.object: each for each in report.open}
    amount = found["stock.stock_amount_chk"]
    assert amount.message == "check constraint stock_amount_chk on stock refuses no row: stock is a foreign table"
    assert "that is up to where the rows are stored" in amount.detail
    lines = script.splitlines()
    assert "CONSTRAINT stock_amount_chk" in lines[amount.place.line - 1]
    assert lines[found["entries.note"].place.line - 1].startswith("IMPORT FOREIGN SCHEMA")
    accepted = "-- accept: CON207 stock.stock_amount_chk\n-- because: the warehouse checks amounts\n"
    report = judged(server, written(tmp_path, f"{script};\n-- file: checks/accepted.sql\n{accepted}"))
    assert "CON207 stock.stock_amount_chk" not in open_ones(report)


@pytest.mark.parametrize("major_server", [18], indirect=True, ids=["pg18"])
def test_constraints_that_are_not_enforced_here_are_told_once(major_server: ScratchServer, tmp_path: Path) -> None:
    """NOT ENFORCED (18) is told as such, of a foreign table too."""
    script = """
    CREATE FOREIGN DATA WRAPPER elsewhere;
    CREATE SERVER other FOREIGN DATA WRAPPER elsewhere;
    CREATE FOREIGN TABLE stock (amount integer CONSTRAINT positive CHECK (amount > 0) NOT ENFORCED) SERVER other;
    """
    assert open_ones(judged(major_server, written(tmp_path, script))) == ["CON103 stock.positive"]
