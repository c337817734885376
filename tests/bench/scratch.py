"""How long a scratch server takes, beside a plain initdb and start: python -m tests.bench.scratch [ROUNDS]

Medians in milliseconds, on the binaries that pgproof would take; the ratio is to the plain way in the same place.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pgproof.database.scratch import Binaries, ScratchOptions, environment_options, find_binaries, open_cluster
from pgproof.database.scratch.account import server_account

PROGRAM = """
import os
from pgproof.database.scratch import environment_options, open_scratch
with open_scratch(environment_options(os.environ)):
    pass
"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    options = replace(environment_options(os.environ), url=None)
    binaries = find_binaries(options)[0][0]
    place = next(path for path in options.run_dirs if path.is_dir())
    print(f"PostgreSQL {binaries.version}, {binaries}; servers in {place}; {rounds} rounds, medians")
    plain = median(rounds, lambda: plain_start(binaries, place))
    show("plain: initdb, pg_ctl -w start", plain, plain)
    cold = median(rounds, lambda: scratch(binaries, options, cold=True))
    show("pgproof, nothing in the cache", cold, plain)
    warm = median(rounds, lambda: scratch(binaries, options))
    show("pgproof, warm cache: nothing to ready", warm, plain)
    show("  the same on disk (/tmp)", median(rounds, lambda: scratch(binaries, on_disk(options))), plain)
    show("  with its end", median(rounds, lambda: scratch(binaries, options, and_end=True)), plain)
    show("  with its end, as a new Python process", median(rounds, process), plain)
    databases(binaries, options, rounds)


def show(name: str, seconds: float, plain: float) -> None:
    print(f"{name:45} {seconds * 1000:8.1f} ms   {plain / seconds:5.1f} x")


def median(rounds: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(rounds))


def on_disk(options: ScratchOptions) -> ScratchOptions:
    return replace(options, run_dirs=(Path("/tmp"),))


def scratch(binaries: Binaries, options: ScratchOptions, *, cold: bool = False, and_end: bool = False) -> float:
    with tempfile.TemporaryDirectory() as empty:
        begin = time.perf_counter()
        with open_cluster(binaries, replace(options, cache_dir=Path(empty)) if cold else options):
            ready = time.perf_counter()
        return (time.perf_counter() if and_end else ready) - begin


def process() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
    return time.perf_counter() - begin


def plain_start(binaries: Binaries, place: Path) -> float:
    """What a person would type, as the account that pgproof takes."""
    account = server_account(None)
    folder = Path(tempfile.mkdtemp(prefix="pgproof-bench-", dir=place))
    account.own(folder)
    data = str(folder / "data")
    pg_ctl = binaries.directory / "pg_ctl"
    start = ["-D", data, "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses=", "start"]

    def run(program: Path, arguments: list[str]) -> None:
        with Path(os.devnull).open("wb") as nowhere:
            assert account.spawn(program, arguments, nowhere).wait() == 0

    try:
        begin = time.perf_counter()
        run(binaries.initdb, ["-D", data])
        run(pg_ctl, start)
        ready = time.perf_counter()
        run(pg_ctl, ["-D", data, "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)
    return ready - begin


def databases(binaries: Binaries, options: ScratchOptions, rounds: int) -> None:
    with open_cluster(binaries, options) as server:

        def create_and_drop() -> float:
            begin = time.perf_counter()
            with server.database():
                pass
            return time.perf_counter() - begin

        print(f"{'a fresh database, created and dropped':45} {median(rounds * 3, create_and_drop) * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
