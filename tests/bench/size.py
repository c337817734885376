"""Plans at production size: what they cost. python -m tests.bench.size [TABLES]

A schema of 1,000 tables at 1e8 rows each: how long it takes to know it, to lengthen its files and to write its
statistics (goal: 20 s for the last two), and what that takes of the disk. Then the shipped schema at up to 1e10
rows: the whole of `pgproof check` as a process (goal: 5 s), and the disk (goal: 1 MiB).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgproof.catalog.read import read as read_catalog
from pgproof.contract import profile
from pgproof.database.scratch import ScratchServer, environment_options, open_scratch
from pgproof.explain.size import btree, inflate, inject, layout, model, shape, sweep
from pgproof.explain.size.own import OwnDatabase
from pgproof.migrate.execute import build
from pgproof.migrate.library import load_plain

TABLE = """
CREATE TABLE t{n} (
    id uuid PRIMARY KEY,
    parent_id uuid,
    kind text NOT NULL DEFAULT 'a' CONSTRAINT t{n}_kind_chk CHECK (kind IN ('a', 'b', 'c')),
    label varchar(100) NOT NULL UNIQUE,
    amount numeric,
    number bigint,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX t{n}_parent ON t{n} (parent_id, made_at DESC);
"""
_AT_ONCE = 50


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with open_scratch(environment_options(os.environ)) as server:
        print(f"PostgreSQL {server.version}, load {os.getloadavg()[0]:.1f}")
        many(server, count)
        seed(server)
    whole(5)


def many(server: ScratchServer, count: int) -> None:
    with server.database() as database, OwnDatabase(server, database) as own:
        with timed(f"{count} tables: DDL"):
            for begin in range(0, count, _AT_ONCE):
                own.conn.execute("".join(TABLE.format(n=n) for n in range(begin, begin + _AT_ONCE)).encode())
        with timed("its catalog, read"):
            snapshot = read_catalog(own.conn)
        with timed("what it would hold"):
            there = shape.read(own.conn)
            made = model.model(profile.read("p.toml", "sizes = [1e8]"), snapshot, there)
            found = layout.layout(made, there, 0, own.page, sweep.now(own.conn))
        before = disk(own)
        begin = time.perf_counter()
        with timed("btrees of their height"):
            found = btree.rooted(own, found)
        with timed(f"inflate {found.segments(own.segment // own.page)} files"):
            inflate.inflate(own, found.relations)
        with timed(f"inject {len(found.statistics)} columns"):
            inject.inject(own, found)
        print(f"{'inflate and inject (goal: 20 s)':44} {time.perf_counter() - begin:8.2f} s")
        with timed("verify"):
            inject.verify(own, found)
        print(f"{'disk that it takes':44} {(disk(own) - before) / 1024:8.0f} KiB")


def seed(server: ScratchServer) -> None:
    """Disk of the shipped schema at 1e10."""
    with server.database() as database, OwnDatabase(server, database) as own:
        for _ in build(own.conn, load_plain(Path("migrations"), {})):
            pass
        before = disk(own)
        there = shape.read(own.conn)
        declared = profile.load(Path("checks") / profile.NAME)
        made = model.model(declared, read_catalog(own.conn), there)
        found = layout.layout(made, there, len(declared.sizes) - 1, own.page, sweep.now(own.conn))
        found = btree.rooted(own, found)
        files = inflate.inflate(own, found.relations)
        inject.inject(own, found)
        inject.verify(own, found)
        length = sum(each.pages for each in found.relations) * own.page / 1e12
        what = f"shipped schema: {files} files of {length:.1f} TB, on disk"
        print(f"{what:44} {(disk(own) - before) / 1024:8.0f} KiB")


def whole(rounds: int) -> None:
    """The whole of `pgproof check` as a process."""
    command = [sys.executable, "-m", "pgproof", "check", "--format", "json"]
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=os.environ)
        seconds.append(time.perf_counter() - begin)
    print(f"{'pgproof check, 4 sizes up to 1e10 (goal: 5 s)':44} {statistics.median(seconds):8.2f} s")


def disk(own: OwnDatabase) -> int:
    """Bytes that the database takes of the disk."""
    row = own.conn.execute(
        "SELECT oid::text FROM pg_catalog.pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None
    own.conn.execute("CHECKPOINT")
    return sum(each.stat().st_blocks * 512 for each in (own.data / "base" / row[0]).iterdir())


@contextmanager
def timed(what: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    print(f"{what:44} {time.perf_counter() - begin:8.2f} s", flush=True)


if __name__ == "__main__":
    main()
