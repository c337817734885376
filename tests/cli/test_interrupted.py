"""Ctrl-C while several servers are at work: all of them end, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries
from pgproof.errors import DatabaseError
from tests.database.scratch.conftest import is_alive
from tests.migrate.case import write

_ENDLESS = 600
_PATIENCE = 60.0


def _until(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _PATIENCE
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def _servers(of: int) -> dict[int, Path]:
    """The servers that a process has started, and their folders."""
    shown = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    found = {}
    for line in shown.stdout.splitlines():
        pid, parent, *words = line.split()
        if int(parent) == of and "-D" in words and "postgres" in Path(words[0]).name:
            found[int(pid)] = Path(words[words.index("-D") + 1]).parent
    return found


def _asleep(folder: Path) -> bool:
    """Whether the server in the folder runs the statement without end."""
    address = Conninfo.of(host=str(folder / "socket"), port="5432", user="postgres", dbname="postgres")
    try:
        with closing(connect(address)) as conn:
            found = conn.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").fetchall()
    except DatabaseError:
        return False
    return bool(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "count", "number"), [("verify", 2, signal.SIGINT), ("check", 3, signal.SIGTERM)]
)
def test_it_ends_on_all_servers(
    command: str,
    count: int,
    number: signal.Signals,
    major_binaries: dict[int, Binaries],
    cache: Path,
    tmp_path: Path,
) -> None:
    """Of `check`, the last server is asked when the others have answered."""
    majors = sorted(major_binaries)[:count]
    if len(majors) < count:
        pytest.skip(f"{count} majors of PostgreSQL: no binaries; set PGPROOF_PG_DIR")
    write(tmp_path / "migrations", {"1-a.sql": f"SELECT pg_sleep({_ENDLESS});\n"})
    words = [sys.executable, "-m", "pgproof", command, "--postgres", ",".join(map(str, majors))]
    environment = {name: value for name, value in os.environ.items() if name != "PGPROOF_SCRATCH_URL"}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            _until(lambda: sum(_asleep(each) for each in _servers(process.pid).values()) == 2, process)
            servers = _servers(process.pid)
            process.send_signal(number)
            _, errors = process.communicate(timeout=_PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, errors.strip()) == (128 + number, "interrupted")
    assert [pid for pid in servers if is_alive(pid)] == []
    assert [folder for folder in servers.values() if folder.exists()] == []


def test_ctrl_c_while_the_program_is_loaded_is_no_traceback() -> None:
    """The signal comes when click is asked for, which takes most of a start."""
    early = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'click.core':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from pgproof.cli import main\n"
        "main()\n"
    )
    told = subprocess.run([sys.executable, "-c", early], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "interrupted\n")
