"""What findings tell people to type can be typed, and failures say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.database.scratch import ScratchServer
from pgproof.errors import DatabaseError
from tests.rules.judging import judged, written

HINTS = """
CREATE SCHEMA "Old Shop";
CREATE TABLE "Old Shop"."Lines" (id integer PRIMARY KEY, "Qty" integer, at timestamptz);
ALTER TABLE "Old Shop"."Lines" ADD CONSTRAINT "Qty chk" CHECK ("Qty" > 0) NOT VALID;
-- Each line has a foreign key to its order_id.
CREATE TABLE "Old Shop".parts (id integer PRIMARY KEY, order_id integer);
CREATE INDEX lines_qty ON "Old Shop"."Lines" ("Qty");
CREATE TABLE plain (id integer PRIMARY KEY, kind text, at timestamptz);
CREATE INDEX plain_kind ON plain (kind);
CREATE INDEX plain_at ON plain (kind, at);
-- file: checks/lines.sql
-- name: by_qty
-- uses: "lines_qty"
-- order: index
SELECT * FROM "Old Shop"."Lines" WHERE "Qty" = $1 ORDER BY at;

-- name: by_id
-- uses: plain_id
SELECT * FROM plain WHERE id = $1;

-- name: by_at
-- uses: plain_ats
SELECT * FROM plain WHERE at = $1;

-- name: by_kind
-- uses: plain_kind
-- order: index
SELECT * FROM plain WHERE kind = $1 ORDER BY at;
"""


def test_hints_name_tables_as_sql_must(server: ScratchServer, tmp_path: Path) -> None:
    report = judged(server, written(tmp_path, HINTS))
    assert {f"{finding.code} {finding.object}": finding.hint for finding in report.open} == {
        "CAT107 plain_kind": "DROP INDEX CONCURRENTLY plain_kind in a migration, or accept it with the reason",
        "CAT108 plain_at": "write the query that it is for into the checks, with `-- uses: plain_at`; or drop it "
        "in a migration",
        "CON103 Lines.Qty chk": 'ALTER TABLE "Old Shop"."Lines" VALIDATE CONSTRAINT "Qty chk" in a migration',
        "DOC102 Old Shop.parts.order_id": 'add it in a migration: ALTER TABLE "Old Shop".parts '
        "ADD FOREIGN KEY (order_id) ...",
        "PLN102 by_qty": 'CREATE INDEX CONCURRENTLY ON "Old Shop"."Lines" ("Qty", at)',
        "PLN104 by_id": "-- uses: plain_pkey",
        "PLN104 by_at": "create the index in a migration",
        "PLN102 by_kind": "-- uses: plain_at",
    }


def test_a_scratch_server_has_no_roles(server: ScratchServer, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        judged(server, written(tmp_path, "CREATE TABLE t (id integer); GRANT SELECT ON t TO nobody_here;"))
    assert caught.value.problems[0].hint.startswith("create it in a migration")
