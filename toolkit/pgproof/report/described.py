"""The JSON Schemas of what commands print as JSON, in `schemas/`, a file for each kind of document.

What several have alike stands in `parts.schema.json`, and is put into each that speaks of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

COMMANDS: Mapping[str, str] = {
    "check": "check",
    "drift": "drift",
    "verify": "verify",
    "status": "status",
    "upgrade": "events",
    "downgrade": "events",
    "redo": "events",
    "plan": "plan",
    "diff": "diff",
    "history": "history",
    "doctor": "doctor",
    "config": "config",
    "snapshot": "snapshot",
    "stats": "stats",
    "error": "error",
}
"""The file of each command, and of what any of them says where it ends with an error."""

_REFERENCE = re.compile(r'"#/\$defs/(\w+)"')


def schema(command: str) -> dict[str, Any]:
    """The schema (2020-12) of the JSON of a command, one of `COMMANDS`; it refers to nothing outside."""
    document = _read(COMMANDS[command])
    parts = _read("parts")["$defs"]
    definitions: dict[str, Any] = dict(document.get("$defs", {}))
    missing = _named(document) - definitions.keys()
    while missing:
        definitions |= {name: parts[name] for name in sorted(missing)}
        missing = _named(definitions) - definitions.keys()
    return {**document, "$defs": definitions} if definitions else document


def _named(document: object) -> set[str]:
    return set(_REFERENCE.findall(json.dumps(document)))


def _read(name: str) -> dict[str, Any]:
    text = files("pgproof.report").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
