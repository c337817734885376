"""Words and options in the tree of a statement, as the server's `defGet...` functions read them (define.c)."""

from __future__ import annotations

from typing import Any


def word(node: Any, field: str) -> str:
    """The name of an enum field's value."""
    numbers = node.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return str(numbers[getattr(node, field)].name)


def truth(options: Any, name: str, *, default: bool) -> bool:
    """A boolean option of a list: without a value it is true."""
    found = _found(options, name)
    if found is None:
        return default
    return not found.HasField("arg") or _value(found.arg) not in {"false", "off", "0"}


def text(options: Any, name: str) -> str | None:
    """An option of a list, in small letters; None if it is not there."""
    found = _found(options, name)
    return None if found is None else _value(found.arg)


def _found(options: Any, name: str) -> Any:
    return next((each.def_elem for each in options if each.def_elem.defname == name), None)


def _value(arg: Any) -> str:
    kind = arg.WhichOneof("node")
    if kind == "type_name":  # a bare word: `off`
        return str(arg.type_name.names[-1].string.sval).lower()
    value = getattr(arg, kind)
    return str(getattr(value, {"boolean": "boolval", "integer": "ival"}.get(kind, "sval"))).lower()
