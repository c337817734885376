"""Projects of other tools: their command builds the schema, and check, drift, snapshot and diff go on from there.

The tools are the real ones, as far as they are there; a folder of Flyway's is read without it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.project import command, execute, lay_out_project, migrate
from tests.cli.told import Pgproof
from tests.migrate.test_layout import lay_out

TOOLS = ("alembic", "django", "dbmate")
OWN = {
    "alembic": "public.alembic_version",
    "django": "public.django_migrations",
    "dbmate": "public.schema_migrations",
}
LATER = {
    "alembic": {
        "alembic/versions/ae1027a6acf_more.py": (
            "from alembic import op\nimport sqlalchemy as sa\n"
            "revision = 'ae1027a6acf'\ndown_revision = '1975ea83b712'\n"
            "def upgrade():\n    op.create_table('more', sa.Column('id', sa.Integer()))\n"
        )
    },
    "django": {
        "shop/migrations/0002_more.py": (
            "from django.db import migrations, models\n"
            "class Migration(migrations.Migration):\n    dependencies = [('shop', '0001_initial')]\n"
            "    operations = [migrations.CreateModel('More', [('id', models.BigAutoField(primary_key=True))])]\n"
        )
    },
    "dbmate": {"db/migrations/20240102000000_more.sql": "-- migrate:up\nCREATE TABLE more ();\n-- migrate:down\n"},
}
BEHIND = {
    "alembic": (
        "the database is at alembic 1975ea83b712, and `{}` builds alembic ae1027a6acf\n"
        "DETAIL: What is pending is no drift, and nobody can tell the one from the other.\n"
    ),
    "django": (
        "the database is at django shop 0001_initial, and `{}` builds django shop 0002_more\n"
        "DETAIL: Not in the database: shop 0002_more. What is pending is no drift, "
    ),
    "dbmate": (
        "the database is at dbmate 20240101000000, and `{}` builds dbmate 20240102000000\n"
        "DETAIL: Not in the database: 20240102000000. What is pending is no drift, "
    ),
}


def mend() -> None:
    path = Path("checks/jobs.sql")
    path.write_text(path.read_text().replace("running", "done"))


@pytest.mark.usefixtures("same_server")
@pytest.mark.parametrize("tool", [*TOOLS, "flyway"])
def test_check_finds_a_contradiction_and_passes_when_it_is_mended(pgproof: Pgproof, tool: str) -> None:
    lay_out_project(tool)
    told = pgproof("check")
    assert (told.code, told.err) == (1, "")
    assert "checks/jobs.sql:2:36  QRY102 query-never-matches\n" in told.out
    assert "jobs_by_status never returns a row: jobs_status_chk forbids status = 'running'\n" in told.out
    if tool in OWN:
        assert f"\nbuilt by `{shlex.join(command())}`; {OWN[tool]} is its own, and left out\n" in told.out
        assert OWN[tool].removeprefix("public.") not in told.out.replace(OWN[tool], "")
    assert "1 table ·" in told.out
    mend()
    told = pgproof("check")
    assert (told.code, told.err) == (0, ""), told.out
    # what refuses is tried, whether a file or the command itself says what there is
    assert re.search(r"check constraint jobs_status_chk exists: .*; refuses status = '\w+' \(23514\)\n", told.out)


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
def test_drift_sees_what_was_made_by_hand_and_not_what_is_pending(
    pgproof: Pgproof, database: Conninfo, tool: str
) -> None:
    """What was built is remembered as long as its files are the same."""
    lay_out_project(tool)
    migrate(database)
    told = pgproof("drift")
    assert (told.code, told.err) == (0, "")
    assert "compared with what the files build on PostgreSQL" in told.out
    assert f"note: built by `{shlex.join(command())}`; {OWN[tool]} is its own, and left out\n" in told.out
    execute(database, "CREATE INDEX by_hand ON jobs (id, status)")
    told = pgproof("drift")
    assert (told.code, told.err) == (1, "")
    assert "compared with what the files built on PostgreSQL" in told.out
    assert "+ index public.by_hand is there, and no file makes it [DRF102]\n" in told.out
    assert told.found.endswith("\n1 difference\n")
    lay_out(LATER[tool], Path())
    told = pgproof("drift")
    assert (told.code, told.out) == (4, "")
    assert BEHIND[tool].format(shlex.join(command())) in told.err


@pytest.mark.usefixtures("same_server")
def test_a_folder_of_flyway_needs_no_command(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out_project("flyway")
    assert pgproof("upgrade").code == 0
    assert pgproof("drift").code == 0
    execute(database, "CREATE INDEX by_hand ON jobs (id, status)")
    told = pgproof("drift")
    assert told.code == 1
    assert "+ index public.by_hand is there, and no file makes it [DRF102]\n" in told.out


@pytest.mark.slow
def test_the_version_of_the_database_is_built(pgproof: Pgproof, database: Conninfo) -> None:
    """What is pending is no drift, where it is known how to build up to a version."""
    lay_out_project("alembic")
    migrate(database)
    lay_out(LATER["alembic"], Path())
    upto = shlex.join([*command()[:-1], "{version}"])
    path = Path("pgproof.toml")
    path.write_text(path.read_text() + f"build-to = '''{upto}'''\n")
    told = pgproof("drift")
    assert (told.code, told.err) == (0, "")
    assert "\nat alembic 1975ea83b712, compared with" in told.out
    assert f"built by `{shlex.join([*command()[:-1], '1975ea83b712'])}`; " in told.out
    execute(database, "CREATE TABLE more ()")  # what is pending would make another one
    assert "+ table public.more is there, and no file makes it [DRF102]\n" in pgproof("drift").out


def test_all_that_is_done_with_what_is_built(pgproof: Pgproof, database: Conninfo, server: ScratchServer) -> None:
    """Who owns the tool's table runs the command, on a server of our own; it gets the roles that it misses."""
    lay_out_project("dbmate")
    path = Path("db/migrations/20240101000000_jobs.sql")
    owner, reader = "owner_of_builds", '"Re""porting"'
    grant = f"GRANT SELECT ON jobs TO {reader};\n\n-- migrate:down"
    path.write_text(path.read_text().replace("-- migrate:down", grant))
    with closing(connect(database)) as conn:
        conn.execute(f"CREATE ROLE {owner} LOGIN SUPERUSER; CREATE ROLE {reader}".encode())
    try:
        migrate(Conninfo.of(**{**dict(database.parameters), "user": owner}))
        assert pgproof("drift").code == 0
        path.write_text(path.read_text() + "-- nothing\n")
        told = pgproof("drift")
        assert (told.code, "what the files build on" in told.out) == (0, True)
        told = pgproof("snapshot", "--role", owner, "--postgres", str(server.version.major))
        assert (told.code, told.out) == (0, "db/migrations/schema.json written\n"), told.err
        facts = json.loads(Path("db/migrations/schema.json").read_text())["facts"]
        names = {tuple(name) for _, name, *_ in facts}
        assert ("public", "jobs") in names
        assert ("public", "schema_migrations") not in names
        assert "what db/migrations/schema.json says that the files build" in pgproof("drift").out
        assert pgproof("snapshot", "--check").code == 0
        told = pgproof("snapshot", "--sql")
        assert told.code == 0
        assert "CREATE TABLE public.jobs" in told.out
        assert "schema_migrations" not in told.out
        execute(database, "CREATE INDEX by_hand ON jobs (id, status)")
        for words in (
            ["drift", "--repair"],
            ["diff", os.environ["DATABASE_URL"], "build"],
            ["diff", os.environ["DATABASE_URL"], "db/migrations", "--prove"],
        ):
            told = pgproof(*words)
            assert (told.code, "\nDROP INDEX CONCURRENTLY public.by_hand;" in told.out) == (1, True), told.err
            assert "schema_migrations" not in told.out
        told = pgproof("report", "--database", os.environ["DATABASE_URL"], "--output", "page.html")
        assert (told.code, told.err) == (1, "")
        assert "by_hand" in Path("page.html").read_text()
        execute(database, "ALTER TABLE jobs DROP CONSTRAINT jobs_status_chk")
        told = pgproof("check", "--database", os.environ["DATABASE_URL"])
        assert (told.code, told.err) == (1, "")
        assert "check constraint jobs_status_chk of table jobs does not exist\n" in told.out
        assert (
            "  hint: apply its migration with the tool that has it, or add it with ALTER TABLE jobs " in told.out
        )
        mend()
        told = pgproof("explain", "jobs_by_status", "--at", "1e6")
        assert (told.code, told.err) == (0, "")
    finally:
        with closing(connect(database)) as conn:
            conn.execute(f"DROP OWNED BY {owner}, {reader}; DROP ROLE {owner}, {reader}".encode())
