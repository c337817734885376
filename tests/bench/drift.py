"""How long `pgproof drift` takes, beside pg_dump: python -m tests.bench.drift [ROUNDS] [MOST]

MOST is the greatest number of tables (1000; up to 10000), each made by a migration of its own, as in
`tests.bench.migrate`. The floor is one `pg_dump --schema-only` of the same database, to /dev/null. Shown is
drift where nothing has changed since the last time; where that is not known, and the digest is that of what the
files build; where three tables were changed by hand, while what the files build is remembered; where everything is
read, and what the files build is in schema.json; and where it is built. Whole processes, medians; CPU and memory
as there. The goals are in the last column. Below each size: how many facts there are, how many round trips read
them, what one takes in the cache and in schema.json, and what of the peak memory.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg

from pgproof.catalog.extract import extract
from pgproof.database.scratch import environment_options, find_binaries
from tests.bench.migrate import Bench, Cost, median, show
from tests.faults.cluster import open_cluster

SIZES = (100, 1000, 10_000)
GOALS = {
    ("unchanged", 10_000): 0.1,
    ("by digest", 1000): 1.0,
    ("by digest", 10_000): 0.5,
    ("drifted", 1000): 1.0,
    ("drifted", 10_000): 0.5,
}
"""What the wall time is to be at most, as a multiple of pg_dump's; peak memory a fact is to be less than 1 kB."""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    options = environment_options(os.environ)
    found = [each for each in find_binaries(options)[0] if (each.directory / "pg_dump").exists()]
    if not found:
        sys.exit("no pg_dump beside a server's programs")
    binaries = found[0]
    print(
        f"PostgreSQL {binaries.version}, {binaries}; {rounds} rounds, medians in milliseconds; floor: pg_dump -s"
    )
    with (
        open_cluster(binaries, options) as cluster,
        tempfile.TemporaryDirectory(prefix="pgproof-bench-") as folder,
    ):
        bench = Bench(cluster, Path(folder))
        for size in [each for each in SIZES if each <= most]:
            compare(bench, size, rounds, binaries.directory / "pg_dump")


def compare(bench: Bench, count: int, rounds: int, pg_dump: Path) -> None:
    """The database of so many migrations: drift and pg_dump in turn."""
    folder = bench.migrations(count)
    major = str(bench.cluster.major)
    dump = [str(pg_dump), "--schema-only", "--file", os.devnull]
    with bench.database() as address:
        bench.pgproof(address, count)
        with closing(psycopg.connect(address, autocommit=True)) as conn:
            conn.execute("ANALYZE")  # as autovacuum does with catalogs that grow; it is off on this server
        first = bench.pgproof(address, count, "drift")
        ours, alike, floors = [], [], []
        for _ in range(rounds):
            floors.append(bench.measure([*dump, address], folder))
            ours.append(bench.pgproof(address, count, "drift"))
            alike.append(read_anew(bench, address, count, "seen"))
        change(address, count)
        changed = [bench.pgproof(address, count, "drift", fails=True) for _ in range(rounds)]
        change(address, count, back=True)
        size = max(path.stat().st_size for path in cache(bench, "built").iterdir())
        snapshot = folder / "migrations" / "schema.json"
        bench.measure([sys.executable, "-m", "pgproof", "snapshot", "--postgres", major], folder)
        known = [read_anew(bench, address, count, "seen", "known", "built") for _ in range(rounds)]
        for name, costs in {
            "unchanged": ours,
            "by digest": alike,
            "drifted": changed,
            "all read": known,
            "built": [first],
        }.items():
            show(f"{count} tables, {name}", costs, floors, goal=GOALS.get((name, count)))
        told(address, size, (alike, changed, known), snapshot)
        snapshot.unlink()


def read_anew(bench: Bench, address: str, count: int, *forgotten: str) -> Cost:
    """drift, where that much of the cache was lost."""
    for name in forgotten:
        shutil.rmtree(cache(bench, name))
    return bench.pgproof(address, count, "drift")


def cache(bench: Bench, name: str) -> Path:
    """A folder of the cache."""
    found = bench.folder / "cache" / "pgproof" / name
    found.mkdir(exist_ok=True)
    return found


def change(address: str, count: int, *, back: bool = False) -> None:
    """Three tables are no more what the files say: an index, a default, a constraint; or they are again."""
    first, second, third = (f"t{k:05}" for k in (1, count // 2, count))
    with closing(psycopg.connect(address, autocommit=True)) as conn:
        if back:
            conn.execute(f"DROP INDEX by_hand; ALTER TABLE {second} ALTER state SET DEFAULT 'new'".encode())
            conn.execute(f"ALTER TABLE {third} ADD CONSTRAINT {third}_amount_check CHECK (amount >= 0)".encode())
        else:
            conn.execute(f"CREATE INDEX by_hand ON {first} (email)".encode())
            conn.execute(f"ALTER TABLE {second} ALTER state DROP DEFAULT".encode())
            conn.execute(f"ALTER TABLE {third} DROP CONSTRAINT {third}_amount_check".encode())


def told(address: str, size: int, costs: tuple[list[Cost], ...], snapshot: Path) -> None:
    """What a fact takes."""
    with closing(psycopg.connect(address)) as conn:
        facts = extract(conn)
    number = len(facts.facts)
    least, some, most = (median(each, lambda cost: cost.memory) * 1024 * 1024 for each in costs)
    print(
        f"{number} facts in {facts.round_trips} round trips; bytes a fact: {size / number:.0f} in the cache, "
        f"{snapshot.stat().st_size / number:.0f} in schema.json, {least / number:.0f} of peak memory by digest, "
        f"{some / number:.0f} where it has drifted, {most / number:.0f} where all is read\n",
        flush=True,
    )


if __name__ == "__main__":
    main()
