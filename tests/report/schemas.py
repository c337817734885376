"""Large schemas for the page: they look like those that people have, and are the same each time."""

from __future__ import annotations

from collections.abc import Iterator

_ROOTS = """accounts suppliers orders products payments shipments warehouses campaigns tickets articles contracts
employees devices subscriptions bookings claims""".split()
_PARTS = """notes events tags addresses documents attachments comments versions approvals metrics settings
schedules messages locks exports""".split()
_AFAR = {"orders": "accounts", "payments": "orders", "shipments": "orders", "products": "suppliers"}
_COLUMNS = "name text NOT NULL, state text NOT NULL DEFAULT 'new', created_at timestamptz NOT NULL, remark text"


def tables(count: int) -> Iterator[str]:
    """CREATE TABLE of so many tables: groups of sixteen around a root, some of which refer to other groups."""
    for number in range(count):
        group, place = divmod(number, len(_PARTS) + 1)
        lap, which = divmod(group, len(_ROOTS))
        root = _ROOTS[which] + (f"_{lap + 1}" if lap else "")
        keys = []
        if place == 0:
            name, afar = root, _AFAR.get(root, "accounts" if which else "")
            keys = [(afar, afar)] if afar else []
        else:
            name = f"{root.removesuffix('s')}_{_PARTS[place - 1]}"
            keys = [(root, root)]
            if place % 4 == 0:
                keys.append((f"{root.removesuffix('s')}_{_PARTS[place - 2]}", _PARTS[place - 2]))
            if place % 7 == 0:
                keys.append(("accounts", "author"))
        columns = [f"{each.removesuffix('s')}_id bigint REFERENCES {to} (id)" for to, each in keys]
        yield f"CREATE TABLE {name} (id bigint PRIMARY KEY, {', '.join([*columns, _COLUMNS])})"
