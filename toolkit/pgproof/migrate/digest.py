"""The file pgproof.sum: a chain of digests over the migration files of a folder.

One line a file, in the order of the versions: `NAME sha256:DIGEST`, the digest over the line above, the name and
the text (in Unix line ends, without byte order mark). Two branches that each add a migration both write the line
behind the same one, so that merging them is a conflict in git and not a surprise in production. Since a line
is checked against the line above as it is written, each file that changed is named, not only the first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate import file
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration, label, lines
from pgproof.place import Place
from pgproof.sql.source import Source

NAME = "pgproof.sum"

_HEADER = "# Digests of the migrations, each over the line above it. Written by `pgproof sum`.\n"
_LINE = re.compile(r"(?P<name>\S.*) sha256:(?P<digest>[0-9a-f]{64})\Z")
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})( |\Z)")
_HINT = "look at what changed in the folder; if it is right: pgproof sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One line: a file, and the digest that the line gives. `place` is None for one that is not written yet."""

    name: str
    digest: str
    place: Place | None = None


def text(library: Library) -> str:
    """What pgproof.sum has to hold for the files of `library`."""
    return _HEADER + "".join(f"{link.name} sha256:{link.digest}\n" for link in _links(library))


def appended(written: str, name: str, content: str) -> str:
    """The text of pgproof.sum with one more file at its end."""
    links = [found for line in written.splitlines() if (found := _LINE.match(line))]
    digest = _digest(links[-1]["digest"] if links else "", name, content)
    return f"{written}{name} sha256:{digest}\n"


def problems(library: Library, written: Source) -> list[Problem]:
    """Where the files of `library` and the text of pgproof.sum disagree. Pure."""
    links = list(_read(written))
    broken = [link for link in links if not link.digest]
    if broken:
        return [_broken(link) for link in broken]
    contents = {name: content for migration in _all(library) for name, content in _files(migration)}
    found = [*_unknown(library, links), *_changed(links, contents)]
    return found or list(_disorder(library, links))


def holds(folder: Path, names: Iterable[str]) -> bool:
    """True if the folder's pgproof.sum is right, or there is none; one file at a time is read.

    `names` are the migration files, by version; there must be no baseline.
    """
    written = file.read(folder / NAME) if (folder / NAME).is_file() else None
    if not isinstance(written, Source):
        return written is None
    before, links = "", _read(written)
    for name in (each for up in names for each in (up, f"{label(up)}.down.sql")):
        source = file.read(folder / name) if not name.endswith(".down.sql") or (folder / name).is_file() else None
        if source is None:
            continue
        link = next(links, None)
        if isinstance(source, Problem) or link is None or link.name != name:
            return False
        before = _digest(before, name, source.text)
        if link.digest != before:
            return False
    return next(links, None) is None


def _links(library: Library) -> Iterator[Link]:
    before = ""
    for migration in _all(library):
        for name, content in _files(migration):
            before = _digest(before, name, content)
            yield Link(name=name, digest=before)


def _all(library: Library) -> list[Migration]:
    """Migrations and baselines; a baseline comes behind the last migration that it stands for."""
    both = [*library.migrations, *library.baselines]
    return sorted(both, key=lambda each: (each.version, each in library.baselines))


def _digest(before: str, name: str, content: str) -> str:
    return hashlib.sha256(f"{before}\n{name}\n{content}".encode()).hexdigest()


def _files(migration: Migration) -> Iterator[tuple[str, str]]:
    """Name and text of the file of a migration, and of its downgrade's if that is another."""
    sources = [migration.source]
    if migration.down is not None and migration.down.script.source.path != migration.path:
        sources.append(migration.down.script.source)
    for source in sources:
        name = source.path.replace("\\", "/").rpartition("/")[2]
        yield name, lines(source.text if source.original is None else source.original)


def _read(written: Source) -> Iterator[Link]:
    """The lines of pgproof.sum; one that is none has an empty digest."""
    offset = 0
    for line in written.text.split("\n"):
        place = written.place(offset, max(1, len(line)))
        offset += len(line) + 1
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        yield Link(name=match["name"] if match else line, digest=match["digest"] if match else "", place=place)


def _broken(link: Link) -> Problem:
    if _CONFLICT.match(link.name):
        return Problem(
            message="a merge conflict in pgproof.sum",
            place=link.place,
            detail="Two branches have each added or changed a migration.",
            hint="look whether their order is right, rename a file if not, and run: pgproof sum",
        )
    return Problem(message="not a line of pgproof.sum", place=link.place, hint="write it anew: pgproof sum")


def _unknown(library: Library, links: Iterable[Link]) -> Iterator[Problem]:
    named = {link.name for link in links}
    there = set()
    for migration in _all(library):
        for name, _ in _files(migration):
            there.add(name)
            if name not in named:
                yield Problem(
                    message=f"{name} is not in pgproof.sum",
                    place=migration.up.place,
                    hint="if it belongs here: pgproof sum",
                )
    for link in links:
        if link.name not in there:
            yield Problem(
                message=f"pgproof.sum names {link.name}, which is not in {library.folder}",
                place=link.place,
                hint=_HINT,
            )


def _changed(links: Iterable[Link], contents: dict[str, str]) -> Iterator[Problem]:
    before = ""
    for link in links:
        content = contents.get(link.name)
        if content is not None and _digest(before, link.name, content) != link.digest:
            yield Problem(
                message=f"{link.name} is not what pgproof.sum says it is",
                place=link.place,
                detail="The file, its name or the line above was changed since.",
                hint=_HINT,
            )
        before = link.digest


def _disorder(library: Library, links: list[Link]) -> Iterator[Problem]:
    order = [name for migration in _all(library) for name, _ in _files(migration)]
    for link, name in zip(links, order, strict=True):
        if link.name != name:
            yield Problem(message=f"{link.name} stands where {name} should", place=link.place, hint=_HINT)
            return
