"""A cluster of our own: from nothing to a server that answers, and gone without a trace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import marker
from pgproof.database.scratch.account import server_account
from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.binaries import Binaries
from pgproof.database.scratch.datadir import SUPERUSER, empty, fill, forget, initdb
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.scratch.relocation import is_usable, reachable
from pgproof.database.scratch.rundir import RunDirectory, run_directory
from pgproof.database.scratch.server import ScratchServer, fresh_word

_PORT = 5432  # a part of the socket's name only
_POLL = 0.002  # seconds
_PATIENCE = 60.0  # seconds
_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "max_connections": "40",
    "max_locks_per_transaction": "512",  # a large schema is built in one transaction
    "shared_buffers": "32MB",
    "huge_pages": "off",
    # nothing here has to survive
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    # nothing may happen by itself
    "autovacuum": "off",
    "max_logical_replication_workers": "0",  # a subscription takes nothing from its publisher
    "jit": "off",
    "logging_collector": "off",
    "timezone": "UTC",
}


@contextmanager
def open_cluster(binaries: Binaries, options: ScratchOptions) -> Iterator[ScratchServer]:
    """A fresh cluster, served by `binaries` on a unix socket alone while the block lasts. Raises Unavailable."""
    account = server_account(options.uid)
    with run_directory(options.run_dirs, account) as run:
        programs = reachable(binaries, account, options.shared_dirs)
        _bring_up(run, programs, _cache(options, run))
        yield ScratchServer(
            provider=str(binaries),
            version=binaries.version,
            conninfo=Conninfo.of(host=str(run.socket), port=str(_PORT), user=SUPERUSER, dbname="postgres"),
            data_directory=run.data,
            marker=marker.make(run.data, fresh_word(16)),
        )


def _bring_up(run: RunDirectory, programs: Binaries, cache: Path) -> None:
    was_copied = fill(run, programs, cache)
    try:
        _start(run, programs)
    except Unavailable:
        if not (was_copied and run.data.is_dir()):  # without its folder it was ended by somebody
            raise
        # the copy may be damaged, or of a build that differs though its server looks the same
        forget(programs, cache)
        empty(run)
        initdb(run, programs)
        _start(run, programs)


def _start(run: RunDirectory, programs: Binaries) -> None:
    """Start the server and wait until it answers. Raises Unavailable."""
    settings = {**_SETTINGS, "unix_socket_directories": str(run.socket)}
    arguments = ["-D", str(run.data)]
    for name, value in settings.items():
        arguments += ["-c", f"{name}={value}"]
    try:
        with run.log.open("wb") as log:
            run.process = run.account.spawn(programs.postgres, arguments, log)
    except OSError as error:
        raise Unavailable(f"{programs.postgres} cannot be run: {error.strerror}") from error
    for _ in range(int(_PATIENCE / _POLL)):
        if _is_ready(run.data):
            return
        if run.process.poll() is not None:
            raise Unavailable(f"the server did not start: {run.last_words()}")
        time.sleep(_POLL)
    raise Unavailable(f"the server was not ready within {_PATIENCE:.0f} s: {run.last_words()}")


def _is_ready(data: Path) -> bool:
    """As pg_ctl sees it: the eighth line of postmaster.pid is the server's own state (since 10)."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _cache(options: ScratchOptions, run: RunDirectory) -> Path:
    """The cache that was asked for, or, where it cannot be written to, one beside the servers."""
    if options.cache_dir is not None and is_usable(options.cache_dir):
        return options.cache_dir
    return run.path.parent / "cache"
