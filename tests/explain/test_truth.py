"""Plans on statistics that are made up, against plans on rows that are there: the shipped schema, loaded.

The rows are drawn as truth.toml has them, ANALYZE reads them, and each documented query and those of truth/ are
planned for any values, frequent and rare ones. Then the same on an empty copy that was given that size. All plans
have to be alike: nodes, indexes, sort keys, conditions. `python -m tests.explain.test_truth [ROWS]` prints them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgproof.catalog.read import read as read_catalog
from pgproof.catalog.snapshot import Snapshot
from pgproof.contract import profile
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Query, Values
from pgproof.contract.read import load, read_migrations
from pgproof.database.connection import Connection, connect
from pgproof.database.scratch import ScratchServer, open_scratch
from pgproof.explain import planner
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared
from pgproof.explain.size import model as models
from pgproof.explain.size import shape, sweep, values
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.plans import explain
from pgproof.explain.size.sweep import Asked
from pgproof.explain.size.values import Bound
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load_plain
from pgproof.rules import registry
from tests.conftest import OPTIONS

ROOT = Path(__file__).parents[2]
MORE = Path(__file__).parents[1] / "cases" / "profile" / "truth"
LOAD = (Path(__file__).parents[1] / "cases" / "profile" / "load.sql").read_text()
PROFILE = (Path(__file__).parents[1] / "cases" / "profile" / "truth.toml").read_text()
Plans = dict[tuple[str, Values], Node]
Swept = dict[float, Plans]
"""The plans by the factor of the numbers of distinct values."""


def queries(library: Library) -> Iterator[Query]:
    yield from read_migrations([migration.up.script for migration in library.migrations]).queries
    yield from load(ROOT / "checks", registry.clauses()).queries
    yield from load(MORE, registry.clauses()).queries


def prepared(conn: Connection, query: Query) -> Prepared:
    with conn.transaction(force_rollback=True):
        return planner.prepare(conn, query.text, tuple(each.type for each in query.parameters))


def shown(node: Node) -> str:
    """What two plans have to have alike."""
    own = [node.summary, *node.sort_key, node.index_condition and "cond", node.filter and "filter"]
    return " ".join(filter(None, own)) + "".join(f"({shown(child)})" for child in node.children)


def synthesised(
    server: ScratchServer, library: Library, stated: Profile
) -> tuple[Swept, dict[Prepared, dict[int, Bound]]]:
    """The plans on an empty database that was given that size, and what the parameters are compared with."""
    with server.database() as database, OwnDatabase(server, database) as own:
        for _ in build(own.conn, library):
            pass
        snapshot = read_catalog(own.conn)
        asked = [
            Asked(prepared(own.conn, query), frozenset((t.schema, t.name) for t in snapshot.tables))
            for query in queries(library)
        ]
        found = sweep.sweep(own, stated, snapshot, asked)
        plans: Swept = {factor: {} for factor in sweep.FACTORS}
        for query, answer in zip(queries(library), found.answers, strict=True):
            for each in answer.sizes:
                plans[each.n_distinct][query.id, each.values] = each.root
        return plans, bounds(own.conn, snapshot, asked, stated)


def declared(rows: float) -> Profile:
    return profile.read("truth.toml", PROFILE.replace("1e6", f"{rows:g}"))


def bounds(
    conn: Connection, snapshot: Snapshot, asked: list[Asked], stated: Profile
) -> dict[Prepared, dict[int, Bound]]:
    there = shape.read(conn)
    model = models.model(stated, snapshot, there)
    return {each.prepared: values.bounds(explain(conn, each.prepared, [None])[0], there, model) for each in asked}


@dataclass(frozen=True)
class Truth:
    """The plans on rows that are there, and how many users ANALYZE takes them for."""

    plans: Plans
    users: float


def loaded(server: ScratchServer, library: Library, rows: float, known: dict[Prepared, dict[int, Bound]]) -> Truth:
    """The plans on a database with as many rows."""
    plans: Plans = {}
    with server.database() as database, closing(connect(database)) as conn:
        for _ in build(conn, library):
            pass
        conn.execute("SET synchronous_commit = on")  # else VACUUM marks no page all-visible
        conn.execute(LOAD.replace("1000000", f"{rows:.0f}").encode())
        conn.execute("VACUUM ANALYZE agents")
        conn.execute("VACUUM ANALYZE jobs")
        now = sweep.now(conn)
        for query in queries(library):
            each = prepared(conn, query)
            kinds = (Values.HOT, Values.RARE) if each.types else ()
            given = [values.arguments(each.types, known[each], {}, kind, 0, now) for kind in kinds]
            roots = explain(conn, each, [None, *given])
            plans |= {(query.id, kind): root for kind, root in zip(Values, roots, strict=False)}
        row = conn.execute("SELECT n_distinct FROM pg_catalog.pg_stats WHERE attname = 'user_id'").fetchone()
        assert row is not None
    return Truth(plans, row[0] if row[0] > 0 else -row[0] * rows)


def unlike(made: Plans, truth: Plans) -> list[str]:
    assert made.keys() == truth.keys()
    return [
        f"{query}, {kind}:\n  truth {shown(truth[query, kind])}\n  made  {shown(made[query, kind])}"
        for query, kind in truth
        if shown(truth[query, kind]) != shown(made[query, kind])
    ]


def unseen(swept: Swept, truth: Plans) -> list[str]:
    """The plans of loaded rows that the sweep has for no number of distinct values."""
    return [
        f"{query}, {kind}: {shown(root)}"
        for (query, kind), root in truth.items()
        if shown(root) not in {shown(plans[query, kind]) for plans in swept.values()}
    ]


def report(made: Plans, truth: Plans) -> str:
    lines = []
    for query, kind in truth:
        one, other = made[query, kind], truth[query, kind]
        rows = max(1.0, one.rows) / max(1.0, other.rows)
        lines.append(f"{query:40} {kind:26} cost x{one.cost / other.cost:.2f} rows x{rows:.2f}  {shown(other)}")
    wrong = unlike(made, truth)
    return "\n".join([*lines, *wrong, f"{len(truth) - len(wrong)} of {len(truth)} alike"])


def compare(server: ScratchServer, rows: float) -> tuple[Swept, Truth, Plans]:
    """What the sweep has, what is true, and what is made with as many users as ANALYZE takes them for."""
    library = load_plain(ROOT / "migrations", {})
    swept, known = synthesised(server, library, declared(rows))
    truth = loaded(server, library, rows, known)
    text = PROFILE.replace("1e6", f"{rows:g}")
    measured = profile.read("m.toml", text.replace('user_id" = 20', f'user_id" = {rows / truth.users:.4f}'))
    return swept, truth, synthesised(server, library, measured)[0][1.0]


def test_all_plans_are_those_of_loaded_rows(server: ScratchServer) -> None:
    swept, truth, measured = compare(server, 1e5)
    assert unlike(swept[1.0], truth.plans) == []
    assert unlike(measured, truth.plans) == []
    assert len(truth.plans) >= 80


@pytest.mark.slow
def test_all_plans_are_those_of_a_million_loaded_rows(major_server: ScratchServer, whole: bool) -> None:
    """It takes minutes: only with --whole.

    ANALYZE reads 30,000 of these rows, and takes the users for fewer than they are: with its number all plans are
    alike, and with the true one each plan is one of those that the sweep has.
    """
    if not whole:
        pytest.skip("loads a million rows: only with --whole")
    swept, truth, measured = compare(major_server, 1e6)
    print(report(measured, truth.plans))
    assert unlike(measured, truth.plans) == []
    assert unseen(swept, truth.plans) == []


if __name__ == "__main__":
    with open_scratch(OPTIONS) as opened:
        print(opened.version)
        found, real, exact = compare(opened, float(sys.argv[1]) if len(sys.argv) > 1 else 1e5)
        print(report(found[1.0], real.plans))
        print(f"with {real.users:.0f} users, as ANALYZE takes them for:\n{report(exact, real.plans)}")
        print("\n".join(["in no plan of the sweep:", *unseen(found, real.plans)]))
