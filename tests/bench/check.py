"""How long `pgproof check` takes, beside what it cannot do without: python -m tests.bench.check [ROUNDS]

Medians of whole processes. The floor is a new Python process that loads the same libraries, brings up a scratch
server and applies the same files with psycopg; the ratio is to that.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOOR = """
import os, sys
from pathlib import Path
import jinja2, postgast, psycopg, rich, sqlglot
from pgproof.database.scratch import environment_options, open_scratch
with open_scratch(environment_options(os.environ)) as server, server.database() as fresh:
    with psycopg.connect(fresh.secret, autocommit=True) as conn:
        for path in sorted(Path(sys.argv[1]).glob("*.sql")):
            text = path.read_text().partition("-- migrate:down")[0]
            for statement in text.split(";\\n\\n") if "CONCURRENTLY" in text else [text]:
                conn.execute(statement.encode())
"""
TABLE = """
CREATE TABLE t{n} (
    id bigint PRIMARY KEY,
    parent_id bigint REFERENCES t{parent} ON DELETE CASCADE,
    kind text NOT NULL DEFAULT 'a' CONSTRAINT t{n}_kind_chk CHECK (kind IN ('a', 'b', 'c')),
    label varchar(100) NOT NULL UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now()
);
-- Query pattern: WHERE parent_id = ? ORDER BY made_at DESC
CREATE INDEX t{n}_parent ON t{n} (parent_id, made_at DESC);
"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"pgproof check, whole processes, {rounds} rounds, medians")
    compare("the shipped schema: 5 migrations, 15 queries", Path("migrations"), rounds)
    with tempfile.TemporaryDirectory() as folder:
        for count in (50, 500):
            file = Path(folder) / "01-tables.sql"
            file.write_text(
                "".join(TABLE.format(n=n, parent=max(0, n - 1)) for n in range(count)), encoding="utf-8"
            )
            compare(f"{count} tables, {count} queries", Path(folder), max(1, rounds // 2))


def compare(name: str, folder: Path, rounds: int) -> None:
    floor = median(rounds, [sys.executable, "-c", FLOOR, str(folder)])
    ours = median(
        rounds, [sys.executable, "-m", "pgproof", "check", "--migrations", str(folder), "--format", "json"]
    )
    print(f"{name:48} {ours * 1000:8.0f} ms   floor {floor * 1000:6.0f} ms   {ours / floor:5.2f} x")


def median(rounds: int, command: list[str]) -> float:
    return statistics.median(timed(command) for _ in range(rounds))


def timed(command: list[str]) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode not in (0, 1):  # 1: findings, here acceptances that the folder does not need
        sys.exit(done.stderr.decode())
    return seconds


if __name__ == "__main__":
    main()
