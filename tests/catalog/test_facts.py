"""Facts of a database: what is the same anywhere is the same, and each change is seen, on every major."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.scratch import ScratchServer, find_binaries
from pgproof.drift.compare import compare
from tests.catalog.everything import built, roles_for
from tests.conftest import OPTIONS

pytestmark = pytest.mark.slow
# of the database, not in it: what pg_dump --schema-only leaves to pg_dump --create and to pg_dumpall
NOT_DUMPED = {"pg_db_role_setting", "pg_seclabel"}


def facts(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return extract(conn, options=frozenset({"roles", "positions"}))


def test_each_value_that_changes_is_seen(
    major_server: ScratchServer, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Recall: each change of changes.sql is seen, and between them they change every value that is compared."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        before = facts(conn)
        assert before.unmodelled == ()
        changes = list(found.changes(conn.info.dbname))
        seen: set[tuple[str, str]] = set()
        unseen: list[str] = []
        for change in changes:
            conn.execute("BEGIN")
            conn.execute(change.encode())
            differences = compare(before, facts(conn))
            conn.execute("ROLLBACK")
            seen |= {(each.fact.catalog, word) for each in differences for word in each.values}
            unseen += [] if differences else [change]
        assert compare(before, facts(conn)) == ()
    compared = {(catalog, word) for catalog, words in before.words.items() for word in words}
    told = (
        f"{len(changes) - len(unseen)} of {len(changes)} changes, {len(compared & seen)} of {len(compared)} values"
    )
    record_testsuite_property(f"recall on PostgreSQL {found.major}", told)
    assert unseen == []
    assert compared - seen == set()


def test_another_database_of_the_same_files_is_the_same(major_server: ScratchServer) -> None:
    with (
        roles_for(major_server.conninfo) as found,
        built(found, major_server) as one,
        built(found, major_server) as other,
    ):
        assert compare(facts(one), facts(other)) == ()


def test_a_database_that_pg_dump_has_rebuilt_is_the_same(major_server: ScratchServer) -> None:
    program = _pg_dump(major_server.version.major)
    with roles_for(major_server.conninfo) as found, built(found, major_server) as one:
        address = major_server.conninfo.with_database(one.info.dbname).secret
        command = [program, "--schema-only", "--no-security-labels", address]
        dump = subprocess.run(command, capture_output=True, text=True)
        assert dump.returncode == 0, dump.stderr
        script = re.sub(r"^\\(un)?restrict .*$", "", dump.stdout, flags=re.MULTILINE)
        if found.major < 17:
            script = script.replace(
                "SET transaction_timeout = 0;", ""
            )  # of a pg_dump that is newer than the server
        with built(found, major_server, script) as other:
            unlike = compare(facts(one), facts(other))
    assert {each.fact.catalog for each in unlike} <= NOT_DUMPED


def _pg_dump(major: int) -> Path:
    """One that is not older than the server, and as near to it as can be had."""
    found, _ = find_binaries(OPTIONS)
    there = [(each.version.major, each.directory / "pg_dump") for each in found]
    fitting = sorted((each, program) for each, program in there if each >= major and program.exists())
    if not fitting:
        pytest.skip(f"no pg_dump of PostgreSQL {major} or later")
    return fitting[0][1]
