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
    name = revision.removeprefix("git:")
    command = ["git", "-C", str(folder), "ls-tree", "--name-only", "-z", name, "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise InputError(
            Problem(message="git is not installed", hint="install it, or leave the revision out")
        ) from None
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("fatal: ")
        raise InputError(
            Problem(
                message=f'cannot read the revision "{name}" of {folder}',
                detail=f"git: {said}.",
                hint="name a branch, a tag or a commit that is here; after `git fetch`, git:origin/main is one",
            )
        )
    return frozenset(Path(each).name for each in done.stdout.split("\0") if each)


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """The folder as a revision of git ("git:main", or "main") has it, in a place of its own. Raises InputError."""
    name = revision.removeprefix("git:")
    command = ["git", "-C", str(folder), "archive", "--format=tar", name, "."]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError(Problem(message="git is not installed")) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise InputError(Problem(message=f'cannot read the revision "{name}" of {folder}', detail=f"git: {said}."))
    with tempfile.TemporaryDirectory(prefix="pgproof-") as place:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(place, filter="data")
        yield Path(place)
