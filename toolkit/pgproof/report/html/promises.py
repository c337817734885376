"""Documented queries as data of the page: what is promised of each, its plans, its cost and rows at each size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pgproof.contract.promise import Values
from pgproof.explain.facts import Proposal, QueryFacts
from pgproof.explain.telling import Step, Told, plans
from pgproof.report.explained import merged, title
from pgproof.report.html.found import place
from pgproof.report.html.schema import Name
from pgproof.sql.query import names_in


def query(facts: QueryFacts, lines: Mapping[str, Sequence[str]], numbers: Mapping[Name, int]) -> dict[str, Any]:
    """One query. `why` says why it has no plan at size, or not at all sizes; `numbers` are those of tables."""
    asked = facts.query
    found = list(merged(list(plans(facts))))
    return {
        "id": asked.id,
        "title": asked.title if asked.title != asked.id else "",
        "origin": asked.origin.value,
        "place": place(asked.place, lines),
        "sql": asked.text,
        "parameters": [f"${each.number} is {each.name}" for each in asked.parameters if each.name],
        "promises": list(dict.fromkeys(each.place.text.strip() for each in asked.promises)),
        "uses": [each.text for each in asked.uses],
        "plans": [_plan(plan, values) for plan, values in found],
        "lines": [
            _line(facts, values, found) for values in Values if any(s.values is values for s in facts.sizes)
        ],
        "why": facts.problem.message if facts.problem else facts.unsized,
        "proposal": _proposal(facts.proposal) if facts.proposal else None,
        "tables": sorted(_tables(facts, numbers)),
    }


def _line(facts: QueryFacts, values: Values, found: Sequence[tuple[Told, tuple[Values, ...]]]) -> dict[str, Any]:
    """Cost and rows at each size, for one kind of values; `plan` is the place in `plans`."""
    sized = [each for each in facts.sizes if each.values is values and each.n_distinct == 1]
    return {
        "values": values.value,
        "points": [
            {
                "size": each.size,
                "cost": each.root.cost,
                "rows": each.root.rows,
                "plan": next(n for n, (plan, of) in enumerate(found) if values in of and each.size in plan.sizes),
            }
            for each in sorted(sized, key=lambda each: each.size)
        ],
    }


def _plan(plan: Told, values: Sequence[Values]) -> dict[str, Any]:
    """A plan; it is made at `sizes`, for all `values` if there are none."""
    return {
        "title": title(plan, values),
        "sizes": list(plan.sizes),
        "values": [each.value for each in values] if len(values) < len(Values) else [],
        "root": _step(plan.root),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "notes": list(step.notes),
        "rows": step.rows,
        "cost": step.cost,
        "steps": [_step(each) for each in step.steps],
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "definition": proposal.definition,
        "size": proposal.size,
        "bytes": proposal.bytes,
        "indexes": proposal.indexes,
    }


def _tables(facts: QueryFacts, numbers: Mapping[Name, int]) -> set[int]:
    """The tables that its plans read; of a query without plans, those whose names stand in it."""
    planned = {(node.schema, node.relation) for each in facts.sizes for node in each.root.walk() if node.relation}
    served = {(each.index.schema, each.index.table) for each in facts.services}
    if found := {numbers[name] for name in planned | served if name in numbers}:
        return found
    words = names_in(facts.query.text)
    return {number for (_, name), number in numbers.items() if name in words}
