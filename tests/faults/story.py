"""What is migrated while faults happen: folders whose every statement leaves a mark that can be counted.

A mark is a table of the schema `mark`, made before the story begins; the migrations insert a row each. A test can
halt a migration at a mark (by locking its table), and count afterwards how often that place was passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ALONE = "-- migrate:up transaction:false\n"
_MARK = re.compile(r"INSERT INTO mark\.(\w+) DEFAULT VALUES")


def mark(label: str) -> str:
    """The statement that leaves a mark."""
    return f"INSERT INTO mark.{label} DEFAULT VALUES;\n"


@dataclass(frozen=True, slots=True)
class Story:
    """Migration files by name, and what is typed: `begins` before any fault, `command` while faults happen.

    `facts` is a query whose rows have to be as in an undisturbed run, besides catalog and marks.
    """

    files: Mapping[str, str]
    command: tuple[str, ...] = ("upgrade",)
    begins: tuple[str, ...] = ()
    facts: str = "SELECT"

    @property
    def marks(self) -> list[str]:
        """The labels of all marks, in the order in which they are left."""
        return [label for name in sorted(self.files) for label in _MARK.findall(self.files[name])]

    @property
    def versions(self) -> list[int]:
        numbers = [name.partition("-")[0] for name in sorted(self.files)]
        return [int(number) for number in numbers if number.isdecimal()]

    def prologue(self) -> str:
        """What a database holds before the story begins."""
        tables = "".join(
            f"CREATE TABLE mark.{label} (at timestamptz DEFAULT clock_timestamp());\n" for label in self.marks
        )
        return f"CREATE SCHEMA mark;\n{tables}"

    def write(self, folder: Path) -> Path:
        """Put the files below `folder`, in a folder `migrations`; gives `folder`."""
        (folder / "migrations").mkdir(parents=True)
        for name, text in self.files.items():
            path = folder / "migrations" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder


FULL = Story(
    {
        "01-orders.sql": "CREATE TABLE orders (id int PRIMARY KEY, state text, note text);\n"
        + mark("a1")
        + "INSERT INTO orders SELECT n, 'new', 'order ' || n FROM generate_series(1, 500) n;\n"
        + mark("a2"),
        "02-items.sql": mark("b1")
        + "CREATE TABLE items (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders);\n"
        + mark("b2")
        + "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\n"
        "CREATE TRIGGER items_touch BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch();\n" + mark("b3"),
        "03-index.sql": ALONE
        + mark("c1")
        + "CREATE INDEX CONCURRENTLY orders_state ON orders (state);\n"
        + mark("c2")
        + "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note);\n"
        + mark("c3")
        + "CREATE TABLE plain (id int);\n"
        + mark("c4"),
        "04-kinds.sql": "CREATE TYPE kind AS ENUM ('a', 'b');\n"
        + mark("d1")
        + "CREATE TABLE parts (id int, k kind) PARTITION BY RANGE (id);\n"
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (100);\n"
        "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200);\n" + mark("d2"),
        "05-alone.sql": ALONE
        + "DROP INDEX CONCURRENTLY orders_state;\n"
        + mark("e1")
        + "ALTER TYPE kind ADD VALUE 'c' AFTER 'a';\n"
        + mark("e2")
        + "REINDEX INDEX CONCURRENTLY orders_note;\n"
        + mark("e3")
        + "ALTER TABLE parts DETACH PARTITION parts_2 CONCURRENTLY;\n"
        + mark("e4")
        + "VACUUM (ANALYZE) orders;\n",
        "06-session.sql": "SELECT pg_catalog.set_config('search_path', '', false);\n"
        "CREATE TABLE public.quiet (id int);\n" + mark("f1"),
        "07-last.sql": "ALTER TABLE orders ADD COLUMN total numeric NOT NULL DEFAULT 0;\n"
        + mark("g1")
        + "CREATE VIEW big AS SELECT id FROM orders WHERE total > 100;\n"
        + mark("g2"),
    }
)
"""Files of all kinds: with and without a transaction, with what can and what cannot be tried again."""


TRANSACTIONS = Story({name: text for name, text in FULL.files.items() if not text.startswith(ALONE)})
"""Only files that are one transaction each."""

LARGE = Story(
    {
        "01-rows.sql": "CREATE TABLE logs (id int, line text);\n"
        + mark("a1")
        + "INSERT INTO logs SELECT n, repeat('x', 300) FROM generate_series(1, 6000) n;\n"
        + mark("a2"),
        "02-index.sql": ALONE
        + "CREATE INDEX CONCURRENTLY logs_line ON logs (line, id);\n"
        + mark("b1")
        + "CREATE INDEX CONCURRENTLY logs_id ON logs (id);\n"
        + mark("b2")
        + "CREATE TABLE more AS SELECT * FROM logs;\n"
        + mark("b3"),
        "03-rewrite.sql": mark("c1") + "ALTER TABLE logs ALTER COLUMN id TYPE bigint;\n" + mark("c2"),
    }
)
"""Some megabytes."""

LOCKS = Story(
    {
        "1-tables.sql": "CREATE TABLE one (id int);\nCREATE TABLE two (id int);\n" + mark("a1"),
        "2-both.sql": "ALTER TABLE one ADD COLUMN more int;\n"
        + mark("b1")
        + "ALTER TABLE two ADD COLUMN more int;\n",
        "3-more.sql": "CREATE TABLE three (id int);\n" + mark("c1"),
    }
)
"""Two tables that are locked one after the other."""

BACK = Story(
    {
        "01-orders.sql": "-- migrate:up\nCREATE TABLE orders (id int PRIMARY KEY, state text);\n"
        "INSERT INTO orders SELECT n, 'new' FROM generate_series(1, 100) n;\n"
        + mark("a1")
        + "-- migrate:down\n"
        + mark("z1")
        + "DROP TABLE orders;\n"
        + mark("z2"),
        "02-index.sql": ALONE
        + "CREATE INDEX CONCURRENTLY orders_state ON orders (state);\n"
        + mark("b1")
        + "-- migrate:down transaction:false\n"
        + mark("y1")
        + "DROP INDEX CONCURRENTLY orders_state;\n"
        + mark("y2")
        + "VACUUM orders;\n"
        + mark("y3"),
        "03-view.sql": "-- migrate:up\nCREATE VIEW fresh AS SELECT id FROM orders WHERE state = 'new';\n"
        + mark("c1")
        + "-- migrate:down\nDROP VIEW fresh;\n"
        + mark("x1"),
    },
    command=("downgrade", "--to", "0"),
    begins=("upgrade",),
)
"""All the way down again."""

KINDS = Story(
    {
        "01-numbers.sql": "CREATE TABLE numbers (id int PRIMARY KEY, times int NOT NULL DEFAULT 0);\n"
        "INSERT INTO numbers SELECT n * 3 FROM generate_series(1, 500) n;\n" + mark("a1"),
        "02-batched.sql": ALONE + mark("b1") + "-- pgproof: batch 100 over numbers.id\n"
        "UPDATE numbers SET times = times + 1 WHERE id BETWEEN $1 AND $2;\n" + mark("b2") + "-- pgproof: batch\n"
        "UPDATE numbers SET times = times + 10 WHERE id IN (SELECT id FROM numbers WHERE times = 1 LIMIT 150);\n"
        + mark("b3"),
        "03-program.py": "def upgrade(conn):\n"
        "    conn.execute('CREATE TABLE made (id int)')\n"
        "    conn.execute('INSERT INTO mark.c1 DEFAULT VALUES')\n"
        "    conn.execute('ALTER TABLE made ADD COLUMN more text')\n"
        "    conn.execute('INSERT INTO mark.c2 DEFAULT VALUES')\n",
        "R-view.sql": "CREATE OR REPLACE VIEW often AS SELECT id FROM numbers WHERE times > 1;\n" + mark("r1"),
    },
    facts="SELECT times, count(*) FROM numbers GROUP BY times ORDER BY times",
)
"""Batches, a program, a file that is repeated when it changes."""

_HOOK = "INSERT INTO hooked VALUES (current_setting('pgproof.migration'), '{}');\n"
HOOKS = Story(
    {
        "01-orders.sql": "CREATE TABLE orders (id int);\n" + mark("a1"),
        "02-path.sql": "SET LOCAL search_path = mark;\nCREATE TABLE quiet (id int);\n" + mark("b1"),
        "03-items.sql": "CREATE TABLE items (id int);\n" + mark("c1"),
        "04-alone.sql": ALONE + mark("d1") + "VACUUM orders;\n" + mark("d2"),
        "05-program.py": "def upgrade(conn):\n    conn.execute('INSERT INTO mark.e1 DEFAULT VALUES')\n",
        "hooks/before-upgrade.sql": "CREATE TABLE IF NOT EXISTS hooked (migration text, hook text);\n",
        "hooks/before-each.sql": _HOOK.format("before"),
        "hooks/after-each.sql": _HOOK.format("after"),
    },
    facts="""
SELECT migration, hook, CASE WHEN migration < '04' THEN count(*) END
  FROM hooked WHERE migration < '04' OR hook = 'before' GROUP BY migration, hook ORDER BY migration, hook
""",
)
"""Hooks: with a migration in SQL exactly once; before another kind once or more often, after it perhaps not."""
