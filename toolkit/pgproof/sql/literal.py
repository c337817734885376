"""Values written into SQL text, for messages that can carry no parameters and for scripts."""

from __future__ import annotations

import re

_PARAMETER = re.compile(r"%\((\w+)\)s")


def literal(value: str | int | None) -> str:
    """`value` as an SQL constant, right under either setting of standard_conforming_strings (4.1.2.2)."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    quoted = value.replace("'", "''")
    return " E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in quoted else f"'{quoted}'"


def fill(query: str, values: dict[str, str | int | None]) -> str:
    """`query` with its parameters, written `%(name)s` as psycopg has them, replaced by constants."""
    return _PARAMETER.sub(lambda match: literal(values[match[1]]), query)
