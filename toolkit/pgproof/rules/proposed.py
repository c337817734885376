"""What is said of an index that would make a promise hold: what it costs, and how it was tried."""

from __future__ import annotations

from pgproof.contract.promise import Values
from pgproof.explain.facts import Proposal, QueryFacts
from pgproof.explain.size import growth
from pgproof.explain.size.words import short

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def detail(facts: QueryFacts) -> str:
    """Sentences about the proposal; "" if there is none."""
    found = facts.proposal
    if found is None:
        return ""
    grows = growth.of_cost(found.sizes, Values.GENERIC)
    how = (
        f", and its cost is {grows}" if grows is not None and len({each.size for each in found.sizes}) > 1 else ""
    )
    return (
        f"One that serves it, planned with at production size: {found.definition}. At {short(found.size)} rows it"
        f" takes about {_bytes(found)}{how}. Each INSERT writes to {found.indexes} indexes of the table then."
    )


def hint(facts: QueryFacts, otherwise: str) -> str:
    """The statement that makes it."""
    if facts.proposal is None:
        return otherwise
    return facts.proposal.definition.replace("CREATE INDEX ON", "CREATE INDEX CONCURRENTLY ON")


def _bytes(found: Proposal) -> str:
    """A size as pg_size_pretty writes it, in whole units: "42 GB"."""
    size, unit = float(found.bytes), 0
    while size >= 10_240 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {_UNITS[unit]}"
