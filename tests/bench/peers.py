"""Other tools on the same migrations, beside pgproof and the floor: python -m tests.bench.peers [ROUNDS] [MOST]

Those that are installed take part: dbmate, sql-migrate and node-pg-migrate if they are on the PATH, Alembic and
Django if this Python has them. Each has the same SQL as files of its own, one transaction a migration, applies it
to an empty database, and is run once more with nothing to do.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pgproof.database.scratch import environment_options, find_binaries
from tests.bench.migrate import FLOOR, TABLE, Bench, Cost, median
from tests.faults.cluster import open_cluster

UP, DOWN = "-- migrate:up\n", "-- migrate:down\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A tool: `prepare` writes a folder for so many migrations and a server's socket; `command` applies them."""

    name: str
    prepare: Callable[[Path, int, str], None]
    command: Callable[[str], list[str]]


def sql(k: int) -> str:
    return TABLE.format(k=k, reference=f" REFERENCES t{k - 1:05} (id)" if k > 1 else "")


def files(pattern: str, text: Callable[[int], str]) -> Callable[[Path, int, str], None]:
    """Writes a file for each migration; `pattern` is its path, with the number as `k`."""

    def prepare(folder: Path, count: int, _host: str) -> None:
        for k in range(1, count + 1):
            path = folder / pattern.format(k=k)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(k))

    return prepare


def url(host: str) -> str:
    return f"postgres:///bench?host={host}&user=postgres"


def sql_migrate(folder: Path, count: int, host: str) -> None:
    source = f"host={host} user=postgres dbname=bench sslmode=disable"
    (folder / "dbconfig.yml").write_text(
        f"development:\n  dialect: postgres\n  dir: m\n  datasource: {source}\n", encoding="utf-8"
    )
    files("m/{k:05}.sql", lambda k: f"-- +migrate Up\n{sql(k)}-- +migrate Down\nDROP TABLE t{k:05};\n")(
        folder, count, host
    )


def node_pg_migrate(folder: Path, count: int, host: str) -> None:
    (folder / "package.json").write_text("{}")
    files(
        "migrations/17{k:011}_make.sql",
        lambda k: f"-- Up Migration\n{sql(k)}-- Down Migration\nDROP TABLE t{k:05};\n",
    )(folder, count, host)


def alembic(folder: Path, count: int, host: str) -> None:
    address = f"postgresql+psycopg://postgres@/bench?host={host}"
    (folder / "alembic.ini").write_text(f"[alembic]\nscript_location = %(here)s/m\nsqlalchemy.url = {address}\n")
    files(
        "m/versions/r{k:05}_make.py",
        lambda k: (
            f"from alembic import op\nrevision = 'r{k:05}'\n"
            f"down_revision = {f'r{k - 1:05}' if k > 1 else None!r}\nbranch_labels = depends_on = None\n\n\n"
            f'def upgrade():\n    op.execute("""{sql(k)}""")\n'
        ),
    )(folder, count, host)
    (folder / "m" / "env.py").write_text(
        "from alembic import context\nimport sqlalchemy as sa\n"
        "engine = sa.create_engine(context.config.get_main_option('sqlalchemy.url'), poolclass=sa.pool.NullPool)\n"
        "with engine.connect() as conn:\n"
        "    context.configure(connection=conn, transaction_per_migration=True)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n"
    )


def django(folder: Path, count: int, host: str) -> None:
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "bench", "HOST": host, "USER": "postgres"}
    (folder / "settings.py").write_text(
        f"SECRET_KEY = 'x'\nINSTALLED_APPS = ['app']\nUSE_TZ = True\nDATABASES = {{'default': {database!r}}}\n"
    )
    files(
        "app/migrations/m{k:05}.py",
        lambda k: (
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = {[('app', f'm{k - 1:05}')] if k > 1 else []!r}\n"
            f'    operations = [migrations.RunSQL("""{sql(k)}""")]\n'
        ),
    )(folder, count, host)
    for package in ("app", "app/migrations"):
        (folder / package / "__init__.py").write_text("")


def peers() -> Iterator[Peer]:
    """pgproof, the floor, and the tools that are there."""
    plain = files("migrations/{k:05}-make.sql", lambda k: f"{UP}{sql(k)}{DOWN}DROP TABLE t{k:05};\n")
    yield Peer(
        name="floor",
        prepare=files("migrations/{k:05}.sql", sql),
        command=lambda host: [sys.executable, "-c", FLOOR, url(host), "migrations"],
    )
    yield Peer(
        name="pgproof",
        prepare=plain,
        command=lambda host: [sys.executable, "-m", "pgproof", "upgrade", "--database", url(host)],
    )
    if dbmate := shutil.which("dbmate"):
        yield Peer(
            name="dbmate",
            prepare=files("db/migrations/{k:05}_make.sql", lambda k: f"{UP}{sql(k)}{DOWN}DROP TABLE t{k:05};\n"),
            command=lambda host: [dbmate, "--url", f"{url(host)}&sslmode=disable", "--no-dump-schema", "migrate"],
        )
    if found := shutil.which("sql-migrate"):
        yield Peer(name="sql-migrate", prepare=sql_migrate, command=lambda _: [found, "up"])
    if node := shutil.which("node-pg-migrate"):
        yield Peer(
            name="node-pg-migrate",
            prepare=node_pg_migrate,
            command=lambda host: [
                *("env", f"DATABASE_URL={url(host)}", node),
                *("up", "--verbose=false", "--no-single-transaction"),
            ],
        )
    if find_spec("alembic"):
        yield Peer(
            name="alembic",
            prepare=alembic,
            command=lambda _: [sys.executable, "-m", "alembic", "upgrade", "head"],
        )
    if find_spec("django"):
        yield Peer(
            name="django",
            prepare=django,
            command=lambda _: [
                *("env", "DJANGO_SETTINGS_MODULE=settings", "PYTHONPATH=."),
                *(sys.executable, "-m", "django", "migrate"),
            ],
        )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    options = environment_options(os.environ)
    binaries = find_binaries(options)[0][0]
    print(f"PostgreSQL {binaries.version}, {binaries}; {rounds} rounds, medians in milliseconds")
    for count in [each for each in (1, 100, 1000) if each <= most]:
        with (
            open_cluster(binaries, options) as cluster,
            tempfile.TemporaryDirectory(prefix="pgproof-bench-") as folder,
        ):
            bench = Bench(cluster, Path(folder))
            there = list(peers())
            for peer in there:
                (bench.folder / peer.name).mkdir()
                peer.prepare(bench.folder / peer.name, count, cluster.host)
            applied: dict[str, list[Cost]] = {peer.name: [] for peer in there}
            again: dict[str, list[Cost]] = {peer.name: [] for peer in there}
            for _ in range(rounds):  # in turn: what else is going on hits all alike
                for peer in there:
                    one_round(bench, peer, count, applied[peer.name], again[peer.name])
            show(count, applied, again)


def one_round(bench: Bench, peer: Peer, count: int, applied: list[Cost], again: list[Cost]) -> None:
    """All migrations on an empty database, then once more with nothing to do."""
    folder = bench.folder / peer.name
    with bench.database():
        applied.append(bench.measure(peer.command(bench.cluster.host), folder))
        with closing(bench.cluster.connect("bench")) as conn:
            row = conn.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]{5}$'").fetchone()
        assert row == (count,), f"{peer.name} made {row} tables"
        again.append(bench.measure(peer.command(bench.cluster.host), folder))


def show(count: int, applied: dict[str, list[Cost]], again: dict[str, list[Cost]]) -> None:
    def cpu(cost: Cost) -> float:
        return cost.tool + cost.server

    least = median(applied["floor"], cpu)
    print(f"\n{count} migrations: apply wall, CPU, CPU / floor, peak MB; nothing to do wall, CPU")
    for name, costs in applied.items():
        wall, work, memory = (median(costs, of) for of in (lambda c: c.wall, cpu, lambda c: c.memory))
        then, rest = median(again[name], lambda cost: cost.wall), median(again[name], cpu)
        print(
            f"{name:16} {wall * 1000:7.0f} {work * 1000:7.0f} {work / least:6.2f} x {memory:5.0f}"
            f"   {then * 1000:7.0f} {rest * 1000:7.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
