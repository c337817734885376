"""The folder of migration files, read: all of them, in order, or everything that is wrong with them at once."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pgproof.errors import InputError, Problem, raise_all
from pgproof.migrate import file, hook, program, repeatable
from pgproof.migrate import layout as layouts
from pgproof.migrate.hook import Hook
from pgproof.migrate.layout.reading import Layout
from pgproof.migrate.migration import Migration, checksum, label
from pgproof.migrate.parse import Parsed, Title, brief, parse, written
from pgproof.place import Place
from pgproof.sql.source import Source

_TITLE = re.compile(r"(?P<digits>[0-9]+)(?:__|[-_])(?P<slug>[^-_].*)\Z", re.DOTALL)
_BASELINE = re.compile(r"(?P<slug>baseline)-(?P<digits>[0-9]+)\Z")
_GREATEST = 2**63 - 1  # of bigint, the type of a version in the history
_SHAPE = "name it <number>-<what it does>.sql, for example 07-jobs.sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The migrations of one folder, ascending by version. `folder` is shown to people.

    `baselines` are the files `baseline-VERSION.sql`, each of which does what all migrations up to its version do,
    ascending; which of them stands for the others is decided by a history (`migrate.baseline`). What is missing up
    to version `squashed` is missing because of a baseline. `repeatables` are the files `R-name.sql`, by name
    (`migrate.repeatable`), `hooks` those that run around migrations (`migrate.hook`).
    """

    folder: str
    migrations: tuple[Migration, ...]
    baselines: tuple[Migration, ...] = ()
    repeatables: tuple[Migration, ...] = ()
    hooks: tuple[Hook, ...] = ()
    squashed: int = 0
    _by_version: dict[int, Migration] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_version", {migration.version: migration for migration in self.migrations})

    def get(self, version: int) -> Migration | None:
        """The migration of that version, if there is one."""
        return self._by_version.get(version)


def load(
    folder: Path,
    variables: Mapping[str, object] | None = None,
    *,
    layout: str | None = None,
    applied: Mapping[int, str] | None = None,
    above: int = 0,
) -> Library:
    """Read a folder of migrations: .sql files, and .py files that begin with a number. Hidden files are left out.

    A folder of another tool's is read as the tool does: of the one that `layout` names, or that the folder shows
    (`migrate.layout`). `variables` are for files that say that they are templates. Raises InputError with all
    problems of all files: the folder or a file that cannot be read, no migration at all, names without a version,
    two files of one version, and whatever `parse` finds in a text.

    `applied` are checksums by version: files that have them are read briefly (`Migration.brief`), if the folder is
    in our own layout. Of a folder in it that is known to be in order up to version `above`, only what comes after
    is read.
    """
    if other := layouts.named(layout) if layout else layouts.look(folder):
        return _foreign(other, folder, variables or {})
    files = _sql_files(folder, above)
    titles = {path: _title(path) for path in files if not _is_down(path) and not repeatable.slug(path.name)}
    problems = [*_misnamed(titles), *_zeros(titles)]
    return _library(folder, files, _known(titles), variables or {}, problems, applied or {})


def version(name: str) -> int | None:
    """The version that a file's name says in our own layout; None if it is not one of a migration."""
    match = _TITLE.match(label(name))
    return int(match["digits"]) if match else None


def load_plain(path: Path, variables: Mapping[str, object] | None = None, *, layout: str | None = None) -> Library:
    """Read any folder of SQL, or one file: migrations as `load` does, or plain scripts.

    Where no file has a version, the files are taken in the order of their names and numbered from 1. For
    building a schema to look at; a library of this kind never reaches a history. Raises InputError.
    """
    if path.is_file():
        files = [path, *(down for down in [_down_of(path)] if down.is_file())]
        return _library(path, files, {path: _plain(path, 1)}, variables or {}, [])
    if other := layouts.named(layout) if layout else layouts.look(path):
        return whole(_foreign(other, path, variables or {}))
    files = _sql_files(path)
    ups = [up for up in files if not _is_down(up)]
    titles = {up: _title(up) for up in ups if not repeatable.slug(up.name)}
    if any(titles.values()):
        found = _library(path, files, _known(titles), variables or {}, list(_misnamed(titles)))
        return whole(found)
    numbered = {up: _plain(up, number) for number, up in enumerate(titles, 1)}
    return _library(path, files, numbered, variables or {}, [])


def _foreign(other: Layout, folder: Path, variables: Mapping[str, object]) -> Library:
    """A folder of another tool's; raises InputError with all that is wrong with it."""
    try:
        reading = other.read(folder, variables)
    except OSError as error:
        raise InputError(_unreadable(folder, error)) from None
    read = (*reading.migrations, *reading.baselines, *reading.repeatables)
    unprintable = _unprintable(Path(each.path) for each in read)
    raise_all(InputError, list(dict.fromkeys([*reading.problems, *unprintable])))
    if not (reading.migrations or reading.baselines):
        raise InputError(Problem(message=f"no migration of {other.name} in {folder}"))
    return Library(
        folder=str(folder),
        migrations=tuple(sorted(reading.migrations, key=lambda m: m.version)),
        baselines=tuple(sorted(reading.baselines, key=lambda m: m.version)),
        repeatables=tuple(sorted(reading.repeatables, key=lambda m: m.name)),
        hooks=tuple(reading.hooks),
    )


def _library(
    folder: Path,
    files: Sequence[Path],
    titles: Mapping[Path, Title],
    variables: Mapping[str, object],
    problems: list[Problem],
    applied: Mapping[int, str] = MappingProxyType({}),
) -> Library:
    """Read and parse the titled files; raise what was found before and now."""
    lone = {path: title for path, title in titles.items() if not is_baseline(path.name)}
    problems = [*problems, *_unprintable(files), *_doubles(lone), *_orphans(files)]
    there = frozenset(path.name for path in files)
    migrations, repeatables = [], []
    for path, title in titles.items():
        if title.version in applied and (short := _brief(path, title, there, applied[title.version])):
            migrations.append(short)
            continue
        parsed = _migration(path, title, there, variables)
        if isinstance(parsed, Parsed):
            migrations.append(parsed.migration)
            problems += parsed.problems
        else:
            problems += parsed
    for path in [each for each in files if repeatable.slug(each.name)]:
        parsed = _migration(path, _repeated(path), there, variables)
        if isinstance(parsed, Parsed):
            repeatables.append(replace(parsed.migration, repeatable=True))
            problems += [*parsed.problems, *repeatable.problems(parsed.migration)]
        else:
            problems += parsed
    hooks, wrong = hook.read(folder)
    problems += wrong
    raise_all(InputError, list(dict.fromkeys(problems)))  # a loop of a template repeats its mistakes
    migrations.sort(key=lambda m: m.version)
    return Library(
        folder=str(folder),
        migrations=tuple(each for each in migrations if not is_baseline(each.name)),
        baselines=tuple(each for each in migrations if is_baseline(each.name)),
        repeatables=tuple(repeatables),
        hooks=hooks,
    )


def whole(library: Library) -> Library:
    """All files where they are there; else the last baseline and what comes after it. For no history."""
    last = library.baselines[-1] if library.baselines else None
    if last is None or any(each.version <= last.version for each in library.migrations):
        return library
    return replace(library, migrations=(last, *library.migrations))


def _migration(
    path: Path, title: Title, names: frozenset[str], variables: Mapping[str, object]
) -> Parsed | list[Problem]:
    sources = [_source(path, variables)]
    if _name_of_down(path) in names:
        sources.append(_source(_down_of(path), variables))
    problems = [source for source in sources if isinstance(source, Problem)]
    texts = [source for source in sources if isinstance(source, Source)]
    if not problems and path.suffix == ".py":
        return program.parse(title, texts[0]) if len(texts) == 1 else [_two_languages(_down_of(path))]
    return problems or parse(title, *texts)


def _brief(path: Path, title: Title, names: frozenset[str], applied: str) -> Migration | None:
    """The migration in brief, if the file is the one that was applied."""
    source = file.read(path)
    if isinstance(source, Problem) or path.suffix == ".py" or checksum(written(source)) != applied:
        return None
    return brief(title, source, has_down=_name_of_down(path) in names)


def _two_languages(down: Path) -> Problem:
    return Problem(
        message="a downgrade in SQL of a migration in Python",
        place=_top(down),
        hint="write `def downgrade(conn):` in the Python file",
    )


def _source(path: Path, variables: Mapping[str, object]) -> Source | Problem:
    source = file.read(path)
    if isinstance(source, Problem) or path.suffix == ".py" or not file.is_template(source):
        return source
    from pgproof.migrate import render  # loads jinja2, which most folders never need

    return render.render(source, variables)


def _sql_files(folder: Path, above: int = 0) -> list[Path]:
    """The .sql files of a folder by name, without those of versions up to `above`.

    Raises InputError if it cannot be read or holds none.
    """
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  (names are enough, of maybe ten thousand files)
    except OSError as error:
        raise InputError(_unreadable(folder, error)) from None
    entries = [folder / name for name in names if not above or (version(name) or above + 1) > above]
    files = [entry for entry in entries if _is_sql(entry) or _is_program(entry)]
    if not above and not any(not _is_down(path) for path in files):
        raise InputError(_empty(folder, entries))
    return files


def _unreadable(folder: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        hint = "name the folder with --migrations FOLDER, or begin: pgproof init"
        return Problem(message=f"no such folder: {folder}", hint=hint)
    if isinstance(error, NotADirectoryError):
        return Problem(message=f"not a folder: {folder}")
    return Problem(message=f"cannot read the folder {folder}: {error.strerror}")


def _is_sql(path: Path) -> bool:
    return path.suffix.lower() == ".sql" and not path.name.startswith(".") and not path.is_dir()


def _is_program(path: Path) -> bool:
    """A Python file that begins with a number; others may lie in a folder for reasons of their own."""
    return path.suffix == ".py" and _TITLE.match(label(path.name)) is not None


def _empty(folder: Path, entries: Sequence[Path]) -> Problem:
    inner = [entry for entry in entries if entry.is_dir() and any(_is_sql(path) for path in entry.iterdir())]
    detail = f"There are .sql files in {inner[0]}, but folders inside the folder are not read." if inner else ""
    hint = f"say --migrations {inner[0]}" if inner else "begin one: pgproof new NAME"
    return Problem(message=f"no migration in {folder}", detail=detail, hint=hint)


def is_baseline(name: str) -> bool:
    """True for the name of a file that stands for all migrations up to its version."""
    return _BASELINE.match(label(name)) is not None


def _title(path: Path) -> Title | None:
    match = _TITLE.match(label(path.name)) or _BASELINE.match(label(path.name))
    return Title(version=int(match["digits"]), digits=match["digits"], slug=match["slug"]) if match else None


def _repeated(path: Path) -> Title:
    return Title(version=0, digits="", slug=repeatable.slug(path.name) or "")


def _plain(path: Path, number: int) -> Title:
    return Title(version=number, digits="", slug=label(path.name))


def _is_down(path: Path) -> bool:
    return path.name.lower().endswith(".down.sql")


def _down_of(path: Path) -> Path:
    return path.with_name(_name_of_down(path))


def _name_of_down(path: Path) -> str:
    return label(path.name) + ".down.sql"


def _known(titles: Mapping[Path, Title | None]) -> dict[Path, Title]:
    return {path: title for path, title in titles.items() if title}


def _misnamed(titles: Mapping[Path, Title | None]) -> Iterator[Problem]:
    for path, title in titles.items():
        if title is None:
            digits = re.match(r"[0-9]*", path.name)
            what = "no slug after its version" if digits and digits[0] else "no version"
            hint = (
                f"a hook lies in a folder: {path.parent / 'hooks' / path.name}"
                if path.stem in hook.NAMES
                else _SHAPE
            )
            yield Problem(message=f"the file's name has {what}", place=_top(path), hint=hint)
        elif title.version > _GREATEST:
            yield Problem(
                message="the version is too large",
                place=_top(path),
                detail=f"The greatest is {_GREATEST}.",
                hint=_SHAPE,
            )


def _unprintable(paths: Iterable[Path]) -> Iterator[Problem]:
    """Names that no line can show, or that are not UTF-8: the history could not hold them."""
    for path in paths:
        if not path.name.isprintable():
            yield Problem(
                message=f"the file's name holds a character that cannot be printed: {path.name!a}",
                place=_top(path.with_name(ascii(path.name)[1:-1])),
                hint="rename the file",
            )


def _zeros(titles: Mapping[Path, Title | None]) -> Iterator[Problem]:
    for path, title in titles.items():
        if title and title.version == 0:
            yield Problem(
                message="version 0 is taken",
                place=_top(path),
                detail="`downgrade --to 0` means: back to before the first migration.",
                hint="number the migrations from 1",
            )


def _doubles(titles: Mapping[Path, Title]) -> Iterator[Problem]:
    by_version: dict[int, list[Path]] = defaultdict(list)
    for path, title in titles.items():
        by_version[title.version].append(path)
    for version, paths in by_version.items():
        for path in paths[1:]:
            yield Problem(
                message=f"two files of version {version}",
                place=_top(path),
                detail=f"The other one is {paths[0]}.",
                hint="give one of them another number",
            )


def _orphans(files: Sequence[Path]) -> Iterator[Problem]:
    ups = {_name_of_down(path) for path in files if not _is_down(path)}
    for path in files:
        if _is_down(path) and path.name not in ups:
            yield Problem(
                message="a downgrade without its migration",
                place=_top(path),
                hint=f"name it after the migration: {path.name[: -len('.down.sql')]}.sql is not there",
            )


def _top(path: Path) -> Place:
    return Place(path=str(path), line=1)
