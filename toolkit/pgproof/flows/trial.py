"""A plan tried on clones of what it starts from: what it costs, and whether it leads where it should."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import replace

from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.planner.plan import Hazard, Repair
from pgproof.drift.planner.repair import repair
from pgproof.drift.recast import but_recast, is_recast
from pgproof.drift.way import Proof
from pgproof.drift.witness import Unlike, lines, unlike
from pgproof.errors import DatabaseError, Problem
from pgproof.flows.clone import clone, like, read
from pgproof.flows.cost import Measured, measured
from pgproof.flows.reworded import in_other_words
from pgproof.flows.sides import Side
from pgproof.flows.stage import now
from pgproof.synth.content import How, content, losses
from pgproof.synth.fill import fill

_ROWS = 3
_OF_ROWS = frozenset({"22", "23"})
"""Errors that rows are to blame for: data exceptions, violated constraints (appendix A of the manual)."""


def measure(server: ScratchServer, source: Side, plan: Repair) -> Measured:
    """The plan with its costs, as a clone of the source shows them. Raises DatabaseError."""
    if not plan.statements:
        return Measured(plan=plan, refused=())
    now("measuring statements on a clone")
    with (
        clone(server, source.facts, source.template) as copy,
        closing(connect(copy.database)) as observer,
    ):
        return measured(copy.conn, observer, plan)


def prove(
    server: ScratchServer,
    source: Side,
    target: Side,
    plan: Repair,
    renames: int,
    options: ScratchOptions,
) -> Proof:
    """Run the plan on a clone in its transactions, and compare what comes of it with the target.

    What the clone does not have as the source does is left out. pg_dump is asked about both, if it can be. Then it
    is run on a clone with rows, which are put in when the first statements, the `renames`, are done. Raises
    DatabaseError.
    """
    now("proving it on a clone")
    proof = _proved(server, source, target, plan, options)
    return proof if proof.refused else _with_rows(server, source, plan, renames, proof)


def _proved(server: ScratchServer, source: Side, target: Side, plan: Repair, options: ScratchOptions) -> Proof:
    with clone(server, source.facts, source.template) as copy:
        refused = _run(copy.conn, plan)
        found = like(read(copy.conn), target.facts)
        differ = compare(target.facts, found)
        left = [
            each
            for each in filter(None, map(but_recast, differ))
            if each.key not in copy.lacking and each.values.keys() != {"position"}
        ]
        impossible = {what for what, _ in plan.impossible}
        wanted = in_other_words(differ).applied(target.facts, found)
        again = [each for each in repair(found, wanted).statements if each.about not in impossible]
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


def _with_rows(server: ScratchServer, source: Side, plan: Repair, renames: int, proof: Proof) -> Proof:
    """The proof with what becomes of rows: those that are lost where no statement was said to lose them."""
    first, rest = (
        replace(plan, statements=each) for each in (plan.statements[:renames], plan.statements[renames:])
    )
    with clone(server, source.facts, source.template) as copy:
        _run(copy.conn, first)
        filled = fill(copy.conn, _ROWS)
        before = content(copy.conn)
        refused = _run(copy.conn, rest)
        lost = () if refused else losses(before, content(copy.conn))  # what is dropped, the plan itself says
    said = {each.about.partition(" ")[2] for each in plan.statements if Hazard.DATA_LOSS in each.hazards}
    told = [
        str(each)
        for each in lost
        if each.how is not How.DROPS and not {each.table, f"{each.table}.{each.column}"} & said
    ]
    is_unfit = all((problem.sqlstate or "")[:2] in _OF_ROWS for _, problem in refused)
    return replace(
        proof,
        rows=sum(filled.rows.values()),
        refused=() if is_unfit else refused,
        unfit=refused if is_unfit else (),
        lost=tuple(told),
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
        dump_schema(each.database, major, options, "--no-owner", "--no-tablespaces", without=each.undumped)
        for each in (target, came)
    ]
    return [
        line
        for each in unlike(*texts)
        if not _is_recast(each)
        for line in lines(each, "in TO", "in what came of it")
    ]


def _is_recast(each: Unlike) -> bool:
    """True if the statements are the same but for expressions in other words: the clone was read once more."""
    return len(each.one) == len(each.other) and all(map(is_recast, each.one, each.other))
