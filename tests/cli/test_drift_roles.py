"""`pgproof drift --roles`: what the files make and change of the roles of a cluster, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.parametrize("major_server", [14, 18], indirect=True, ids=["pg14", "pg18"])

FILE = """-- migrate:up
CREATE ROLE app CONNECTION LIMIT 3 VALID UNTIL '2031-01-01 00:00:00+00';
DO $$ BEGIN IF to_regrole('Writers') IS NULL THEN CREATE ROLE "Writers"; END IF; END $$;
GRANT "Writers" TO app;
ALTER ROLE app SET search_path = a, "B c";
ALTER ROLE app SET work_mem = '7MB';
COMMENT ON ROLE app IS 'the program';
ALTER ROLE guest NOLOGIN;
ALTER ROLE guest SET lock_timeout = '1s';
GRANT guest TO app;
"""
CHANGES = """
ALTER ROLE app SUPERUSER NOINHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS
    CONNECTION LIMIT 4 VALID UNTIL 'infinity' PASSWORD 'unsaid';
COMMENT ON ROLE app IS 'a program';
ALTER ROLE app SET search_path = a;
ALTER ROLE app RESET work_mem;
ALTER ROLE "Writers" SET work_mem = '9MB';
GRANT "Writers" TO app WITH ADMIN OPTION;
GRANT "Writers" TO guest;
REVOKE guest FROM app;
ALTER ROLE guest LOGIN CREATEDB;
ALTER ROLE guest SET lock_timeout = '2s';
ALTER ROLE guest SET work_mem = '1MB';
"""
LINES = """
~ role app: superuser is yes, the files say no [DRF103]
~ role app: inherit is no, the files say yes [DRF103]
~ role app: create role is yes, the files say no [DRF103]
~ role app: create database is yes, the files say no [DRF103]
~ role app: login is yes, the files say no [DRF103]
~ role app: replication is yes, the files say no [DRF103]
~ role app: bypass row security is yes, the files say no [DRF103]
~ role app: connection limit is 4, the files say 3 [DRF103]
~ role app: valid until is infinity, the files say 2031-01-01 00:00:00+00 [DRF103]
~ role guest: login is yes, the files say no [DRF103]
~ membership of app in "Writers": admin option is yes, the files say no [DRF103]
+ membership of guest in "Writers" is there, and no file makes it [DRF102]
- membership of app in guest is missing [DRF101]
~ role app: comment is a program, the files say the program [DRF103]
+ setting of role "Writers": settings work_mem=9MB is there, and no file makes it [DRF102]
~ setting of role app: settings is search_path=a, the files say search_path=a, "B c"; work_mem=7MB [DRF103]
~ setting of role guest: settings is lock_timeout=2s, the files say lock_timeout=1s [DRF103]
"""
SAME = "no drift: the database is what the files say"
ROLES = ("app", '"Writers"', "guest", "stranger")


@pytest.fixture
def database(major_database: Conninfo) -> Conninfo:
    """The database that is asked about."""
    return major_database


@pytest.fixture
def conn(pgproof: Pgproof, database: Conninfo) -> Iterator[psycopg.Connection]:
    """The database as the files make it, on a cluster with roles of others."""
    write(Path("migrations"), {"1-roles.sql": FILE})
    with closing(connect(database)) as opened:
        opened.execute("CREATE ROLE guest LOGIN NOINHERIT; CREATE ROLE stranger SUPERUSER IN ROLE guest")
        try:
            assert pgproof("upgrade").code == 0
            yield opened
        finally:
            for role in ROLES:
                opened.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_what_the_files_make_of_roles(
    pgproof: Pgproof, conn: psycopg.Connection, major_server: ScratchServer
) -> None:
    told = pgproof("drift", "--roles")
    assert (told.code, told.err, told.out.splitlines()[2:]) == (0, "", [SAME])

    conn.execute("ALTER ROLE stranger NOLOGIN; GRANT guest TO stranger WITH ADMIN OPTION")
    conn.execute(CHANGES.encode())
    assert pgproof("drift").code == 0
    told = pgproof("drift", "--roles")
    assert (told.code, told.err) == (1, "")
    *lines, count = told.found.splitlines()[2:]
    assert sorted(lines) == sorted(LINES.strip().splitlines())
    assert count == "9 differences"

    plan = pgproof("drift", "--roles", "--repair")
    assert "unsaid" not in plan.out
    conn.execute(plan.out.encode())
    told = pgproof("drift", "--roles", "--full")
    assert (told.code, told.out.splitlines()[2:]) == (0, [SAME])
    row = conn.execute("SELECT rolcreatedb, rolconfig FROM pg_roles WHERE rolname = 'guest'").fetchone()
    assert row == (True, ["lock_timeout=1s", "work_mem=1MB"])  # of which the files say nothing

    conn.execute('DROP ROLE "Writers"')
    plan = pgproof("drift", "--roles", "--repair")
    assert '- role "Writers" is missing' in pgproof("drift", "--roles").out
    conn.execute(plan.out.encode())
    assert pgproof("drift", "--roles").code == 0
    there = major_server.roles()
    assert {"app", "Writers", "guest", "stranger"} <= there


PUT_TOGETHER = """-- migrate:up
CREATE TABLE t ();
DO $$
DECLARE it text;
BEGIN
  FOREACH it IN ARRAY ARRAY['Writers', 'app'] LOOP
    EXECUTE format('CREATE ROLE %I CONNECTION LIMIT 3', it);
  END LOOP;
  IF to_regrole('gu' || 'est') IS NULL THEN EXECUTE 'CREATE ROLE gu' || 'est CONNECTION LIMIT 3'; END IF;
END $$;
GRANT SELECT ON t TO app, "Writers";
COMMENT ON ROLE stranger IS 'of others';
"""


def test_roles_whose_names_are_put_together(pgproof: Pgproof, database: Conninfo) -> None:
    """They are the files' own; a comment alone, on a role of others, comes back."""
    write(Path("migrations"), {"1-roles.sql": PUT_TOGETHER})
    with closing(connect(database)) as conn:
        conn.execute("CREATE ROLE stranger")
        try:
            assert pgproof("upgrade").code == 0
            for words in ((), ("--roles",)):
                told = pgproof("drift", *words)
                assert (told.code, told.err, told.out.splitlines()[2:]) == (0, "", [SAME])
            conn.execute('ALTER ROLE app CREATEDB; ALTER ROLE "Writers" LOGIN; ALTER ROLE guest CREATEROLE')
            conn.execute("COMMENT ON ROLE stranger IS NULL")
            told = pgproof("drift", "--roles")
            assert sorted(told.found.splitlines()[2:-1]) == [
                "- role stranger: comment of others is missing [DRF101]",
                '~ role "Writers": login is yes, the files say no [DRF103]',
                "~ role app: create database is yes, the files say no [DRF103]",
                "~ role guest: create role is yes, the files say no [DRF103]",
            ]
            plan = pgproof("drift", "--roles", "--repair", "--prove")
            assert "COMMENT ON ROLE stranger IS 'of others';" in plan.out
            assert "4 statements about roles were neither measured nor proved: " in plan.err
            conn.execute(plan.out.encode())
            assert pgproof("drift", "--roles").code == 0
            conn.execute("COMMENT ON ROLE stranger IS 'another'")
            conn.execute(pgproof("drift", "--roles", "--repair").out.encode())
            assert pgproof("drift", "--roles").code == 0
            conn.execute("DROP SCHEMA pgproof CASCADE")
            assert pgproof("adopt", "--to", "1").code == 0
        finally:
            for name in ROLES:
                conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_who_may_make_roles_is_no_superuser(
    pgproof: Pgproof, database: Conninfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server gives to whoever makes a role is no difference, nor who grants."""
    with closing(connect(database)) as conn:
        conn.execute("CREATE ROLE maker LOGIN CREATEROLE; CREATE ROLE guest")
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO maker".encode())
        try:
            monkeypatch.setenv(
                "DATABASE_URL", Conninfo.of(**{**dict(database.parameters), "user": "maker"}).secret
            )
            write(Path("migrations"), {"1-r.sql": "CREATE ROLE app;\nGRANT app TO guest WITH ADMIN OPTION;\n"})
            assert pgproof("upgrade").code == 0
            told = pgproof("drift", "--roles")
            assert (told.code, told.err, told.out.splitlines()[2:]) == (0, "", [SAME])
            conn.execute("GRANT app TO CURRENT_USER")
            told = pgproof("drift", "--roles")
            assert re.search(
                r"^\+ membership of \w+ in app is there, and no file makes it \[DRF102\]$", told.out, re.MULTILINE
            )
            conn.execute("DROP SCHEMA pgproof CASCADE")
            told = pgproof("adopt", "--to", "1")
            assert told.code == 0, told
        finally:
            conn.execute("DROP OWNED BY maker, guest; DROP ROLE app; DROP ROLE maker, guest")
