"""Whether what a command has printed as JSON is what its schema says, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema

from pgproof.report.described import COMMANDS, schema

_BY_NAME = ("properties", "$defs")
_ONE = ("items", "additionalProperties")
_SEVERAL = ("oneOf", "anyOf", "prefixItems")


def keep_to_schema(words: Sequence[str], out: str) -> None:
    """Fail if that is not so of what was printed; and of the files of `--output json:FILE`."""
    command = words[0] if words else ""
    if out.strip() and any(pair == ("--format", "json") for pair in pairwise(words)):
        check("plan" if "--dry-run" in words else command, out)
    if tuple(words[:2]) == ("stats", "export") and out.startswith("{"):
        check(command, out)
    for word in words:
        if word.startswith("json:") and Path(word[5:]).is_file():
            check(command, Path(word[5:]).read_text(encoding="utf-8"))


def check(command: str, text: str) -> None:
    """Fail if a text is not the JSON of that command."""
    if command not in COMMANDS:
        return
    each_line = COMMANDS[command] == "events" and not text.startswith("{\n")
    for document in map(json.loads, text.splitlines() if each_line else [text]):
        name = "error" if document.get("schema") == "pgproof.error/1" else command
        error = jsonschema.exceptions.best_match(validator(name).iter_errors(document))
        assert error is None, f"{error.json_path}: {error.message}"


@cache
def validator(command: str) -> Any:
    """Of the schema, to which here nothing may be added: what is not described fails."""
    whole = schema(command)
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(_closed(whole))


def _closed(said: Any, *, is_part: bool = False) -> Any:
    """A schema that says no to properties of which it says nothing; parts of an `allOf` leave that to it."""
    if not isinstance(said, dict):
        return said
    found = dict(said)
    for word in _BY_NAME:
        if word in found:
            found[word] = {name: _closed(each, is_part=word == "$defs") for name, each in found[word].items()}
    for word in _ONE:
        if word in found:
            found[word] = _closed(found[word])
    for word in _SEVERAL:
        if word in found:
            found[word] = [_closed(each) for each in found[word]]
    if "allOf" in found:
        found["allOf"] = [_closed(each, is_part=True) for each in found["allOf"]]
    is_object = {"properties", "allOf", "$ref"} & found.keys()
    return {**found, "unevaluatedProperties": False} if is_object and not is_part else found
