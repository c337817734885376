"""`init`: what a folder lacks to be a project of pgproof, written; what is there is left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pgproof.errors import InputError, Problem
from pgproof.migrate import file
from pgproof.migrate import layout as layouts

PLACES = (
    "migrations",
    "db/migrations",
    "db/migrate",
    "db/migration",
    "database/migrations",
    "sql/migrations",
    "supabase/migrations",
    "src/main/resources/db/migration",
)
"""Where people keep migrations: ours, then those of dbmate, Rails, Flyway, Laravel, Supabase and Spring."""
BUILDERS = {
    "alembic.ini": ('build = "alembic upgrade head"', "alembic/env.py"),
    "manage.py": ('build = ["python", "manage.py", "migrate"]', "the settings of Django"),
}
"""Files of tools whose migrations are programs: the setting that has them build the schema, and what says in which
database. It is told and never written: the command would be run in whatever database is written down there."""
OWN_FILE = "pgproof.toml"
_TEXTS = Path(__file__).parent / "beginning"


class Deed(StrEnum):
    """What was done about a file or a folder."""

    WRITTEN = "written"
    ADDED = "added to"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A file or a folder of the project (`path` from its top), what was done about it, and what it is."""

    path: str
    deed: Deed
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the folder's settings say: the `file` that has them ("" for none), and the two folders.

    `migrations` is None where no setting names it: then it is looked for. `into` is a file to which a section of
    settings can be added ("" for none).
    """

    file: str = ""
    into: str = ""
    migrations: str | None = None
    checks: str = "checks"


def init(top: Path, found: Found) -> tuple[Piece, ...]:
    """Write what is missing below `top`, wholly or not at all; nothing that is there is changed.

    Where there is no migration, an example is written, and a query with its promise; where there are some, a file
    for queries alone. The settings become a section of `found.into`, at its end, or a file of their own.
    Raises InputError: a folder that cannot be written, a file where a folder has to be.
    """
    migrations = found.migrations or _place(top)
    texts: dict[str, bytes] = {}
    pieces = [*_files(top, migrations, found.checks, texts)]
    section = f'[tool.pgproof]\nmigrations = "{migrations}"\nchecks = "{found.checks}"\n'
    changed: dict[str, bytes] = {}
    if found.file:
        pieces.append(Piece(path=found.file, deed=Deed.LEFT, what="has settings already"))
    elif found.into:
        changed[found.into] = _with_section((top / found.into).read_bytes(), section)
        pieces.append(Piece(path=found.into, deed=Deed.ADDED, what="the section [tool.pgproof]"))
    else:
        texts[OWN_FILE] = section.partition("\n")[2].encode()
        pieces.append(Piece(path=OWN_FILE, deed=Deed.WRITTEN, what="the settings"))
    _write(top, texts, changed)
    return tuple(pieces)


def _place(top: Path) -> str:
    """The first folder that has migrations, where people keep them; else ours."""
    return next((each for each in PLACES if _has_any(top / each)), PLACES[0])


def _has_any(folder: Path) -> bool:
    """True if anything in the folder is SQL or a program: one with a README alone has no migrations."""
    with suppress(OSError):
        return any(each.suffix.lower() in {".sql", ".py"} for each in folder.rglob("*"))
    return False


def _files(top: Path, migrations: str, checks: str, texts: dict[str, bytes]) -> Iterator[Piece]:
    """The pieces that are files of SQL; what is to be written is put into `texts`."""
    builder = next((each for each in BUILDERS if (top / each).is_file()), None)
    has_migrations = _has_any(top / migrations) or builder is not None
    if builder:
        setting, says = BUILDERS[builder]
        what = f"builds the schema, once the settings say {setting}; {says} must go by DATABASE_URL"
        yield Piece(path=builder, deed=Deed.LEFT, what=what)
    elif has_migrations:
        other = layouts.look(top / migrations)
        whose = f", as {other.name} has them" if other else ""
        yield Piece(path=f"{migrations}/", deed=Deed.LEFT, what=f"has migrations already{whose}")
    else:
        path = f"{migrations}/01-create-notes.sql"
        texts[path] = (_TEXTS / "migration.txt").read_bytes()
        yield Piece(path=path, deed=Deed.WRITTEN, what="an example: a table, a constraint, an index")
    if _has_any(top / checks):
        yield Piece(path=f"{checks}/", deed=Deed.LEFT, what="has files already")
        return
    name, text, what = (
        ("queries.sql", "empty.txt", "for the application's queries, and what they promise")
        if has_migrations
        else ("notes.sql", "promise.txt", "an example: a query, and the index that has to serve it")
    )
    texts[f"{checks}/{name}"] = (_TEXTS / text).read_bytes()
    yield Piece(path=f"{checks}/{name}", deed=Deed.WRITTEN, what=what)


def _with_section(before: bytes, section: str) -> bytes:
    """A TOML file with a section at its end, an empty line between, in the line ends that it has."""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    joint = b"" if not before else end if before.endswith(b"\n") else end * 2
    return before + joint + section.encode().replace(b"\n", end)


def _write(top: Path, texts: Mapping[str, bytes], changed: Mapping[str, bytes]) -> None:
    """All files, or none: then the folders that were made for them go, too."""
    made: list[Path] = []
    try:
        for path in texts:
            for folder in reversed((top / path).parents):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
        file.add(*({top / path: text for path, text in each.items()} for each in (texts, changed)))
    except OSError as error:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise InputError(_unwritten(error, top)) from None


def _unwritten(error: OSError, top: Path) -> Problem:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return Problem(
            message=f"cannot write into {error.filename or top}: there is a file of that name",
            detail="Nothing was written.",
            hint="move it away, or name another folder: pgproof init FOLDER",
        )
    return file.unwritten(error, top)
