"""The plugin for pytest: fixtures for databases that migrations build, and the promises of files as tests.

pytest loads this file in every project where pgproof is installed, so that it imports nothing but pytest: what
costs time is loaded by the first test that asks for it. `pytest -p no:pgproof` does without.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchServer
    from pgproof.pytest_plugin.provision import Database, Rows

__all__ = ["Database", "Rows"]
_Scope = Literal["session", "package", "module", "class", "function"]
_SCOPES = ("function", "class", "module", "package", "session")
ENVIRONMENT = pytest.StashKey[dict[str, str]]()
"""The environment as it was before any test could change it."""
SHARED = pytest.StashKey[str]()
"""The folder in which the processes of pytest-xdist leave for each other what they have found; "" without it."""


def __getattr__(name: str) -> object:
    """The types of what the fixtures give, for tests that say them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pgproof.pytest_plugin import provision

    return getattr(provision, name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and what may be in pytest's own settings."""
    group = parser.getgroup("pgproof", "databases that migrations build")
    group.addoption(
        "--pgproof-server",
        metavar="URL",
        help="a server on which to make and drop databases; else as `pgproof check` finds one",
    )
    group.addoption(
        "--pgproof-postgres", metavar="MAJOR", type=int, help="the major of the server, for example 16"
    )
    parser.addini(
        "pgproof",
        "collect the promises, constraints and migrations of all files that pgproof knows, and not only of "
        "those whose folder is named (pytest checks/ migrations/)",
        type="bool",
    )
    parser.addini(
        "pgproof_scope",
        "how long a pgproof_db lives: function (the default), class, module, package, session",
        default="function",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Remember the environment, and look at the settings."""
    config.stash[ENVIRONMENT] = dict(os.environ)
    if (said := config.getini("pgproof_scope")) not in _SCOPES:
        raise pytest.UsageError(f'pgproof_scope is "{said}"; write one of {", ".join(_SCOPES)}')
    # of pytest-xdist, a worker hears of the folder from the process that has started it
    config.stash[SHARED] = str(getattr(config, "workerinput", {}).get("pgproof", ""))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the folder is (it makes it when there is something to leave)."""
    if not node.config.stash[SHARED]:
        node.config.stash[SHARED] = str(Path(gettempdir()) / f"pgproof-pytest-{uuid4().hex}")
    node.workerinput["pgproof"] = node.config.stash[SHARED]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder when all workers are done."""
    shared = config.stash.get(SHARED, "")
    if shared and not hasattr(config, "workerinput"):
        rmtree(shared, ignore_errors=True)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """A file of migrations or checks, where these are to be tested."""
    if file_path.suffix != ".sql" and not (file_path.suffix == ".py" and file_path.name[:1].isdigit()):
        return None
    from pgproof.errors import InputError
    from pgproof.pytest_plugin.choice import is_wanted

    try:
        if not is_wanted(file_path, parent.config):
            return None
    except InputError as error:
        raise parent.CollectError(str(error)) from None
    from pgproof.pytest_plugin.collection import File

    return File.from_parent(parent, path=file_path)


@pytest.fixture(scope="session")
def pgproof_server(pytestconfig: pytest.Config) -> Iterator[ScratchServer]:
    """A PostgreSQL server for the whole run (of pytest-xdist, one for each worker), gone when it ends.

    A pgproof.database.scratch.ScratchServer: `database()` gives empty databases, `version` and `conninfo` say what
    it is.
    """
    from pgproof.pytest_plugin.provision import server

    with server(pytestconfig) as opened:
        yield opened


@pytest.fixture(scope="session")
def _pgproof_template(pytestconfig: pytest.Config, pgproof_server: ScratchServer) -> Iterator[str]:
    """The database that the others are copies of."""
    from pgproof.pytest_plugin.provision import template

    with template(pytestconfig, pgproof_server) as name:
        yield name


def _scope(fixture_name: str, config: pytest.Config) -> _Scope:  # noqa: ARG001  (pytest names them)
    return cast(_Scope, config.getini("pgproof_scope"))


@pytest.fixture(scope=_scope)
def pgproof_db(pgproof_server: ScratchServer, _pgproof_template: str) -> Iterator[Database]:
    """A database with all migrations applied, for one test alone: `url` is its address.

    `sqlalchemy_url()` is its address for SQLAlchemy. It is dropped behind the test, whoever is still connected.
    With `pgproof_scope = "session"` in pytest's settings, all tests have the same (of pytest-xdist, of a worker).
    """
    from pgproof.pytest_plugin.provision import database

    with database(pgproof_server, _pgproof_template) as made:
        yield made


@pytest.fixture(scope=_scope)
def pgproof_rows(pgproof_db: Database) -> Rows:
    """Rows that fit: `pgproof_rows("jobs", 10, status="failed")` puts them into pgproof_db, and gives them.

    Each is a dict of the row's values. What they refer to is put in as well; values that are not said are made up
    to fit the constraints, the same in every run.
    """
    from pgproof.pytest_plugin.provision import rows

    return rows(pgproof_db)
