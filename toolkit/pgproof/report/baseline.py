"""What was found before: a JSON report of the same command, with which another one is compared.

A finding is the same as one there if its fingerprint is, which is made of code and object. What an acceptance
covers now and did not then, or the other way round, or is worded in another way, is the same one, updated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pgproof.errors import InputError, Problem
from pgproof.finding import Acceptance, Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.report.model import Base

_HINT = "write it with: pgproof {} --output json:FILE"


def read(path: str, text: str, command: str) -> Base:
    """The findings that the JSON of a `command` has. `path` is what the file is called. Raises InputError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(command, f"{path} is not JSON: {error}") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != f"pgproof.{command}/1":
        what = f'it is "{schema}"' if isinstance(schema, str) else "it does not say what it is"
        raise _wrong(command, f"{path} is no JSON report of pgproof {command}", f"Of that, {what}.")
    try:
        return Base(
            path=path, findings={str(each["fingerprint"]): _finding(each) for each in document["findings"]}
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        detail = f"It does not hold what `pgproof schema {command}` describes: {error!r}."
        raise _wrong(command, f"{path} cannot be compared with", detail) from None


def _wrong(command: str, message: str, detail: str = "") -> InputError:
    return InputError(Problem(message=message, detail=detail, hint=_HINT.format(command)))


def _finding(said: Mapping[str, Any]) -> Finding:
    accepted = said["accepted"]
    return Finding(
        code=str(said["code"]),
        name=str(said["name"]),
        verdict=Verdict(said["verdict"]),
        severity=Severity(said["severity"]),
        object=str(said["object"]),
        message=str(said["message"]),
        place=_place(said["place"]),
        detail=str(said["detail"]),
        hint=str(said["hint"]),
        related=tuple(map(_place, said["related"])),
        accepted=Acceptance(because=str(accepted["because"]), place=_place(accepted["place"]))
        if accepted
        else None,
    )


def _place(said: Mapping[str, Any]) -> Place:
    return Place(
        path=str(said["path"]),
        line=int(said["line"]),
        column=int(said["column"]),
        width=int(said["width"]),
        text=str(said["text"]),
    )
