"""What writes the files of a project: `init`, `new`, `squash`, and the digests of migrations."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pgproof.api.given import Migrations, choice, own_files, servers

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions
    from pgproof.flows.init import Found, Piece
    from pgproof.flows.squash import Squashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file, and whether it is another one now: one that was as it should be is left alone."""

    path: Path
    is_changed: bool


def init(folder: str | Path = ".") -> tuple[Piece, ...]:
    """Make a folder a project, what is missing of it: what `pgproof init` does. Nothing that is there is changed.

    Each piece says its `path` in the folder, the `deed` ("written", "added to", "left"), and `what` it is.

    Raises InputError where the settings that are there are wrong, or the folder cannot be written.

    >>> [(piece.path, str(piece.deed)) for piece in pgproof.init("shop")][0]
    ('migrations/01-create-notes.sql', 'written')
    """
    from pgproof.flows.init import init as begin

    return begin(Path(folder), _found(Path(folder)))


def new(
    name: str,
    migrations: Migrations = "migrations",
    *,
    numbering: Literal["number", "timestamp"] | None = None,
) -> tuple[Path, ...]:
    """Create an empty migration, as `pgproof new` does: the file, or the two of folders that have pairs.

    `numbering` says whether its version is the next number or the time in UTC (None: as the folder does).

    Raises InputError: a name without a letter or digit, another numbering, a folder that cannot be written.

    >>> [path.name for path in pgproof.new("add region to agents", "migrations")]
    ['10-add-region-to-agents.sql']
    """
    from pgproof.flows.new import new as create
    from pgproof.migrate.naming import Numbering

    how = None if numbering is None else Numbering(choice("numbering", numbering, Numbering))
    return create(own_files(migrations).folder, name, now=datetime.now(UTC), numbering=how)


def squash(
    to: str,
    migrations: Migrations = "migrations",
    *,
    variables: Mapping[str, object] | None = None,
    scratch: ScratchOptions | None = None,
) -> Squashed:
    """Write one baseline file that builds what all migrations up to a version build, as `pgproof squash` does.

    That it does is shown on a scratch server before. Of what comes back, `path` is the file, `replaced` are the
    migrations that it stands for. They stay.

    Raises InputError and DatabaseError; then nothing is written.

    >>> pgproof.squash("07", "migrations").path.name
    'baseline-07.sql'
    """
    from pgproof.flows.squash import squash as write

    files = own_files(migrations, variables)
    return write(files.folder, to, variables=files.variables, scratch=servers(scratch, migrations))


def write_sum(
    migrations: Migrations = "migrations",
    *,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
) -> Written:
    """Write `pgproof.sum`, the digests of the migration files, as `pgproof sum` does. Raises InputError.

    >>> pgproof.write_sum("migrations").is_changed
    False
    """
    from pgproof.flows.sum import write

    files = own_files(migrations, variables, layout)
    path, is_changed = write(files.folder, variables=files.variables, layout=files.layout)
    return Written(path=path, is_changed=is_changed)


def check_sum(
    migrations: Migrations = "migrations",
    *,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
) -> Path:
    """The path of `pgproof.sum`, which agrees with the files. Raises InputError with all in which it does not.

    >>> pgproof.check_sum("migrations").name
    'pgproof.sum'
    """
    from pgproof.flows.sum import check

    files = own_files(migrations, variables, layout)
    return check(files.folder, variables=files.variables, layout=files.layout)


def _found(top: Path) -> Found:
    """What settings there are. Raises InputError with all mistakes in them."""
    from pgproof.flows.init import Found
    from pgproof.settings.file import SHARED, there

    written = there(top)
    if written is None:
        return Found(into=SHARED if _takes_a_section(top / SHARED) else "")
    said = {
        key: Path(os.path.relpath(value, top)).as_posix()
        for key, value in written.values.items()
        if isinstance(value, Path)
    }
    return Found(file=written.file, migrations=said.get("migrations"), checks=said.get("checks", "checks"))


def _takes_a_section(path: Path) -> bool:
    """Whether the file is there, and still TOML with [tool.pgproof] at its end: `tool = {}` would forbid that."""
    try:
        tomllib.loads(path.read_text(encoding="utf-8") + "\n[tool.pgproof]\n")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return True
