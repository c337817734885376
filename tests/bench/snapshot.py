"""What schema.json takes at any size: python -m tests.bench.snapshot [MOST]

MOST is the greatest number of tables (1000; up to 10000), each made by a migration of its own, as in
`tests.bench.migrate`. Shown is `pgproof snapshot` that writes the file, the same with `--full`, `--check`, and
what is said of a file that was changed in its middle: whole processes, CPU and memory as there. The floor of each
is `pgproof upgrade` of the same files on an empty database, since to write and to check the file is to build them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pgproof.database.scratch import environment_options, find_binaries
from tests.bench.migrate import Bench, show
from tests.faults.cluster import open_cluster

SIZES = (100, 1000, 10_000)


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    options = environment_options(os.environ)
    binaries = find_binaries(options)[0][0]
    print(f"PostgreSQL {binaries.version}, {binaries}; milliseconds; floor: pgproof upgrade")
    with (
        open_cluster(binaries, options) as cluster,
        tempfile.TemporaryDirectory(prefix="pgproof-bench-") as folder,
    ):
        for size in [each for each in SIZES if each <= most]:
            measure(Bench(cluster, Path(folder)), size)


def measure(bench: Bench, count: int) -> None:
    """The file of so many tables, written, checked, and refused."""
    folder = bench.migrations(count)
    snapshot = folder / "migrations" / "schema.json"
    with bench.database() as address:
        floor = [bench.pgproof(address, count)]
    for words in ((), ("--check",), ("--full",), ("--check",)):
        cost = bench.measure([sys.executable, "-m", "pgproof", "snapshot", *words], folder)
        show(f"{count} tables, {' '.join(words) or 'written'}", [cost], floor)
        print(f"{'':30} {snapshot.stat().st_size / 1e6:.1f} MB, {lines(snapshot)} lines", flush=True)
    text = snapshot.read_text()
    middle = text.index("\n", len(text) // 2) + 1
    for what, changed in {
        "a line cut": text[: middle + 9] + text[text.index("\n", middle) :],
        "a value changed": text.replace('"public"', '"other"', 1),
        "the end cut off": text[:middle],
    }.items():
        snapshot.write_text(changed)
        refused(bench, folder, f"{count} tables, {what}")
    snapshot.unlink()


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def refused(bench: Bench, folder: Path, what: str) -> None:
    """How long it takes to say so, and where."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "pgproof", "snapshot", "--check"]
    ran = subprocess.run(command, cwd=folder, env=bench.environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begin
    assert ran.returncode == 2, ran
    print(f"{what:30} wall {wall * 1000:7.0f}  {ran.stderr.splitlines()[0]}", flush=True)


if __name__ == "__main__":
    main()
