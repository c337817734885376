"""PgBouncer between a test and its database: a process of the test's own, on a unix socket."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch.account import server_account
from pgproof.errors import DatabaseError

PORT = "6432"
# in Debian programs for administrators are not on everybody's path
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SETTINGS = """[databases]
* = {server}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 500
server_idle_timeout = 60
logfile = {folder}/log
pidfile = {folder}/pid
"""


@contextmanager
def bouncer(database: Conninfo, *, mode: str, size: int = 5) -> Iterator[Conninfo]:
    """The same database through a pooler: `mode` is transaction, session or statement, `size` its sessions."""
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed")
    given = dict(database.parameters)
    if not given.get("host", "").startswith("/"):
        pytest.skip("the server is not on a unix socket: it may ask for passwords")
    account = server_account(None)
    folder = Path(tempfile.mkdtemp(prefix="pgb-"))
    server = " ".join(f"{name}={given[name]}" for name in ("host", "port", "user") if name in given)
    (folder / "ini").write_text(SETTINGS.format(server=server, port=PORT, folder=folder, mode=mode, size=size))
    account.own(folder)
    account.own(folder / "ini")
    with (folder / "output").open("wb") as output:
        process = account.spawn(Path(PROGRAM), [str(folder / "ini")], output)
    pooled = Conninfo.of(**{**given, "host": str(folder), "port": PORT})
    try:
        _await(process, pooled, folder)
        yield pooled
    finally:
        _stop(process)
        shutil.rmtree(folder)


def _await(process: subprocess.Popen[bytes], pooled: Conninfo, folder: Path) -> None:
    for _ in range(3000):
        try:
            return connect(pooled).close()
        except DatabaseError:
            assert process.poll() is None, (folder / "output").read_text()
            time.sleep(0.02)
    raise AssertionError((folder / "output").read_text())


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)  # at once, whatever its clients do
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
