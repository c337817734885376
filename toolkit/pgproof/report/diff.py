"""What `diff` came to: a script that psql can run, with what it cannot do and what it costs in comments."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from pgproof.drift import words
from pgproof.drift.compare import Difference
from pgproof.drift.planner.plan import Hazard, Repair, Statement
from pgproof.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgproof.errors import Problem


def script(source: str, target: str, plan: Repair, allowed: Collection[str]) -> str:
    """The statements in their transactions; those that lose data stand in comments unless that is allowed."""
    lines = [f"-- from {source}", f"-- to   {target}"]
    is_whole = plan.is_one_transaction
    for group in plan.transactions():
        told = [line for each in group for line in _lines(each, allowed)]
        is_enclosed = group[0].transaction is not None and not is_whole
        lines += ["", *(["BEGIN;", *told, "COMMIT;"] if is_enclosed else told)]
    if plan.impossible:
        lines.append("")
    lines += [f"-- cannot be done: {what}: {why}" for what, why in plan.impossible]
    return "\n".join([*lines, ""])


def _lines(each: Statement, allowed: Collection[str]) -> Iterator[str]:
    note = f"  -- {', '.join(sorted(each.hazards))}" if each.hazards else ""
    text = f"{each.sql};{note}"
    is_held = Hazard.DATA_LOSS in each.hazards and Hazard.DATA_LOSS not in allowed
    yield from (f"-- {line}" if is_held else line for line in text.splitlines())


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
        parts.append(f"{held} of them lose data and stand in comments: --allow data-loss")
    if plan.impossible:
        parts.append(f"{len(plan.impossible)} cannot be done")
    return "; ".join(parts)


_PROOF = words.Voice(missing="is still missing", excess="is still there", expected="it should be")


def proof_text(server: str, refused: Sequence[tuple[str, Problem]], left: Sequence[Difference]) -> Iterator[str]:
    """What the statements came to on a clone."""
    if not refused and not left:
        yield f"proved on a clone, {server}: they lead there"
        return
    yield f"not proved, on a clone, {server}:"
    for sql, problem in refused:
        yield f"  refused: {sql}: {problem.message}"
    yield from (f"  {line}" for each in left for line in words.lines(each, _PROOF))
