"""The plans that a promise is about: those at production size, as far as such are known."""

from __future__ import annotations

from pgproof.contract.promise import Size, Values
from pgproof.explain.facts import QueryFacts, Sized
from pgproof.explain.plan import Node, matches_nothing

_NEAR = 0.01


def plans(facts: QueryFacts) -> tuple[Sized, ...]:
    """The plans by which promises are judged: for any values, and for those that `params:` asks for.

    A custom plan is one for frequent and rare values. Where `at:` names a size, only that; the number of distinct
    values is as declared (what becomes of it otherwise is told elsewhere).
    """
    wanted = lines(facts)
    sizes = [each.value for each in facts.query.promises if isinstance(each.value, Size)]
    return tuple(
        each
        for each in facts.sizes
        if each.values in wanted and each.n_distinct == 1 and (not sizes or any(_is_at(each, s) for s in sizes))
    )


def lines(facts: QueryFacts) -> frozenset[Values]:
    """With which values of parameters the promises have to hold."""
    samples = facts.query.samples
    if facts.query.is_custom:
        return samples or frozenset({Values.HOT, Values.RARE})
    return frozenset({Values.GENERIC, *samples})


def _is_at(sized: Sized, size: Size) -> bool:
    named = [rows for name, rows in sized.rows if size.table in (name, name.rpartition(".")[2])]
    return any(abs(rows - size.rows) <= _NEAR * size.rows for rows in named)


def unsized(facts: QueryFacts) -> str:
    """Why no plan at production size is known, as a sentence."""
    if facts.sizes and (wanted := [each.value for each in facts.query.promises if isinstance(each.value, Size)]):
        named = " and ".join(f"{figure(each.rows)} rows of {each.table}" for each in wanted)
        return f"It was not planned at {named}."
    if facts.unsized:
        return f"It could not be planned at production size: {facts.unsized.removesuffix('.')}."
    return "No plan at production size is known, and these tables are empty."


def told(sized: Sized) -> str:
    """At which size a plan was made, and for which values: "with tables of 1e8 rows, for rare values"."""
    values = "" if sized.values is Values.GENERIC else f", for {sized.values}"
    return f"with tables of {figure(sized.size)} rows{values}"


def figure(number: float) -> str:
    """A number as people write large ones: 950, 1e8, 2.5e6."""
    if number < 10_000:
        return f"{number:.0f}"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def is_empty(facts: QueryFacts) -> bool:
    """Whether the planner reads nothing for the query, so that every promise about its plan would hold."""
    root = facts.plan
    if root is None:
        return False
    if facts.contradiction is not None:
        return True
    return matches_nothing(root) or (bool(facts.unread) and not any(node.relation for node in root.walk()))


def returned(root: Node) -> float:
    """How many rows a plan is expected to return, or to touch."""
    return root.rows or max((child.rows for child in root.inputs), default=0.0)


def reads_one(facts: QueryFacts) -> bool:
    """Whether the query finds at most one row by all keys of a unique index, whatever the tables hold."""
    root = facts.plan
    if root is None:
        return False
    scans = [node for node in root.walk() if node.relation and node.kind != "ModifyTable"]
    unique = {s.index.name for s in facts.services if s.index.unique and len(s.keys) == len(s.index.keys)}
    equal = [s for s in facts.services if s.index.name in unique and all(" = " in part for part in s.conditions)]
    return len(scans) == 1 and bool(equal)
