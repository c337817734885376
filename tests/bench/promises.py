"""How many promises are judged in a second, beside raw EXPLAIN: python -m tests.bench.promises [PROMISES]

1,000 queries (by default) of 100 tables, each with an index that is to serve it and give its order. The floor is
one generic plan of each, PREPARE and EXPLAIN EXECUTE, in psycopg's pipeline on the same server. Beside it is what
is learnt of a query before rules judge it (`explain/study.py`): whether the index can serve it with others hidden,
who gives the order, what the planner refutes, what is lost with the index. The goal is 0.7 of the floor.

That takes several plans of each query, so that plans a second are told, too. Both sides begin in a new session,
with texts that nobody has seen before. Medians of several rounds are told, without the first, which loads modules.
Plans and round trips are counted in a pass of their own, by libpq's trace of the protocol.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from pgproof.catalog.read import read as read_catalog
from pgproof.cli import OBJECTS
from pgproof.contract.promise import Query
from pgproof.contract.read import read_checks
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import environment_options, open_scratch
from pgproof.explain.isolation import Hiding
from pgproof.explain.service import Bench
from pgproof.explain.study import studies
from pgproof.finding import Verdict
from pgproof.rules import registry
from pgproof.sql.source import Source
from tests.bench.check import TABLE

TABLES = 100
ROUNDS = 5
QUERY = """-- name: q{number}
-- uses: t{table}_parent
-- order: index
SELECT id, label, {number} AS number FROM t{table} WHERE parent_id = $1 ORDER BY made_at DESC LIMIT 10;
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    gc.set_threshold(OBJECTS)  # as of the command
    with open_scratch(environment_options(os.environ)) as server, server.database() as database:
        with closing(connect(database)) as conn:
            conn.execute("".join(TABLE.format(n=n, parent=max(0, n - 1)) for n in range(TABLES)).encode())
        print(f"PostgreSQL {server.version}, load {os.getloadavg()[0]:.1f}; {count} promises, {TABLES} tables")
        floors, ours = [], []
        for number in range(ROUNDS + 1):
            queries = written(count, first=number * count)
            with closing(connect(database)) as conn:
                floors.append(raw(conn, queries))
            with bench_of(database) as bench:
                ours.append(studied(bench, queries))
        with bench_of(database) as bench:
            ways, plans = counted(bench, written(count, first=(ROUNDS + 1) * count))
    floor, floor_cpu = (median(column) for column in zip(*floors[1:], strict=True))
    judged, cpu = (median(column) for column in zip(*ours[1:], strict=True))
    print(f"raw EXPLAIN, pipelined  {floor:8.0f} a second   {floor_cpu * 1e3:.2f} ms of CPU each")
    print(
        f"promises                {judged:8.0f} a second   {judged / floor:.2f} of it (goal 0.7)   "
        f"{cpu * 1e3:.2f} ms of CPU each"
    )
    print(f"plans of them           {plans * judged:8.0f} a second   {plans * judged / floor:.2f} of it")
    print(f"a promise takes {plans:.2f} plans and {ways:.2f} round trips")


def written(count: int, *, first: int) -> tuple[Query, ...]:
    text = "\n".join(QUERY.format(number=first + n, table=n % TABLES) for n in range(count))
    queries = read_checks([Source("queries.sql", text)], registry.clauses()).queries
    assert len(queries) == count
    return queries


@contextmanager
def bench_of(database: Conninfo) -> Iterator[Bench]:
    with closing(connect(database)) as conn:
        conn.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield Bench(conn, read_catalog(conn), Hiding.CATALOG)


def raw(conn: Connection, queries: tuple[Query, ...]) -> tuple[float, float]:
    """Generic plans a second, and the CPU time of each in seconds; each query is prepared for its own."""
    conn.execute("SET plan_cache_mode = force_generic_plan")
    begin, used = time.perf_counter(), cpu_seconds(conn)
    with conn.pipeline():
        found = []
        for number, query in enumerate(queries):
            conn.execute(f"PREPARE r{number} AS {query.text}".encode(), prepare=False)
            found.append(
                conn.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE r{number} (NULL)".encode(), prepare=False)
            )
        plans = [cursor.fetchone() for cursor in found]
    seconds, used = time.perf_counter() - begin, cpu_seconds(conn) - used
    assert all(plans)
    conn.execute("DEALLOCATE ALL; RESET plan_cache_mode")
    return len(queries) / seconds, used / len(queries)


def studied(bench: Bench, queries: tuple[Query, ...]) -> tuple[float, float]:
    """Promises a second, and the CPU time of each in seconds."""
    begin, used = time.perf_counter(), cpu_seconds(bench.conn)
    facts = studies(bench, queries, lambda: bench)
    seconds, used = time.perf_counter() - begin, cpu_seconds(bench.conn) - used
    assert all(service.verdict is Verdict.HOLDS for each in facts for service in each.services)
    return len(queries) / seconds, used / len(queries)


def cpu_seconds(conn: Connection) -> float:
    """CPU time of this process and of the server's process for the session, which is read from Linux's /proc."""
    stat = Path(f"/proc/{conn.info.backend_pid}/stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def counted(bench: Bench, queries: tuple[Query, ...]) -> tuple[float, float]:
    """How many round trips and how many plans a promise takes."""
    with tempfile.TemporaryFile() as file:
        bench.conn.pgconn.trace(file.fileno())
        studied(bench, queries)
        bench.conn.pgconn.untrace()
        file.seek(0)
        lines = file.read().splitlines()
    ways = sum(b"ReadyForQuery" in line for line in lines)
    plans = sum(b'CommandComplete\t "EXPLAIN"' in line for line in lines)
    return ways / len(queries), plans / len(queries)


if __name__ == "__main__":
    main()
