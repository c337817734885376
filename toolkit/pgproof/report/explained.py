"""The plans of a query as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgproof.contract.promise import Values
from pgproof.explain.telling import Explanation, Told
from pgproof.report import tree


def render(found: Explanation, *, is_unicode: bool = True) -> str:
    """Each plan under the sizes and values that it is made for, ending with a line feed."""
    where = f" ({found.place})" if found.place else ""
    head = [f"{found.query}{where}, {found.server}", *(f"  {sentence}" for sentence in found.said)]
    parts = [
        f"{title(plan, values)}:\n{tree.render(plan.root, is_unicode=is_unicode)}"
        for plan, values in merged(found.plans)
    ]
    return "\n".join(["\n".join(head) + "\n", *parts])


def merged(plans: Sequence[Told]) -> Iterator[tuple[Told, tuple[Values, ...]]]:
    """The plans with the values that each is made for: one that several have at the same sizes is there once."""
    drawn: dict[tuple[object, ...], list[Told]] = {}
    for plan in plans:
        drawn.setdefault((plan.sizes, plan.root.shape), []).append(plan)
    for same in drawn.values():
        yield max(same, key=lambda each: each.root.cost), tuple(each.values for each in same)


def title(plan: Told, values: Sequence[Values]) -> str:
    """At which sizes a plan is made, and for which values: "at 1e4 to 1e8 rows (figures: at 1e8), rare values"."""
    return f"{_sizes(plan.sizes)}{_values(values)}"


def _sizes(sizes: tuple[float, ...]) -> str:
    if not sizes:
        return "now"
    first, last = f"{sizes[0]:.0e}", f"{sizes[-1]:.0e}"
    first, last = (each.replace("e+0", "e").replace("e+", "e") for each in (first, last))
    return f"at {first} rows" if len(sizes) == 1 else f"at {first} to {last} rows (figures: at {last})"


def _values(values: Sequence[Values]) -> str:
    return "" if len(values) == len(Values) else f", {' and '.join(values)}"
