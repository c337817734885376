"""Servers and databases for tests, as the project's settings have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from pgproof.api.migrating import upgrade
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.errors import InputError, PgproofError, Problem
from pgproof.flows import builds
from pgproof.migrate.library import load
from pgproof.pytest_plugin import ENVIRONMENT
from pgproof.pytest_plugin.choice import settings
from pgproof.settings.project import Project, builder, scratch
from pgproof.sql import role


@dataclass(frozen=True, slots=True)
class Database:
    """A database with all migrations applied. Its text shows no password; the URLs have it, if there is one."""

    conninfo: Conninfo

    @property
    def url(self) -> str:
        """Its address as psycopg, asyncpg and psql take it: `postgresql://...`."""
        return self.conninfo.secret_url()

    def sqlalchemy_url(self, driver: str = "psycopg") -> str:
        """Its address for SQLAlchemy with that driver (psycopg, asyncpg, psycopg2, ...): `postgresql+psycopg://...`."""
        return self.conninfo.secret_url(f"postgresql+{driver}")

    @property
    def name(self) -> str:
        """What it is called on its server."""
        return self.conninfo.database


class Rows(Protocol):
    """What the fixture pgproof_rows is."""

    def __call__(self, table: str, count: int = 1, /, **values: object) -> list[dict[str, Any]]:
        """Put so many rows into the table, with these values, and give them."""


def scratch_options(config: pytest.Config) -> ScratchOptions:
    """Where servers come from: pytest's options, else the project's settings. Raises InputError."""
    url, major = config.getoption("--pgproof-server"), config.getoption("--pgproof-postgres")
    environment = config.stash[ENVIRONMENT]
    return scratch(settings(config), environment, url=url, postgres=major)


@contextmanager
def told() -> Iterator[None]:
    """What a person has to mend is told as that, without the way that it took through pgproof."""
    __tracebackhide__ = True
    try:
        yield
    except PgproofError as error:
        said = str(error)
    else:
        return
    pytest.fail(f"pgproof: {said}", pytrace=False)


@contextmanager
def server(config: pytest.Config) -> Iterator[ScratchServer]:
    """A scratch server."""
    with ExitStack() as stack:
        with told():
            opened = stack.enter_context(open_scratch(scratch_options(config)))
        yield opened


@contextmanager
def template(config: pytest.Config, on: ScratchServer) -> Iterator[str]:
    """The name of a database that the project's migrations, or its command, have built, with nobody connected."""
    with ExitStack() as stack:
        with told():
            said = settings(config)
            environment = config.stash[ENVIRONMENT]
            command = builder(said, environment)
            conninfo = stack.enter_context(builds.database(on, command) if command else _migrated(said, on))
        yield conninfo.database


@contextmanager
def _migrated(said: Project, on: ScratchServer) -> Iterator[Conninfo]:
    folder = shown(said.migrations)
    library = load(folder, said.variables, layout=said.layout)
    on.lend_roles(role.named(s for each in library.migrations for s in each.up.statements))
    with on.database() as conninfo:
        upgrade(conninfo, folder, variables=said.variables, layout=said.layout)
        yield conninfo


def shown(folder: Path) -> Path:
    """The folder as a person would write it."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


@contextmanager
def database(on: ScratchServer, copied: str) -> Iterator[Database]:
    """A copy of a database."""
    with ExitStack() as stack:
        with told():
            conninfo = stack.enter_context(on.database(copied))
        yield Database(conninfo)


def rows(of: Database) -> Rows:
    """What puts rows into a database."""

    def put(table: str, count: int = 1, /, **values: object) -> list[dict[str, Any]]:
        __tracebackhide__ = True
        try:
            return _put(of, table, count, values)
        except PgproofError as error:
            said = str(error)
        pytest.fail(f"pgproof: {said}", pytrace=False)

    return put


def _put(of: Database, table: str, count: int, values: Mapping[str, object]) -> list[dict[str, Any]]:
    from pgproof.synth.addition import add

    if count < 1:
        raise InputError(Problem(message=f"{count} rows cannot be put in", hint="ask for 1 or more"))
    with closing(connect(of.conninfo)) as conn:
        return add(conn, table, count, values)
