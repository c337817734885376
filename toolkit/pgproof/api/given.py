"""What callers give, as the values that `flows` take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.database.connection import Connection
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, environment_options

if TYPE_CHECKING:
    from pgproof.database.builder import Builder

Database = str | Conninfo | Connection
"""A libpq URL, keywords or a name (an empty text leaves all to libpq's variables), or a connection to it."""


def scratch(
    *, url: str | None = None, pg_bin: str | Path | None = None, postgres: int | None = None
) -> ScratchOptions:
    """Where scratch servers come from: what `--scratch-url`, `--pg-bin` and `--postgres` say.

    `url` is a server on which databases are made and dropped, `pg_bin` the folder of PostgreSQL's programs,
    `postgres` the major wanted. What is not said is what PGPROOF_SCRATCH_URL, PGPROOF_PG_DIR and
    PGPROOF_POSTGRES_IMAGE say, else what is found; settings in files are for the command. Raises InputError.

    >>> pgproof.scratch(postgres=15).postgres
    15
    """
    is_said = bool(url) or pg_bin is not None
    found = environment_options({**os.environ, "PGPROOF_SCRATCH_URL": ""} if is_said else os.environ)
    return replace(
        found,
        url=Conninfo.parse(url) if url else found.url,
        pg_bin=Path(pg_bin) if pg_bin is not None else None,
        postgres=postgres,
    )


def conninfo(database: Database) -> Conninfo:
    """The address. Of a connection, it is where that leads; pgproof opens its own."""
    if isinstance(database, Conninfo):
        return database
    if isinstance(database, str):
        return Conninfo.parse(database)
    password = {"password": database.info.password} if database.info.password else {}
    return Conninfo.of(**database.info.get_parameters(), **password)


def builder(words: Sequence[str], migrations: str | Path) -> Builder | None:
    """The command of these words, which is run in the current folder; None for no words."""
    if not words:
        return None
    from pgproof.database.builder import Builder
    from pgproof.place import Place

    folder = Path(migrations)
    return Builder(
        words=tuple(words),
        folder=Path(),
        home=folder if folder.is_dir() else Path(),
        environment=dict(os.environ),
        migrations=folder,
        place=Place(path="build", line=1),
        origin="build",
    )


def checks_folder(given: str | Path | None) -> Path | None:
    """The folder of checks; where none is named, `checks`, if it is there. Raises InputError."""
    from pgproof.errors import InputError, Problem

    if given is None:
        return Path("checks") if Path("checks").is_dir() else None
    if not Path(given).is_dir():
        raise InputError(Problem(message=f"no such folder: {given}", hint="name a folder that is there, or none"))
    return Path(given)
