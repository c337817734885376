"""What callers give, as the values that `flows` take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pgproof.database.cachedir import cache_dir
from pgproof.errors import InputError, Problem
from pgproof.settings import project as settings
from pgproof.settings.project import Project
from pgproof.sql.name import nearest

if TYPE_CHECKING:
    from pgproof.database.builder import Builder
    from pgproof.database.connection import Connection
    from pgproof.database.conninfo import Conninfo
    from pgproof.database.scratch import ScratchOptions

Database: TypeAlias = "str | Conninfo | Connection"  # in a text: the driver is loaded by who connects
"""A libpq URL, keywords or a name (an empty text leaves all to libpq's variables), or a connection to it."""
Migrations = str | Path | Project
"""The folder of migrations; or a project, of which counts whatever is not given besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Which migrations there are, and how they are read; with a `builder` its command builds the schema."""

    folder: Path
    variables: Mapping[str, object]
    layout: str | None
    builder: Builder | None

    @property
    def home(self) -> Path:
        """Where the files that are kept beside the migrations lie."""
        return self.builder.home if self.builder else self.folder


def project(folder: str | Path = ".") -> Project:
    """The project that a folder is in: what its pgproof.toml or [tool.pgproof] and PGPROOF_* say, as for commands.

    It is given in the place of the folder of migrations. Then its `migrations`, `checks`, `variables`, `layout`,
    `build` and scratch servers count, but for what is given besides. `database` is what DATABASE_URL says, and is
    given like any other. `origins` says of each setting that is not a default where it was said.

    Raises InputError with all mistakes in the settings, and where there is no such folder.

    >>> here = pgproof.project()
    >>> here.migrations.as_posix(), here.layout, here.variables
    ('migrations', None, {})
    >>> pgproof.upgrade(database, here, to="01").migrations
    ('01-uuid.sql',)
    """
    if not Path(folder).is_dir():
        raise InputError(Problem(message=f"no such folder: {folder}", hint="name a folder of the project"))
    return settings.read(Path(folder), os.environ)


def scratch(
    *,
    url: str | None = None,
    pg_bin: str | Path | None = None,
    postgres: int | None = None,
    project: Project | None = None,
) -> ScratchOptions:
    """Where scratch servers come from: what `--scratch-url`, `--pg-bin` and `--postgres` say.

    `url` is a server on which databases are made and dropped, `pg_bin` the folder of PostgreSQL's programs,
    `postgres` the major wanted. What is not given is what the `project` says; without one, what
    PGPROOF_SCRATCH_URL, PGPROOF_PG_BIN, PGPROOF_POSTGRES, PGPROOF_PG_DIR and PGPROOF_POSTGRES_IMAGE say; else what
    is found. Raises InputError.

    >>> pgproof.scratch(postgres=15).postgres
    15
    """
    said = settings.without_file(os.environ) if project is None else project
    folder = Path(pg_bin) if pg_bin is not None else None
    return settings.scratch(said, os.environ, url=url, pg_bin=folder, postgres=postgres)


def servers(given: ScratchOptions | None, migrations: Migrations, *, any_major: bool = False) -> ScratchOptions:
    """Where scratch servers come from; with `any_major` whoever asks knows which one it has to be."""
    found = given or scratch(project=migrations if isinstance(migrations, Project) else None)
    return replace(found, postgres=None) if any_major else found


def conninfo(database: Database) -> Conninfo:
    """The address. Of a connection, it is where that leads; pgproof opens its own."""
    from pgproof.database.conninfo import Conninfo

    if isinstance(database, Conninfo):
        return database
    if isinstance(database, str):
        return Conninfo.parse(database)
    password = {"password": database.info.password} if database.info.password else {}
    return Conninfo.of(**database.info.get_parameters(), **password)


def files(
    migrations: Migrations,
    variables: Mapping[str, object] | None,
    layout: str | None = None,
    build: Sequence[str] = (),
) -> Files:
    """The migrations, or the command of the words `build`, which is run in the current folder."""
    said = _said(migrations)
    if build:
        said = replace(said, build=tuple(build), build_to=(), build_inputs=(), folder=Path(), places={})
        said = replace(said, origins={"build": "build"})
    return Files(
        folder=said.migrations,
        variables={**said.variables, **(variables or {})},
        layout=said.layout if layout is None else layout,
        builder=settings.builder(said, os.environ),
    )


def own_files(
    migrations: Migrations, variables: Mapping[str, object] | None = None, layout: str | None = None
) -> Files:
    """The same for what is about pgproof's own migrations. Raises InputError where the project has none."""
    settings.refuse_builder(_said(migrations), "run that tool; or give a folder of SQL")
    return files(migrations, variables, layout)


def checks_folder(given: str | Path | None, migrations: Migrations) -> Path | None:
    """The folder of checks; where none is given, that of the project, if it is there. Raises InputError."""
    folder = Path(given) if given is not None else None
    return settings.folder_of_checks(_said(migrations), folder, "name a folder that is there, or none")


def choice(name: str, word: str, words: Iterable[str]) -> str:
    """The value of the parameter of that name, if it is one of these words. Raises InputError."""
    known = tuple(words)
    if word not in known:
        meant = nearest(word, known)
        hint = f'did you mean "{meant}"?' if meant else f"say one of {', '.join(known)}"
        raise InputError(Problem(message=f'{name} cannot be "{word}"', hint=hint))
    return word


def cache() -> Path | None:
    """Where to remember what was found in folders."""
    return cache_dir(os.environ)


def _said(migrations: Migrations) -> Project:
    if isinstance(migrations, Project):
        return migrations
    return replace(settings.without_file({}), migrations=Path(migrations))
