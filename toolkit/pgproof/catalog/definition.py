"""A schema as one list of definitions, to ask whether two databases of one major hold the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

PRIVILEGES = "privileges"
"""The kind of rows that say who may do what with an object; the name is that of the object with its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An object and what the server says that it is.

    `kind` is a word ("table", "column", "order of columns"), `name` is qualified and quoted where it must be.
    `schema` and `relation` (qualified) are what it belongs to; empty for none.
    """

    kind: str
    name: str
    schema: str
    relation: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Difference:
    """An object that two databases do not have alike; None where it is not there."""

    kind: str
    name: str
    expected: str | None
    actual: str | None

    def __str__(self) -> str:
        """One line for a person: what is expected, and what is there."""
        what = f"{self.kind} {self.name}"
        if self.actual is None:
            return f"{what} is missing"
        if self.expected is None:
            return f"{what} is there, and no file makes it"
        return f"{what} is {_line(self.actual)}, where the files make {_line(self.expected)}"


def differences(
    expected: Collection[Definition], actual: Collection[Definition], *, ignoring: Collection[str] = ()
) -> tuple[Difference, ...]:
    """What is not alike, sorted; nothing if both hold the same. Pure.

    `ignoring` are relations (qualified) and schemas that are left out with all that belongs to them. What belongs
    to a relation that one side lacks is not told besides it.
    """
    wanted, found = _by_object(expected, ignoring), _by_object(actual, ignoring)
    unlike = [
        Difference(kind=kind, name=name, expected=wanted.get((kind, name)), actual=found.get((kind, name)))
        for kind, name in sorted(wanted.keys() | found.keys())
        if wanted.get((kind, name)) != found.get((kind, name))
    ]
    lone = {each.name for each in unlike if each.kind in _RELATIONS and None in (each.expected, each.actual)}
    parts = {(each.kind, each.name): each.relation for each in (*expected, *actual) if each.kind not in _RELATIONS}
    return tuple(
        each
        for each in unlike
        if parts.get((each.kind, each.name)) not in lone and not _goes_with_its_object(each)
    )


def _goes_with_its_object(each: Difference) -> bool:
    """True for the privileges of an object that one side lacks; those of columns are there only if granted."""
    is_alone = each.kind == PRIVILEGES and None in (each.expected, each.actual)
    return is_alone and not each.name.startswith("column ")


_RELATIONS = frozenset({"table", "view", "materialized view", "foreign table", "composite type"})


def _by_object(definitions: Iterable[Definition], ignoring: Collection[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in definitions:
        if each.relation not in ignoring and each.schema not in ignoring:
            found[each.kind, each.name].append(each.definition)
    return {key: "; ".join(sorted(texts)) for key, texts in found.items()}


def _line(text: str) -> str:
    """A definition in one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


_LONGEST = 200
