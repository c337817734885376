"""The order in which objects can be made: what is needed first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from pgproof.catalog.fact import Key, Name
from pgproof.drift.unit import Unit

Order = Callable[[Collection[Key], Mapping[Key, frozenset[Key]], Mapping[Key, Unit]], list[Key]]


def in_order(keys: Iterable[Key], needs: Mapping[Key, frozenset[Key]], units: Mapping[Key, Unit]) -> list[Key]:
    """What is needed first; else by catalog and name. A circle is cut at its first member."""
    wanted = set(keys)
    order: list[Key] = []
    state: dict[Key, int] = {}
    for start in sorted(wanted, key=lambda key: (_RANK.get(units[key].kind or key[0], 50), _place(key, units))):
        stack = [(start, iter(_sorted(needs.get(start, ()), units)))]
        while stack:
            key, rest = stack[-1]
            if state.get(key) == 2:
                stack.pop()
                continue
            state[key] = 1
            following = next((each for each in rest if state.get(each) is None and each in units), None)
            if following is None:
                state[key] = 2
                if key in wanted:
                    order.append(key)
                stack.pop()
            else:
                stack.append((following, iter(_sorted(needs.get(following, ()), units))))
    return order


def _sorted(keys: Iterable[Key], units: Mapping[Key, Unit]) -> list[Key]:
    return sorted(keys, key=lambda key: _place(key, units))


def _place(key: Key, units: Mapping[Key, Unit]) -> tuple[str, Name, int, Name]:
    """By catalog and name, but the columns of a table as they stand in it."""
    catalog, name = key
    if catalog == "pg_attribute" and key in units:
        return catalog, name[:2], int(str(units[key].say("position") or 0)), name
    return catalog, name, 0, ()


def circles(keys: Iterable[Key], needs: Mapping[Key, frozenset[Key]]) -> frozenset[Key]:
    """Those that need each other in a circle, and what is between two circles."""
    left = set(keys)
    while True:
        needed = {other for key in left for other in needs.get(key, ())}
        kept = {key for key in left & needed if not left.isdisjoint(needs.get(key, ()))}
        if kept == left:
            return frozenset(left)
        left = kept


_RANK = {
    "role": -2,
    "membership": -1,
    "extension": 0,
    "schema": 1,
    "type": 2,
    "domain": 2,
    "function": 3,
    "sequence": 4,
    "table": 5,
    "column": 6,
    "pg_shdepend": 49,  # who owns something gets with it what the owner before had
    "default privileges": 99,  # until then those are in force that were there
}
