"""What works and what does not, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pgproof.report.words import counted


class State(StrEnum):
    """Whether it works."""

    OK = "ok"
    NO = "no"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: whether it works, what was seen or why not, and what to type.

    What is not `is_needed` is that which pgproof, or most of its commands, can do without.
    """

    state: State
    what: str
    hint: str = ""
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind."""

    title: str
    checks: tuple[Check, ...]


_SYMBOLS = {State.OK: "✓", State.NO: "✗", State.UNKNOWN: "?"}
_PLAIN = {State.OK: "+", State.NO: "x", State.UNKNOWN: "?"}
_INDENT = " " * 17


def section_text(section: Section, *, is_unicode: bool) -> str:
    """A section in lines, what to type below what does not work."""
    symbols = _SYMBOLS if is_unicode else _PLAIN
    return "".join(f"{line}\n" for line in ("", section.title, *_lines(section.checks, symbols)))


def _lines(checks: Sequence[Check], symbols: dict[State, str]) -> Iterator[str]:
    for check in checks:
        mark = symbols[check.state] if check.is_needed or check.state is State.OK else "-"
        yield f"  {mark} {check.state:<11}  {check.what}"
        if check.hint:
            yield f"{_INDENT}hint: {check.hint}"


def ending(sections: Sequence[Section], *, is_unicode: bool) -> str:
    """The last line: how much of what is needed does not work, and of what is not needed."""
    symbols = _SYMBOLS if is_unicode else _PLAIN
    checks = [check for section in sections for check in section.checks]
    bad = [check for check in checks if check.is_needed and check.state is State.NO]
    unknown = [check for check in checks if check.is_needed and check.state is State.UNKNOWN]
    spare = sum(not check.is_needed and check.state is not State.OK for check in checks)
    without = f" · {counted(spare, 'thing', 'things')} not here that can be done without" if spare else ""
    if bad:
        head = f"{symbols[State.NO]} {counted(len(bad), 'thing does', 'things do')} not work"
    elif unknown:
        head = f"{symbols[State.UNKNOWN]} of {counted(len(unknown), 'thing', 'things')} nobody can tell"
    else:
        head = f"{symbols[State.OK]} what is needed works"
    text = f"\n{head}{without}\n"
    return text if is_unicode else text.replace("·", "-")


def doctor_json(version: str, sections: Sequence[Section]) -> str:
    """All of it, as one object; `version` is pgproof's."""
    document: dict[str, Any] = {
        "schema": "pgproof.doctor/1",
        "version": version,
        "sections": [
            {
                "title": section.title,
                "checks": [
                    {
                        "state": str(check.state),
                        "what": check.what,
                        "hint": check.hint or None,
                        "needed": check.is_needed,
                    }
                    for check in section.checks
                ],
            }
            for section in sections
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
