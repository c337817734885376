"""The JSON report keeps to its own schema, and the schema is strict enough to notice if it did not."""

import json
import re
from typing import Any

import pytest

from pgproof.report import described
from pgproof.report import json as json_report
from tests.report import example

_SCHEMA = described.schema("check")
_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}


def faults(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:  # noqa: C901
    """Where a value breaks what check's schema uses of JSON Schema; an unknown word is a fault too."""
    found = []
    for word, wanted in schema.items():
        match word:
            case "$schema" | "title" | "description" | "$defs":
                continue
            case "$ref":
                found += faults(value, _SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], at)
            case "allOf":
                found += [fault for part in wanted for fault in faults(value, part, at)]
            case "type":
                kinds = [wanted] if isinstance(wanted, str) else wanted
                fits = any(isinstance(value, _TYPES[kind]) for kind in kinds)
                found += [] if fits and not (isinstance(value, bool) and kinds == ["integer"]) else [f"{at}: type"]
            case "const":
                found += [] if value == wanted else [f"{at}: const"]
            case "enum":
                found += [] if value in wanted else [f"{at}: enum"]
            case "pattern":
                found += [] if re.search(wanted, value) else [f"{at}: pattern"]
            case "minimum":
                found += [] if value >= wanted else [f"{at}: minimum"]
            case "required" if isinstance(value, dict):
                found += [f"{at}: no {key}" for key in wanted if key not in value]
            case "properties" if isinstance(value, dict):
                for key in wanted.keys() & value.keys():
                    found += faults(value[key], wanted[key], f"{at}.{key}")
            case "additionalProperties" if isinstance(value, dict):
                for key in value.keys() - schema.get("properties", {}).keys():
                    found += faults(value[key], wanted, f"{at}.{key}")
            case "items":
                for number, item in enumerate(value):
                    found += faults(item, wanted, f"{at}[{number}]")
            case "required" | "properties" | "additionalProperties":
                continue
            case _:
                found.append(f"{at}: {word} is not understood")
    return found


@pytest.mark.parametrize("strict", [False, True])
def test_the_report_keeps_to_the_schema(strict: bool) -> None:
    data = json.loads(json_report.render(example.report(*example.FULL, strict=strict)))
    assert faults(data, _SCHEMA) == []


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("verdict", "holds", "$.findings[0]: "),
        ("code", "DOC1", "$.findings[0].code: pattern"),
        ("place", {"path": "a"}, "$.findings[0].place: no line"),
        ("accepted", [], "$.findings[0].accepted: type"),
    ],
)
def test_the_schema_notices(key: str, value: Any, fault: str) -> None:
    data = json_report.as_data(example.report(example.MISSING))
    data["findings"][0][key] = value
    assert any(fault.rstrip() in each or each.startswith(fault.rstrip(": ")) for each in faults(data, _SCHEMA))


def test_numbers_add_up_and_order_is_by_place() -> None:
    data = json_report.as_data(example.report(*example.FULL))
    assert data["summary"] == {"open": 3, "fails": 2, "unknown": 1, "accepted": 1, "holds": 31}
    assert data["target"]["counts"] == {"migrations": 3, "queries": 4, "indexes": 1}
    places = [(f["place"]["path"], f["place"]["line"]) for f in data["findings"]]
    assert places == sorted(places)
    strict = json_report.as_data(example.report(*example.FULL, strict=True))
    assert strict["summary"] == {"open": 4, "fails": 3, "unknown": 1, "accepted": 1, "holds": 31}
    assert strict["findings"] == data["findings"]


def test_same_findings_same_bytes() -> None:
    forward = json_report.render(example.report(*example.FULL))
    assert forward == json_report.render(example.report(*reversed(example.FULL)))
    assert "größe" in forward
