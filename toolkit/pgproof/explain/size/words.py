"""Plans and figures of a sweep in words, for findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pgproof.contract.promise import Values
from pgproof.explain.facts import Sized
from pgproof.explain.plan import Node
from pgproof.explain.size import growth
from pgproof.explain.size.growth import Growth

_GROWS = {
    Growth.CONSTANT: "stays constant",
    Growth.LOG: "grows as the logarithm of the rows",
    Growth.LINEAR: "grows linearly",
    Growth.WORSE: "grows faster than the rows",
}
_LEFT_OUT = frozenset(
    {"Limit", "Gather", "Gather Merge", "ModifyTable", "Result", "Hash", "Materialize", "Memoize"}
)


def short(number: float) -> str:
    """A number as people write large ones: "1e8", "2.4e6", "120", "8.2"."""
    if number < 10_000:
        return f"{number:.3g}" if number < 1000 else f"{number:.0f}"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def span(plans: Iterable[Sized]) -> str:
    """The sizes of plans: "1e8", "1e4 to 1e10"."""
    sizes = sorted({each.size for each in plans})
    ends = [short(sizes[0]), short(sizes[-1])] if sizes else []
    return " to ".join(dict.fromkeys(ends))


def compared(name: str, sizes: Sequence[Sized], alone: Sequence[Sized]) -> str:
    """What a query costs with an index alone, beside what it costs as it is planned; "" if that is not known."""
    for values in (Values.HOT, Values.GENERIC):
        known = {each.size for each in growth.of(alone, values)}
        beside = [each for each in sizes if each.size in known]
        with_it, free = _cost(alone, values), _cost(beside, values)
        if with_it and free:
            return (
                f"At {span(beside)} rows, for {values}, its cost with {name} alone {with_it}; "
                f"with {listed(growth.of(beside, values))} it {free}."
            )
    return ""


def listed(plans: Sequence[Sized]) -> str:
    """What the plans read tables by: "idx_a, idx_b"."""
    return ", ".join(dict.fromkeys(scan for each in plans for scan in scans(each.root)))


def _cost(sizes: Sequence[Sized], values: Values) -> str:
    found = growth.of_cost(sizes, values)
    return "" if found is None else f"{_GROWS[found]}, {_ends(sizes, values)}"


def growth_of_cost(sizes: Sequence[Sized], values: Values) -> str:
    """The class of growth and the figures at both ends: "linear from 314 to 5.1e7"; "" if not known."""
    found = growth.of_cost(sizes, values)
    return "" if found is None else f"{found} {_ends(sizes, values)}"


def _ends(sizes: Sequence[Sized], values: Values) -> str:
    plans = growth.of(sizes, values)
    first, last = short(plans[0].root.cost), short(plans[-1].root.cost)
    return f"from {first} to {last}" if first != last else f"at {first}"


def line(root: Node) -> str:
    """A plan in a line, without what only hands rows on: "Sort over Bitmap Heap Scan on jobs (idx_jobs_user)"."""
    words = []
    for node in root.walk():
        if node.kind == "Bitmap Heap Scan":
            parts = " and ".join(sorted(part.index for part in node.walk() if part.kind == "Bitmap Index Scan"))
            words.append(f"{node.kind} on {node.relation} ({parts})")
        elif node.kind not in _LEFT_OUT and not node.kind.startswith("Bitmap"):
            words.append(node.summary)
    return " over ".join(words)


def scans(root: Node) -> tuple[str, ...]:
    """What tables are read by: names of indexes, "Seq Scan on jobs"."""
    found = [node.index or node.summary for node in root.walk() if node.index or node.kind.endswith("Seq Scan")]
    return tuple(dict.fromkeys(found))
