"""Which triggers may change what a statement writes, judged by the text of their functions."""

from __future__ import annotations

import re

from pgproof.catalog.snapshot import Snapshot, Table, Trigger

# what changes a row without naming its columns, or drops it
_ANYTHING = re.compile(
    r"\bNEW\s*:?=|\bINTO\s+(?:STRICT\s+)?NEW\b|\bEXECUTE\b|\w*populate_record|\bRETURN\s+(?:NULL|OLD)\b",
    re.IGNORECASE,
)


def of(snapshot: Snapshot, table: Table, event: str) -> tuple[Trigger, ...]:
    """The row triggers of a table that fire before `event` ("INSERT" or "UPDATE"), by name."""
    return tuple(
        t for t in snapshot.triggers if (t.schema, t.table) == (table.schema, table.name) and event in t.events
    )


def may_change(trigger: Trigger, column: str) -> bool:
    """Whether the trigger may give the column another value, or drop the row; False is certain."""
    if trigger.source is None or _ANYTHING.search(trigger.source):
        return True
    field = rf'\bNEW\s*\.\s*"?{re.escape(column)}(?![\w$])"?'
    return re.search(rf"{field}\s*:?=|\bINTO\b[^;]*{field}", trigger.source, re.IGNORECASE) is not None
