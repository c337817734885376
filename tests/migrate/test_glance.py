"""A glance sees every change of a folder, and what it remembers is believed only when it is old enough."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pgproof.migrate.glance import SNAPSHOT, Glance, glance, recall, remember
from tests.migrate.case import write

FILES = {f"{number}.sql": "SELECT 1;\n" for number in range(3)}


def look(folder: Path, **variables: object) -> Glance:
    seen = glance(folder, variables, "1")
    assert seen
    return seen


def same_size_and_time(folder: Path) -> None:
    """What an editor cannot do: a text of the same length, with the times put back."""
    path = folder / "1.sql"
    stat = path.stat()
    path.write_text("SELECT 2;\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "edited": lambda folder: (folder / "1.sql").write_text("SELECT 11;\n"),
    "times put back": same_size_and_time,
    "renamed": lambda folder: (folder / "1.sql").rename(folder / "4.sql"),
    "removed": lambda folder: (folder / "1.sql").unlink(),
    "added": lambda folder: (folder / "4.sql").write_text(""),
    "added inside": lambda folder: write(folder / "inside", {"4.sql": ""}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(tmp_path: Path, change: Callable[[Path], object]) -> None:
    folder = write(tmp_path / "m", FILES)
    before = look(folder)
    assert look(folder) == before
    change(folder)
    assert look(folder).signature != before.signature


def test_the_snapshot_is_looked_over(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", FILES)
    before = look(folder)
    write(folder, {SNAPSHOT: "{}"})
    assert look(folder) == before
    write(folder / "inside", {SNAPSHOT: "{}"})
    assert look(folder) != before


def test_who_reads_it_with_what_belongs_to_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", FILES)
    assert look(folder, a=1).signature != look(folder, a=2).signature
    other = glance(folder, {}, "2")
    assert other
    assert other.signature != look(folder).signature


def test_what_is_remembered(tmp_path: Path) -> None:
    folder, cache = write(tmp_path / "m", FILES), tmp_path / "cache"
    seen = look(folder)
    assert recall(cache, seen) is None
    remember(cache, seen, "found")
    assert recall(cache, seen) is None, "too soon after the last change"
    (file,) = (cache / "folders").iterdir()
    os.utime(file, ns=(seen.newest + 3_000_000_000, seen.newest + 3_000_000_000))
    assert recall(cache, seen) == "found"
    write(folder, {"1.sql": "SELECT 3;\n"})
    assert recall(cache, look(folder)) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"signature": 3}'])
def test_a_damaged_cache_is_none(tmp_path: Path, text: str) -> None:
    folder, cache = write(tmp_path / "m", FILES), tmp_path / "cache"
    seen = look(folder)
    remember(cache, seen, "found")
    (file,) = (cache / "folders").iterdir()
    file.write_text(text)
    os.utime(file, ns=(seen.newest + 3_000_000_000, seen.newest + 3_000_000_000))
    assert recall(cache, seen) is None


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", FILES)
    remember(folder / "0.sql", look(folder), "found")
    assert recall(folder / "0.sql", look(folder)) is None
    assert glance(tmp_path / "nowhere", {}, "1") is None
