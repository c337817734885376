"""A plan tried on clones of what it starts from: what it costs, and whether it leads where it should."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import replace

from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.repair import repair
from pgproof.drift.way import Proof
from pgproof.drift.witness import lines, unlike
from pgproof.errors import DatabaseError, Problem
from pgproof.flows.clone import clone, like, read
from pgproof.flows.cost import Measured, measured
from pgproof.flows.sides import Side


def measure(server: ScratchServer, source: Side, plan: Repair) -> Measured:
    """The plan with its costs, as a clone of the source shows them. Raises DatabaseError."""
    if not plan.statements:
        return Measured(plan=plan, refused=())
    with (
        clone(server, source.facts, source.template) as copy,
        closing(connect(copy.database)) as observer,
    ):
        return measured(copy.conn, observer, plan)


def prove(server: ScratchServer, source: Side, target: Side, plan: Repair, options: ScratchOptions) -> Proof:
    """Run the plan on a clone in its transactions, and compare what comes of it with the target.

    What the clone does not have as the source does is left out. pg_dump is asked about both, if it can be. Raises
    DatabaseError.
    """
    with clone(server, source.facts, source.template) as copy:
        refused = _run(copy.conn, plan)
        found = like(read(copy.conn), target.facts)
        impossible = {what for what, _ in plan.impossible}
        again = [each for each in repair(found, target.facts).statements if each.about not in impossible]
        left = [
            each
            for each in compare(target.facts, found)
            if each.key not in copy.lacking and each.values.keys() != {"position"}
        ]
        dump, unasked = [], "the clone is not all that the source is" if copy.lacking else ""
        if not (refused or left or copy.lacking):
            try:
                dump = _dumped(target, replace(source, database=copy.database), options)
            except DatabaseError as error:
                unasked = error.problems[0].message
        return Proof(
            server=f"PostgreSQL {server.version}",
            refused=refused,
            left=tuple(left),
            again=() if refused or left or copy.lacking else tuple(each.sql for each in again),
            dump=tuple(dump),
            unasked=unasked,
        )


def _run(conn: Connection, plan: Repair) -> tuple[tuple[str, Problem], ...]:
    """What the server refuses; then the rest is not run, as it would not be elsewhere."""
    for group in plan.transactions():
        sql = group[0].sql
        try:
            with failure.told(), nullcontext() if group[0].transaction is None else conn.transaction():
                for each in group:
                    sql = each.sql
                    conn.execute(sql.encode())
        except DatabaseError as error:
            return ((sql, error.problems[0]),)
    return ()


def _dumped(target: Side, came: Side, options: ScratchOptions) -> list[str]:
    """What pg_dump says of the two that is not the same. Raises DatabaseError."""
    major = target.facts.major
    texts = [
        dump_schema(each.database, major, options, "--no-owner", "--no-tablespaces") for each in (target, came)
    ]
    return [line for each in unlike(*texts) for line in lines(each, "in TO", "in what came of it")]
