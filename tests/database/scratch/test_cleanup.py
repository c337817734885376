"""Nothing is left: on exit, on signals, after a crash, with many at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchOptions, open_cluster, open_scratch
from pgproof.database.scratch.rundir import sweep
from tests.database.scratch.conftest import is_alive, left_in, postmaster_in

# Says "ready" with the server's address and waits; what stands for {body} may do something else.
PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, open_scratch

options = ScratchOptions(
    url=Conninfo.parse({url!r}) if {url!r} else None,
    pg_bin=None if {url!r} else Path({pg_bin!r}),
    cache_dir={cache!r} and Path({cache!r}),
    run_dirs=(Path({place!r}),),
)
def ready(text):
    print(text, flush=True)
    for _ in range(600):
        time.sleep(0.1)  # a signal that comes just before a sleep is seen after it
{body}
"""
WAITING = """
with open_scratch(options) as server, server.database() as fresh:
    ready(fresh.secret)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(options: ScratchOptions, binaries: Binaries, place: Path) -> Iterator[Start]:
    """Runs PROGRAM in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def begin(body: str = WAITING, url: str = "", cache: Path | None = options.cache_dir) -> subprocess.Popen[str]:
        program = PROGRAM.format(
            url=url, pg_bin=str(binaries.directory), cache=str(cache or ""), place=str(place), body=body
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
    parent = place / f"pgproof-{os.geteuid()}"
    if parent.is_dir():
        sweep(parent)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, process.communicate()[1]
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_and_still_kills(start: Start, place: Path, number: signal.Signals) -> None:
    process = start()
    first_line(process)
    server = postmaster_in(place)
    process.send_signal(number)
    assert process.wait(60) == -number  # a shell shows 128 + number
    assert not left_in(place)
    assert not is_alive(server)


def test_interrupted_from_the_keyboard(start: Start, place: Path) -> None:
    process = start()
    first_line(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert not left_in(place)


ENDS = {
    "exit": """
with open_scratch(options) as server:
    sys.exit(7)
""",
    "never left": """
opened = open_scratch(options)
opened.__enter__()
sys.exit(7)
""",
    "in a thread": """
import threading
opened = open_scratch(options)
thread = threading.Thread(target=opened.__enter__)
thread.start()
thread.join()
sys.exit(7)
""",
    "a forked child does not end it": """
with open_scratch(options) as server:
    pid = os.fork()
    if pid == 0:
        sys.exit(3)
    os.waitpid(pid, 0)
    with server.database():
        sys.exit(7)
""",
}


@pytest.mark.parametrize("body", ENDS.values(), ids=ENDS.keys())
def test_any_other_end(start: Start, place: Path, body: str) -> None:
    process = start(body)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 7, errors
    assert not left_in(place)


def test_a_program_with_a_handler_of_its_own_keeps_it(start: Start, place: Path) -> None:
    body = """
def handler(*_):
    sys.exit(9)
signal.signal(signal.SIGTERM, handler)
with open_scratch(options) as server:
    ready("up")
"""
    process = start(body)
    first_line(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 9
    assert not left_in(place)


def test_handlers_are_put_back(options: ScratchOptions) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with open_scratch(options):
        pass
    assert signal.getsignal(signal.SIGTERM) is before


def test_after_a_crash_the_next_run_removes_what_is_left(
    start: Start, place: Path, options: ScratchOptions
) -> None:
    process = start()
    first_line(process)
    orphan = postmaster_in(place)
    process.kill()
    process.wait(60)
    assert is_alive(orphan)
    (left,) = left_in(place)
    with open_scratch(options):
        assert not is_alive(orphan)
        assert left not in left_in(place)
    assert not left_in(place)


def test_a_living_neighbour_is_left_alone(start: Start, options: ScratchOptions) -> None:
    neighbour = start()
    address = Conninfo.parse(first_line(neighbour))
    for _ in range(2):
        with open_scratch(options) as server, server.database():
            pass
    with connect(address) as conn:
        assert conn.execute("select 1").fetchone() == (1,)
    assert neighbour.poll() is None


def test_a_folder_that_goes_while_it_is_looked_at_is_no_matter(tmp_path: Path) -> None:
    """Its owner removes it and asks nobody; a link that leads nowhere is listed, too, and cannot be opened."""
    (tmp_path / "run-aaaaaaaa").symlink_to(tmp_path / "gone")
    (tmp_path / "run-bbbbbbbb").mkdir()
    sweep(tmp_path)
    assert [each.name for each in sorted(tmp_path.glob("run-*"))] == ["run-aaaaaaaa"]


def test_a_process_that_got_a_dead_servers_number_is_left_alone(place: Path, options: ScratchOptions) -> None:
    with open_scratch(options):
        pass
    stale = place / f"pgproof-{os.geteuid()}" / "run-deadbeef"
    (stale / "data").mkdir(parents=True)
    (stale / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{stale / 'data'}\n")
    with open_scratch(options):
        assert not stale.exists()


def test_many_at_once_with_an_empty_cache(start: Start, place: Path) -> None:
    cache = place / "cache"
    processes = [start(WAITING.replace("ready(", "print("), cache=cache) for _ in range(4)]
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert "dbname=" in output
    assert len([path for path in cache.iterdir() if path.is_dir()]) == 1
    assert not left_in(place)


def test_a_users_server_keeps_no_database_after_sigterm(
    start: Start, options: ScratchOptions, binaries: Binaries
) -> None:
    with open_cluster(binaries, options) as users:
        process = start(url=users.conninfo.secret)
        address = Conninfo.parse(first_line(process))
        with connect(users.conninfo) as conn:
            here = "select count(*) from pg_database where datname = %s"
            assert conn.execute(here, (address.database,)).fetchone() == (1,)
            process.terminate()
            assert process.wait(60) == -signal.SIGTERM
            assert conn.execute(here, (address.database,)).fetchone() == (0,)


def test_a_users_server_keeps_no_database_after_a_crash(
    start: Start, options: ScratchOptions, binaries: Binaries, place: Path
) -> None:
    cache = place / "cache"
    with open_cluster(binaries, options) as users:
        crashed, neighbour = (start(url=users.conninfo.secret, cache=cache) for _ in range(2))
        left, lives = (Conninfo.parse(first_line(process)).database for process in (crashed, neighbour))
        crashed.kill()
        crashed.wait(60)

        def there() -> set[str]:
            with connect(users.conninfo) as conn:
                return {
                    name for (name,) in conn.execute("select datname from pg_database where datname ~ '^pgproof'")
                }

        assert there() == {left, lives}
        with open_scratch(replace(options, url=users.conninfo, cache_dir=cache)):
            assert there() == {lives}
        neighbour.terminate()
        neighbour.wait(60)
        assert there() == set()
        assert list((cache / "databases").iterdir()) == []


def test_a_database_left_on_another_server_is_not_forgotten(
    start: Start, options: ScratchOptions, binaries: Binaries, place: Path
) -> None:
    cache = place / "cache"
    with open_cluster(binaries, options) as users, open_cluster(binaries, options) as other:
        crashed = start(url=users.conninfo.secret, cache=cache)
        left = Conninfo.parse(first_line(crashed)).database
        crashed.kill()
        crashed.wait(60)
        with open_scratch(replace(options, url=other.conninfo, cache_dir=cache)):
            assert [path.name for path in (cache / "databases").iterdir()] == [left]
        with open_scratch(replace(options, url=users.conninfo, cache_dir=cache)):
            assert list((cache / "databases").iterdir()) == []


def test_the_cache_is_mended_when_a_copy_is_damaged(options: ScratchOptions, place: Path) -> None:
    options = replace(options, cache_dir=place / "cache")
    for damage in (False, True, False):
        if damage:
            (control,) = place.glob("cache/cluster-*/global/pg_control")
            control.write_bytes(b"\0" * 100)
        with open_scratch(options) as server, server.database():
            pass
    (control,) = place.glob("cache/cluster-*/global/pg_control")
    assert control.stat().st_size == 8192
