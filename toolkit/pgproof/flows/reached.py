"""Whether a live database can be reached, and what its user may do there: asked in read-only transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from pgproof.database.access import Access, access
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.pooler import Pooling, kind
from pgproof.database.scratch import ScratchOptions, find_binaries
from pgproof.database.version import NEWEST_TESTED, ServerVersion
from pgproof.errors import DatabaseError
from pgproof.flows.started import dumper
from pgproof.report.doctor import Check, State
from pgproof.report.words import counted
from pgproof.sql.name import quote

_POOLERS = {
    Pooling.NONE: "no pooler in between",
    Pooling.SESSION: "a pooler in between, that lends sessions until one leaves",
    Pooling.TRANSACTION: "a pooler in between, that lends sessions by the transaction: migrations are guarded by "
    "a lease instead of a lock, and a file that would leave a setting behind is refused",
}


def look(database: Conninfo | None, options: ScratchOptions, major: int | None) -> tuple[Check, ...]:
    """What can be done there. `major` is that of the scratch server, None where there is none."""
    if database is None:
        return (
            Check(
                state=State.NO,
                what="no database is named: check needs none, upgrade, status and drift do",
                hint="export DATABASE_URL=postgresql://USER@HOST/DATABASE, or say --database URL",
                is_needed=False,
            ),
        )
    return tuple(_database(database, options, major))


def _database(database: Conninfo, options: ScratchOptions, major: int | None) -> Iterator[Check]:
    try:
        conn = connect(database)
    except DatabaseError as error:
        problem = error.problems[0]
        what = ": ".join(filter(None, (problem.message, problem.detail)))
        yield Check(state=State.NO, what=what, hint=problem.hint)
        yield Check(state=State.UNKNOWN, what="what the user may do there", is_needed=False)
        return
    with closing(conn):
        version = ServerVersion(conn.info.server_version)
        yield Check(state=State.OK, what=f"{database.description}: PostgreSQL {version}")
        if version.major > NEWEST_TESTED:
            yield Check(
                state=State.UNKNOWN,
                what=f"pgproof is tested up to PostgreSQL {NEWEST_TESTED}: what {version.major} has of its own "
                "may not be seen",
                is_needed=False,
            )
        yield from _pooler(conn, database)
        try:
            found = access(conn)
        except DatabaseError as error:
            yield Check(state=State.UNKNOWN, what=f"what the user may do: {error.problems[0].line}")
            return
    yield from _rights(found)
    if version.major != major:
        yield _drift_server(version, options)
        yield dumper(version.major, options)


def _pooler(conn: Connection, database: Conninfo) -> Iterator[Check]:
    try:
        yield Check(state=State.OK, what=_POOLERS[kind(conn, database)])
    except DatabaseError as error:
        yield Check(state=State.UNKNOWN, what=f"whether a pooler is in between: {error.problems[0].line}")


def _rights(found: Access) -> Iterator[Check]:
    yield _history(found)
    yield _upgrade(found)
    if found.has_user_mappings and not found.is_superuser:
        yield Check(
            state=State.NO,
            what="drift does not see options of user mappings: they are shown to superusers alone",
            hint="if these matter, run drift as a superuser",
            is_needed=False,
        )
    else:
        yield Check(
            state=State.OK, what="drift sees all that it compares; it needs no other right than to connect"
        )
    yield _statistics(found)
    if found.sees_sessions:
        yield Check(state=State.OK, what="sees what other sessions run: whom a statement waits for is told")
    else:
        yield Check(
            state=State.NO,
            what="does not see what other sessions run: whom a statement waits for is told without its words",
            hint=f"GRANT pg_read_all_stats TO {quote(found.role)}",
            is_needed=False,
        )
    if not found.has_statements:
        yield Check(
            state=State.NO,
            what="no pg_stat_statements in this database: check --from-stat-statements needs it",
            hint="CREATE EXTENSION pg_stat_statements (and shared_preload_libraries, where it is not there)",
            is_needed=False,
        )


def _history(found: Access) -> Check:
    if not found.has_history:
        return Check(
            state=State.NO,
            what="pgproof has applied nothing here yet: there is no history",
            hint="pgproof upgrade begins it; pgproof adopt takes over a database that others have built",
            is_needed=False,
        )
    if found.reads_history:
        return Check(state=State.OK, what="status and drift read the history")
    grants = ("USAGE ON SCHEMA pgproof", "SELECT ON ALL TABLES IN SCHEMA pgproof")
    return Check(
        state=State.NO,
        what="may not read the history: status and drift cannot run",
        hint="; ".join(f"GRANT {each} TO {quote(found.role)}" for each in grants),
    )


def _upgrade(found: Access) -> Check:
    """Whether migrations can be applied; who only reads does without."""
    why, hint = "", ""
    if found.is_standby:
        why, hint = "it is a standby, which takes no writes", "name the primary"
    elif found.is_read_only:
        why, hint = "transactions are read-only (default_transaction_read_only)", "take the setting back"
    elif found.has_history and not found.writes_history:
        why, hint = "this user may not write to the history", "name the user that runs the migrations"
    elif not found.has_history and not found.may_create:
        why = "this user may not make the schema of the history"
        hint = f"GRANT CREATE ON DATABASE {quote(found.database)} TO {quote(found.role)}"
    if why:
        return Check(state=State.NO, what=f"upgrade cannot run: {why}", hint=hint, is_needed=False)
    return Check(state=State.OK, what="upgrade can write the history; what else it needs the files say")


def _statistics(found: Access) -> Check:
    tables = counted(found.tables, "table", "tables")
    if not found.unread_tables:
        return Check(state=State.OK, what=f"stats export sees the statistics of {tables}")
    return Check(
        state=State.NO,
        what=f"stats export does not see all statistics of {found.unread_tables} of {tables}",
        hint="pgproof stats export names the GRANTs",
        is_needed=False,
    )


def _drift_server(version: ServerVersion, options: ScratchOptions) -> Check:
    """Whether there is a scratch server of the database's major, which drift builds the files on."""
    wanted = replace(options, postgres=version.major)
    if options.url is None and find_binaries(wanted)[0]:
        return Check(state=State.OK, what=f"drift finds a scratch server of PostgreSQL {version.major}, too")
    return Check(
        state=State.NO,
        what=f"no programs of PostgreSQL {version.major} here: drift builds what the files say on the same major",
        hint=f"install the server of PostgreSQL {version.major}, set PGPROOF_PG_DIR, or have Docker",
        is_needed=False,
    )
