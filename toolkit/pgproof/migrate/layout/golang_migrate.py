"""golang-migrate: VERSION_TITLE.up.sql and VERSION_TITLE.down.sql, versions whole numbers.

Its PostgreSQL driver sends each file as one message without a transaction of its own: several statements are one
transaction unless the author writes BEGIN and COMMIT, and a statement that can run in none stands alone in its
file. An empty file is a migration that does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate.layout import assembly
from pgproof.migrate.layout.reading import (
    Layout,
    Look,
    Reading,
    doubles,
    own_markers,
    speaks_our_way,
    sql_files,
    zero,
)
from pgproof.migrate.parse import Title
from pgproof.place import Place

_NAME = re.compile(r"(?P<digits>[0-9]+)_(?P<slug>.*)\.(?P<way>up|down)\.sql\Z", re.IGNORECASE | re.DOTALL)
_OUTSIDE = "leave BEGIN and COMMIT out of the file, or move the statement to a file of its own"


def sees(look: Look) -> bool:
    """All its files are named so, and the first does not speak our own way."""
    alike = bool(look.names) and all(_NAME.match(each) for each in look.names)
    return alike and not speaks_our_way(look.first_text())


def read(folder: Path, _variables: Mapping[str, object]) -> Reading:
    """The migrations of a folder. Raises OSError."""
    reading = Reading()
    files = {path: _NAME.match(path.name) for path in sql_files(folder)}
    downs = {(int(m["digits"]), m["slug"]): path for path, m in files.items() if m and m["way"].lower() == "down"}
    for path, match in files.items():
        if match is None:
            reading.problems.append(_misnamed(path))
        elif match["way"].lower() == "up":
            title = Title(version=int(match["digits"]), digits=match["digits"], slug=match["slug"])
            _add(reading, path, title, downs.pop((title.version, title.slug), None))
    reading.problems += [_orphan(path) for path in downs.values()]
    reading.problems += doubles(reading.migrations)
    return reading


def _add(reading: Reading, path: Path, title: Title, down_path: Path | None) -> None:
    if wrong := zero(title.version, path):
        reading.problems.append(wrong)
    up = reading.source(path)
    down = reading.source(down_path) if down_path else None
    if up is None or (down_path and down is None):
        return
    for each in filter(None, (up, down)):
        reading.problems += own_markers(each, LAYOUT.name)
    found = assembly.migration(
        title,
        assembly.section(up, up.place(0)),
        assembly.section(down, down.place(0)) if down else None,
        text=up.text,
    )
    reading.problems += assembly.mistakes(found, outside=_OUTSIDE)
    reading.migrations.append(found)


def _misnamed(path: Path) -> Problem:
    return Problem(
        message="the file's name is not one of golang-migrate's",
        place=Place(path=str(path), line=1),
        hint="name it VERSION_TITLE.up.sql or VERSION_TITLE.down.sql",
    )


def _orphan(path: Path) -> Problem:
    return Problem(
        message="a downgrade without its migration",
        place=Place(path=str(path), line=1),
        hint=f"add {path.name[: -len('.down.sql')]}.up.sql, empty if it is meant to do nothing",
    )


LAYOUT = Layout(name="golang-migrate", sees=sees, read=read)
