"""A scratch server, and databases on it that disappear."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.failure import problem
from pgproof.database.queries import query
from pgproof.database.scratch.attempt import Attempt
from pgproof.database.scratch.leftover import mark, unmark
from pgproof.database.scratch.marker import Marker
from pgproof.database.scratch.termination import undone
from pgproof.database.version import ServerVersion
from pgproof.errors import DatabaseError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchServer:
    """A server on which databases may come and go.

    `provider` names it for people ("local binaries, /usr/lib/postgresql/15/bin"); `conninfo` is its maintenance
    database. `data_directory` is known where the cluster is our own (made by our initdb: we are superuser, and
    its files may be written to); `marker` is how it is known again. `marks` is the folder of the marks of
    databases on a server of the user's (leftover.py). `tried` are the providers that came before and could not.
    """

    provider: str
    version: ServerVersion
    conninfo: Conninfo
    data_directory: Path | None = None
    marker: Marker | None = None
    marks: Path | None = None
    tried: tuple[Attempt, ...] = ()

    @property
    def is_own_cluster(self) -> bool:
        """True if our initdb made it."""
        return self.data_directory is not None

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[Conninfo]:
        """A fresh database, dropped afterwards with whoever is still connected (on SIGTERM too).

        Empty, or a copy of the database `template`, to which nobody may be connected. Raises DatabaseError.
        """
        name = f"pgproof_scratch_{os.getpid()}_{fresh_word(4)}"
        with mark(self.marks, name, self.conninfo), undone(lambda: self.drop(name)):
            self._create(name, template)
            yield self.conninfo.with_database(name)

    def lend_roles(self, names: Sequence[str]) -> None:
        """Make the roles that are missing, without any right to log in; only in a cluster of our own.

        Files may grant to roles that belong to no migration, since they are those of a whole cluster.
        """
        if not self.is_own_cluster or not names:
            return
        there = self.roles()
        with connect(self.conninfo) as conn:
            for name in dict.fromkeys(names):
                if name not in there and not name.startswith("pg_"):
                    conn.execute(sql.SQL("CREATE ROLE {}").format(_id(name)))

    def roles(self) -> frozenset[str]:
        """The names of the roles that are there. Raises DatabaseError."""
        with connect(self.conninfo) as conn:
            return frozenset(row[0] for row in conn.execute("SELECT rolname::text FROM pg_catalog.pg_roles"))

    def drop_roles(self, but: Collection[str]) -> None:
        """Drop all roles but these, where no database of ours is left; only in a cluster of our own.

        Of one that cannot be dropped nothing is said: whoever makes it again hears of it from the server.
        """
        if not self.is_own_cluster:
            return
        with connect(self.conninfo) as conn:
            for name in sorted(self.roles() - frozenset(but)):
                with suppress(psycopg.Error):
                    conn.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(_id(name)))

    def admit(self, names: Collection[str], *, login: bool = True, superuser: bool = True) -> None:
        """Let these roles, which are there, log in as superusers, or no more; only in a cluster of our own."""
        if not self.is_own_cluster or not names:
            return
        words = f"{'' if login else 'NO'}LOGIN {'' if superuser else 'NO'}SUPERUSER"
        with connect(self.conninfo) as conn:
            for name in names:
                conn.execute(sql.SQL("ALTER ROLE {} {}").format(_id(name), sql.SQL(words)))

    def drop(self, name: str) -> None:
        """Drop a database of ours, if it is there, with whoever is connected. Raises DatabaseError."""
        if self.is_own_cluster:  # it goes with its cluster anyway, which may be gone already
            with suppress(DatabaseError, psycopg.Error):
                self._drop(name)
            return
        try:
            self._drop(name)
        except (DatabaseError, psycopg.Error) as error:
            why = error.problems[0].detail if isinstance(error, DatabaseError) else problem(error).message
            left = Problem(
                message=f'scratch database "{name}" could not be dropped',
                detail=why,
                hint=f"drop it yourself: dropdb --force {name}",
            )
            raise DatabaseError(left) from None
        unmark(self.marks, name)

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_id(name))
        with connect(self.conninfo) as conn:
            try:
                conn.execute(statement)
            except psycopg.errors.ObjectInUse:
                self._unsubscribe(name)
                conn.execute(statement)

    def _unsubscribe(self, name: str) -> None:
        """Drop the subscriptions of a database: no server drops it before (dropdb in dbcommands.c).

        Their slots stay where they are: one of the same name may be production's (DROP SUBSCRIPTION).
        """
        with connect(self.conninfo.with_database(name)) as conn:
            found = conn.execute(query("subscriptions")).fetchall()
            for subscription in (_id(row[0]) for row in found):
                for words in ("ALTER SUBSCRIPTION {} DISABLE", "ALTER SUBSCRIPTION {} SET (slot_name = NONE)"):
                    conn.execute(sql.SQL(words).format(subscription))
                conn.execute(sql.SQL("DROP SUBSCRIPTION {}").format(subscription))

    def _create(self, name: str, template: str | None) -> None:
        words: list[sql.Composable] = [
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(_id(name), _id(template or "template0"))
        ]
        if template is None:
            words.append(sql.SQL("ENCODING 'UTF8'"))
        if self.is_own_cluster and self.version.major >= 15:
            # no WAL of every page; before 15 there is no other way than this one. Cheap where fsync is off.
            words.append(sql.SQL("STRATEGY file_copy"))
        with connect(self.conninfo) as conn:
            try:
                conn.execute(sql.SQL(" ").join(words))
            except psycopg.Error as error:
                raise DatabaseError(_creation_problem(error, self)) from error


def fresh_word(size: int) -> str:
    """A word of `size` random bytes: many machines may use one server, and a container's port is open to all."""
    return secrets.token_hex(size)


def _creation_problem(error: psycopg.Error, server: ScratchServer) -> Problem:
    refused = problem(error)
    hint = refused.hint
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        hint = "use a role that may create databases: ALTER ROLE ... CREATEDB"
    return Problem(
        message=f"cannot create a scratch database on {server.provider}",
        detail=f"The server says: {refused.message}. {refused.detail}".strip(),
        hint=hint,
        sqlstate=refused.sqlstate,
    )


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)
