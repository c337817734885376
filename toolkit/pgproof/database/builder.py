"""A command of the user's that builds a schema: how it is run, on which database, and what it says when it fails.

It learns of the database by DATABASE_URL and by libpq's variables, and by nothing else: whatever of them was set
before is taken away, PGSERVICE above all, which goes before PGHOST (conninfo_add_defaults in fe-connect.c).
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import quote

from psycopg import pq

from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo, masked
from pgproof.database.queries import query
from pgproof.database.scratch.termination import undone
from pgproof.errors import DatabaseError, InputError, Problem
from pgproof.place import Place
from pgproof.secret import MASK

VERSION = "{version}"
"""What stands in the words of a command in place of the version that it is to build up to."""
_LINES = 12
"""How many of the last lines are shown."""
_TAIL = 20_000
"""Bytes at the end of an output that are kept."""
_FILES = frozenset({"service", "servicefile", "passfile"})
"""Parameters that have been followed."""
_PLACES = ("PGSERVICEFILE", "PGSYSCONFDIR")
"""Variables of libpq that, in some of its versions, no parameter of an address stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """The `words` of the command that builds all, and of the one that builds up to a version (`upto`; maybe none).

    They are run in `folder`, with `environment`, and no shell looks at them. `inputs` are patterns of the files,
    below that folder, that they build from; without, those in the folder `migrations`, if it is there. `home` is
    where a snapshot of what they build is kept. `place` is where all that was said, `origin` the same for people.
    """

    words: tuple[str, ...]
    folder: Path
    home: Path
    environment: Mapping[str, str] = field(repr=False)
    place: Place
    origin: str
    upto: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    migrations: Path | None = None

    @property
    def told(self) -> str:
        """The command that builds all, as it can be typed."""
        return self.told_for(None)

    def told_for(self, version: str | None) -> str:
        """The command up to a version, or that builds all, as it can be typed."""
        return masked(shlex.join(self.words_for(version)))

    def words_for(self, version: str | None) -> tuple[str, ...]:
        """The words of the command up to a version, or of the one that builds all."""
        return tuple(word.replace(VERSION, version) for word in self.upto) if version else self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """The words that were run, the exit code, and what was said at the end, without the database's password."""

    words: tuple[str, ...]
    code: int
    lines: tuple[str, ...]

    @property
    def told(self) -> str:
        """The command as it was run, without passwords."""
        return masked(shlex.join(self.words))

    @property
    def last(self) -> tuple[str, ...]:
        """The last lines, as they are shown."""
        return ("...", *self.lines[-_LINES:]) if len(self.lines) > _LINES else self.lines


def run(builder: Builder, database: Conninfo, version: str | None = None) -> Ran:
    """Run the command on the database, up to `version` if one is given, to its end.

    Whoever interrupts that ends the command with all that it has started. Raises InputError where it cannot be
    started, DatabaseError where there is no such database.
    """
    words = builder.words_for(version)
    given = address(database, builder.environment)
    with TemporaryFile() as output:  # not a pipe: what it leaves running would hold that open
        try:
            process = subprocess.Popen(
                words,
                cwd=builder.folder,
                env=environment(builder.environment, given),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        except OSError as error:
            raise InputError(_unstarted(builder, words, error)) from None
        with undone(lambda: _end(process)):
            code = process.wait()
        output.seek(max(0, output.seek(0, os.SEEK_END) - _TAIL))
        text = output.read().decode(errors="replace")
    return Ran(words=words, code=code, lines=tuple(_lines(text, given.get("password", ""))))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that runs, with all that it has started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def place(builder: Builder) -> str:
    """Where the program of the command is, as it would be found; empty if it is nowhere."""
    name = builder.words[0]
    if os.path.dirname(name):  # noqa: PTH120  (of "./a" a Path knows no folder)
        path = builder.folder / name
        return str(path) if os.access(path, os.X_OK) and path.is_file() else ""
    return shutil.which(name, path=builder.environment.get("PATH")) or ""


def is_empty(conn: Connection) -> bool:
    """True if nobody has made anything in the database. Raises psycopg.Error."""
    row = conn.execute(query("is_empty")).fetchone()
    return bool(row and row[0])


def failed(builder: Builder, ran: Ran) -> DatabaseError:
    """That the command has not built what it should have."""
    how = f"exit code {ran.code}" if ran.code > 0 else f"signal {-ran.code}"
    return DatabaseError(
        Problem(
            message=f"the command that builds the schema has failed: {ran.told}",
            detail=f"It ended with {how}, and said last:"
            if ran.lines
            else f"It ended with {how}, and said nothing.",
            context=(
                *(f"  {line}" for line in ran.last),
                f"NEXT: run it yourself {_where(builder)}, with DATABASE_URL set to an empty database",
            ),
        )
    )


def idle(ran: Ran) -> DatabaseError:
    """That the command has ended well, and built nothing where it should have."""
    return DatabaseError(
        Problem(
            message=f"the command has built nothing in the scratch database: {ran.told}",
            detail="It ended well. If it takes the address of its database from elsewhere, it has built there.",
            hint="let it take that from DATABASE_URL, or from PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE",
            context=tuple(f"  {line}" for line in ran.last),
        )
    )


def address(database: Conninfo, before: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an address, whole: with what files of services and passwords, and variables, add to them.

    `before` are the variables. With the password: never to be shown. Raises DatabaseError.
    """
    with closing(connect(database)) as conn:
        info = conn.info
        more = info.get_parameters()
        found = {"host": info.host, "port": str(info.port), "user": info.user, "dbname": info.dbname}
        secret = {"password": info.password} if info.password else {}
    said = {name for name, variable in _variables().items() if before.get(variable)} | dict(
        database.parameters
    ).keys()
    return {**{name: more[name] for name in more if name in said - _FILES}, **found, **secret}


def _variables() -> dict[str, str]:
    """The variables of libpq, by the parameters that they are instead of."""
    options = pq.Conninfo.get_defaults()
    return {option.keyword.decode(): option.envvar.decode() for option in options if option.envvar}


def environment(before: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The variables of the command: those `before`, and an address in the place of libpq's, in both forms."""
    names = _variables()
    kept = {name: value for name, value in before.items() if name not in {*names.values(), *_PLACES}}
    url = Conninfo.of(**given).secret_url()
    if given["host"].startswith("/"):
        given = {"sslmode": "disable", **given}  # no socket has SSL, and not every driver knows
    found = {names[name]: value for name, value in given.items() if name in names}
    return {**kept, **found, "DATABASE_URL": url}


def _lines(text: str, password: str) -> Iterator[str]:
    for form in {password, quote(password, safe="")} - {""}:
        text = text.replace(form, MASK)
    yield from (line.rstrip() for line in text.splitlines() if line.strip())


def _where(builder: Builder) -> str:
    return "here" if builder.folder == Path() else f"in {builder.folder}"


def _unstarted(builder: Builder, words: tuple[str, ...], error: OSError) -> Problem:
    return Problem(
        message=f"cannot run the command that builds the schema: {masked(shlex.join(words))}",
        detail=f"{words[0]}: {error.strerror}.",
        hint=f"say in {builder.origin} how it is run {_where(builder)}",
    )
