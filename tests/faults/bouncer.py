"""A real PgBouncer before a cluster."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from pgproof.database.scratch.account import server_account
from tests.faults.cluster import PORT, Cluster, until

_CONFIG = """
[databases]
* = host={server} port={port} user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
admin_users = postgres
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 400
logfile = {folder}/log
"""
_PLACES = ("/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer")


@dataclass(frozen=True, slots=True)
class Bouncer:
    """A pooler that listens in `host`; `mode` is its pool_mode."""

    mode: str
    host: str


@contextmanager
def open_bouncer(cluster: Cluster, mode: str, size: int = 5) -> Iterator[Bouncer]:
    """PgBouncer as long as the block lasts; skips the test where the program is missing."""
    found = shutil.which("pgbouncer") or next((each for each in _PLACES if os.access(each, os.X_OK)), None)
    if found is None:
        pytest.skip("no PgBouncer on this machine (apt-get install pgbouncer)")
    account = server_account(None)
    with tempfile.TemporaryDirectory(prefix="pgb-") as folder:
        account.own(folder)
        config = Path(folder) / "pgbouncer.ini"
        text = _CONFIG.format(server=cluster.host, port=PORT, folder=folder, mode=mode, size=size)
        config.write_text(text, encoding="utf-8")
        account.own(config)
        with (Path(folder) / "output").open("wb") as output:
            process = account.spawn(Path(found), [str(config)], output)
        try:
            until(lambda: _answers(process, folder), "PgBouncer answers")
            yield Bouncer(mode, folder)
        finally:
            os.kill(process.pid, signal.SIGINT)
            process.wait(30)


def _answers(process: subprocess.Popen[bytes], folder: str) -> bool:
    assert process.poll() is None, (Path(folder) / "output").read_text()
    try:
        with closing(psycopg.connect(f"host={folder} port={PORT} user=postgres dbname=postgres")):
            return True
    except psycopg.OperationalError:
        return False
