"""What `diff` came to: a script that psql can run, with what it costs and cannot do in comments; or data."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pgproof import __version__
from pgproof.drift import words
from pgproof.drift.compare import Difference
from pgproof.drift.planner.plan import Cost, Hazard, Repair, Statement
from pgproof.report.drift import difference_object
from pgproof.report.words import counted
from pgproof.sql.comment import as_comment

if TYPE_CHECKING:
    from pgproof.drift.majors import Made
    from pgproof.drift.way import Diff, Proof
    from pgproof.errors import Problem


_LINE_END = re.compile(r"\r\n|[\r\n]")
"""What ends a comment, which may stand in a name."""


def script(
    source: str,
    target: str,
    plan: Repair,
    allowed: Collection[str],
    *,
    state: str = "",
    proposals: Sequence[str] = (),
) -> str:
    """The statements in their transactions; those that lose data stand in comments unless that is allowed."""
    at = f", state {state}" if state else ""
    lines = [as_comment(f"from {source}{at}"), f"-- to   {' '.join(target.split())}"]
    lines += [as_comment(f"only another name? --rename {shlex.quote(each)}") for each in proposals]
    is_whole = plan.is_one_transaction
    for group in plan.transactions():
        told = [line for each in group for line in _lines(each, allowed)]
        is_enclosed = group[0].transaction is not None and not is_whole
        lines += ["", *(["BEGIN;", *told, "COMMIT;"] if is_enclosed else told)]
    if plan.impossible:
        lines.append("")
    lines += [as_comment(f"cannot be done: {what}: {why}") for what, why in plan.impossible]
    return "\n".join([*lines, ""])


def _lines(each: Statement, allowed: Collection[str]) -> Iterator[str]:
    notes = [*sorted(each.hazards - ({Hazard.REWRITE} if each.cost else set())), *_costs(each.cost)]
    text = f"{each.sql};" + (f"  {as_comment('; '.join(notes))}" if notes else "")
    is_held = Hazard.DATA_LOSS in each.hazards and Hazard.DATA_LOSS not in allowed
    yield from (f"-- {line}" for line in _LINE_END.split(text)) if is_held else (text,)


def _costs(cost: Cost | None) -> Iterator[str]:
    """What others cannot do meanwhile, and how long that is: a moment, or as long as all rows take."""
    if cost is None:
        return
    for blocked in ("reads and writes", "writes"):
        of = [lock.relation for lock in cost.locks if lock.blocks == blocked]
        for what, names in (
            (f"blocks {blocked} of {{}} while it rewrites all rows", [n for n in of if n in cost.rewrites]),
            (f"blocks {blocked} of {{}} while it reads all rows", [n for n in of if n in cost.reads]),
            (f"blocks {blocked} of {{}}", [n for n in of if n not in (*cost.rewrites, *cost.reads)]),
        ):
            if names:
                yield what.format(", ".join(names))


def closing(differences: Sequence[Difference], plan: Repair, allowed: Collection[str]) -> str:
    """What it comes to, a line."""
    if not differences:
        return "no difference"
    held = sum(Hazard.DATA_LOSS in each.hazards for each in plan.statements)
    parts = [
        counted(len(differences), "difference", "differences"),
        counted(len(plan.statements), "statement", "statements"),
    ]
    if held and Hazard.DATA_LOSS not in allowed:
        does = "loses data and stands in a comment" if held == 1 else "lose data and stand in comments"
        parts.append(f"{held} of them {does}: --allow data-loss")
    if plan.impossible:
        parts.append(f"{len(plan.impossible)} cannot be done")
    return "; ".join(parts)


def made_text(found: Diff) -> Iterator[str]:
    """What a major makes by itself, a line for each reason."""
    reasons: dict[str, int] = {}
    for each in found.made:
        told = f"PostgreSQL {each.makes.since} does so by itself: {each.makes.because}"
        reasons[told] = reasons.get(told, 0) + 1
    yield from (f"{told} ({count})" for told, count in reasons.items())


_PROOF = words.Voice(missing="is still missing", excess="is still there", expected="it should be")


def proof_text(proof: Proof) -> Iterator[str]:
    """What the statements came to on a clone."""
    asked = f" (pg_dump was not asked: {proof.unasked})" if proof.unasked else ", and pg_dump says so, too"
    if proof.holds:
        yield f"proved on a clone, {proof.server}: they lead there{asked}"
        if proof.rows and not proof.unfit:
            yield f"{counted(proof.rows, 'row', 'rows')} put in before: nothing is lost that is not said"
        for sql, problem in proof.unfit:
            yield f"rows that are there may not fit: {sql}: {problem.message}"
        return
    yield f"not proved, on a clone, {proof.server}:"
    for sql, problem in proof.refused:
        yield f"  refused: {sql}: {problem.message}"
    yield from (f"  {line}" for each in proof.left for line in words.lines(each, _PROOF))
    yield from (f"  a second plan has: {sql}" for sql in proof.again)
    yield from (f"  pg_dump sees: {line}" for line in proof.dump)
    yield from (f"  it {loss}, and no statement says so" for loss in proof.lost)


def untried_text(untried: Sequence[str]) -> str:
    """That statements about roles were not tried, a line."""
    told = counted(len(untried), "statement about roles was", "statements about roles were")
    return f"{told} neither measured nor proved: a clone has the roles of its own cluster"


def diff_json(found: Diff, allowed: Collection[str]) -> str:
    """For programs: the differences, the plan with its costs, and the proof."""
    data: dict[str, Any] = {
        "schema": "pgproof.diff/1",
        "version": __version__,
        "differences": [difference_object(each) for each in found.differences],
        **plan_object(found, allowed),
        "made": [_made(each) for each in found.made],
        "reasons": list(found.reasons),
        "written": [str(path) for path in found.written],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def plan_object(found: Diff, allowed: Collection[str]) -> dict[str, Any]:
    """For programs: the plan with its costs, and the proof, if there is one."""
    data: dict[str, Any] = {
        "from": found.source,
        "to": found.target,
        "state": found.state,
        "statements": [_statement(each, allowed) for each in found.repair.statements],
        "impossible": [{"object": what, "reason": why} for what, why in found.repair.impossible],
        "renames": [each.word for each in found.proposals],
        "refused": [_refused(sql, problem) for sql, problem in found.refused],
        "untried": list(found.untried),
    }
    if proof := found.proof:
        data["proof"] = {
            "server": proof.server,
            "holds": proof.holds,
            "refused": [_refused(sql, problem) for sql, problem in proof.refused],
            "left": [difference_object(each) for each in proof.left],
            "again": list(proof.again),
            "pg_dump": list(proof.dump),
            "pg_dump was not asked": proof.unasked or None,
            "rows": proof.rows,
            "unfit": [_refused(sql, problem) for sql, problem in proof.unfit],
            "lost": list(proof.lost),
        }
    return data


def _made(each: Made) -> dict[str, Any]:
    """What a major makes by itself, as a difference with its reason."""
    return {**difference_object(each.difference), "since": each.makes.since, "because": each.makes.because}


def _statement(each: Statement, allowed: Collection[str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "sql": each.sql,
        "about": each.about,
        "transaction": each.transaction,
        "hazards": sorted(each.hazards),
        "allowed": Hazard.DATA_LOSS not in each.hazards or Hazard.DATA_LOSS in allowed,
    }
    if cost := each.cost:
        data["locks"] = [
            {"relation": lock.relation, "mode": lock.mode, "blocks": lock.blocks or None} for lock in cost.locks
        ]
        data["rewrites"] = list(cost.rewrites)
        data["reads"] = list(cost.reads)
    return data


def _refused(sql: str, problem: Problem) -> dict[str, Any]:
    return {"sql": sql, "message": problem.message, "detail": problem.detail, "sqlstate": problem.sqlstate}
