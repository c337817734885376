"""pg_dump: a whole database as SQL text, with its rows, or what it is without them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, find_binaries
from pgproof.errors import DatabaseError, Problem

_BANNER = re.compile(r"pg_dump \(PostgreSQL\) (?P<major>\d+)")
_OPTIONS = ("--no-password", "--exclude-schema=pgproof", "--encoding=UTF8")


def dump(server: ScratchServer, conninfo: Conninfo, options: ScratchOptions) -> str:
    """The text that pg_dump writes of a scratch database: rows as INSERT, without pgproof's own schema.

    The program is sought beside the servers that `options` find, and in their PATH; it must not be older than the
    server. Raises DatabaseError.
    """
    return _run(server.version.major, conninfo, options, "--inserts", "--rows-per-insert=100")


def dump_schema(
    conninfo: Conninfo,
    major: int,
    options: ScratchOptions,
    *words: str,
    snapshot: str = "",
    without: Sequence[Sequence[str]] = (),
) -> str:
    """The text that pg_dump writes of a database's schema, but for pgproof's own and what is to be `without`.

    `major` is the server's; the program is sought as for `dump`. With `snapshot` (pg_export_snapshot()) it reads
    what the transaction that has exported it sees, definitions aside, which the server always writes of what there
    is now. Left out are relations, as (schema, name), and schemas, as (schema,); `words` are further options. It
    locks each table, ACCESS SHARE, and waits no longer than five seconds for that. Raises DatabaseError.
    """
    more = [
        f"--exclude-{'schema' if len(each) == 1 else 'table'}={'.'.join(map(_literally, each))}"
        for each in without
    ]
    if snapshot:
        more.append(f"--snapshot={snapshot}")
    return _run(major, conninfo, options, "--schema-only", "--lock-wait-timeout=5s", *more, *words)


def _literally(name: str) -> str:
    """A name as a pattern of pg_dump's: in quotes nothing is special (psql's manual, "Patterns")."""
    return '"' + name.replace('"', '""') + '"'


def _run(major: int, conninfo: Conninfo, options: ScratchOptions, *more: str) -> str:
    place = program(major, options)
    with _without_password(conninfo) as address:
        words = [str(place), f"--dbname={address.secret}", *_OPTIONS, *more]
        try:
            ran = subprocess.run(words, capture_output=True, check=False)
        except OSError as error:
            raise DatabaseError(Problem(message=f"cannot run {place}: {error.strerror}")) from None
    if ran.returncode:
        said = " ".join(ran.stderr.decode(errors="replace").split())
        raise DatabaseError(Problem(message=f"{place} failed", detail=said))
    return ran.stdout.decode()


@contextmanager
def _without_password(conninfo: Conninfo) -> Iterator[Conninfo]:
    """The same address with its password in a file of ours: everybody can read the words of a command."""
    parameters = dict(conninfo.parameters)
    password = parameters.pop("password", None)
    if password is None:
        yield conninfo
        return
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    with NamedTemporaryFile("w", encoding="utf-8", prefix="pgproof-") as file:  # only we may read it
        file.write(f"*:*:*:*:{escaped}\n")
        file.flush()
        yield Conninfo.of(**{**parameters, "passfile": file.name})


def program(major: int, options: ScratchOptions) -> Path:
    """The pg_dump nearest to a server's major from above. Raises DatabaseError."""
    found, _ = find_binaries(replace(options, postgres=None))
    folders = [*([options.pg_bin] if options.pg_bin else []), *(each.directory for each in found)]
    places = [folder / "pg_dump" for folder in folders]
    on_path = shutil.which("pg_dump", path=options.path) if options.path else None
    places += [Path(on_path)] if on_path else []
    fitting = [(own, place) for place in places if (own := _major(place)) >= major]
    if fitting:
        return min(fitting, key=lambda each: each[0])[1]
    raise DatabaseError(
        Problem(
            message=f"no pg_dump for PostgreSQL {major}",
            detail="Neither the folders of servers on this machine nor the PATH have one that is not older.",
            hint=f"install the client programs of PostgreSQL {major}, or name their folder with --pg-bin",
        )
    )


def _major(program: Path) -> int:
    """The major of a pg_dump; 0 if it is none."""
    match = _BANNER.match(_banner(program)) if program.is_file() else None
    return int(match["major"]) if match else 0


@lru_cache(maxsize=64)
def _banner(program: Path) -> str:
    """What it says of itself; nothing if it cannot be run."""
    try:
        return subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
