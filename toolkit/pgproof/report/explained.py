"""The plans of a query as text."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Values
from pgproof.explain.telling import Explanation, Told
from pgproof.report import tree


def render(found: Explanation, *, is_unicode: bool = True) -> str:
    """Each plan under the sizes and values that it is made for, ending with a line feed."""
    where = f" ({found.place})" if found.place else ""
    head = [f"{found.query}{where}, {found.server}", *(f"  {sentence}" for sentence in found.said)]
    parts = [f"{title}\n{tree.render(plan.root, is_unicode=is_unicode)}" for title, plan in _titled(found.plans)]
    return "\n".join(["\n".join(head) + "\n", *parts])


def _titled(plans: tuple[Told, ...]) -> Iterator[tuple[str, Told]]:
    """The plans with what each is made for; one that is made for several kinds of values is said once."""
    drawn: dict[tuple[object, ...], list[Told]] = {}
    for plan in plans:
        drawn.setdefault((plan.sizes, plan.root.shape), []).append(plan)
    for same in drawn.values():
        last = same[-1] if len(same) == 1 else max(same, key=lambda each: each.root.cost)
        yield f"{_sizes(last.sizes)}{_values([each.values for each in same])}:", last


def _sizes(sizes: tuple[float, ...]) -> str:
    if not sizes:
        return "now"
    first, last = f"{sizes[0]:.0e}", f"{sizes[-1]:.0e}"
    first, last = (each.replace("e+0", "e").replace("e+", "e") for each in (first, last))
    return f"at {first} rows" if len(sizes) == 1 else f"at {first} to {last} rows (figures: at {last})"


def _values(values: list[Values]) -> str:
    return "" if len(values) == len(Values) else f", {' and '.join(values)}"
