"""Files as a revision of git has them."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from pgproof.errors import InputError, Problem


def names_at(revision: str, folder: Path) -> frozenset[str]:
    """The names of the files in `folder` as `revision` ("git:main", or "main") has it. Raises InputError.

    A revision that has no such folder has no files in it.
    """
    said = _git(revision, folder, "ls-tree", "--name-only", "-z", _name(revision), "--", ".")
    return frozenset(Path(each).name for each in said.decode().split("\0") if each)


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """The folder as a revision of git ("git:main", or "main") has it, in a place of its own. Raises InputError."""
    packed = _git(revision, folder, "archive", "--format=tar", _name(revision), ".")
    with tempfile.TemporaryDirectory(prefix="pgproof-") as place:
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(place, filter="data")
        yield Path(place)


def _name(revision: str) -> str:
    return revision.removeprefix("git:")


def _git(revision: str, folder: Path, *words: str) -> bytes:
    """What git says of a revision, in a folder. Raises InputError."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError(
            Problem(message="git is not installed", hint="install it, or leave the revision out")
        ) from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").rstrip(".")
    hint = "name a branch, a tag or a commit that is here; after `git fetch`, git:origin/main is one"
    if said.startswith("not a git repository"):
        hint = "a revision is one of the repository that the folder lies in: leave it out, or git init"
    raise InputError(
        Problem(
            message=f'cannot read the revision "{_name(revision)}" of {folder}', detail=f"git: {said}.", hint=hint
        )
    )
