"""Comments that speak to pgproof, `-- pgproof: WORD ...`: each word has its reader; one without is a slip."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.errors import Problem
from pgproof.migrate.migration import Section

_DIRECTIVE = re.compile(
    r"^[ \t]*(?P<whole>--[ \t]*pgproof[ \t]*:[ \t]*(?P<word>[^\s:]*)[^\n]*)$", re.MULTILINE | re.IGNORECASE
)
_WORDS = ("batch", "ignore", "lock_timeout", "replaces", "statement_timeout", "template", "was")


def problems(section: Section) -> Iterator[Problem]:
    """Words that nobody reads, in the comments of a section between its statements and above them."""
    script = section.script
    text = script.source.text
    if "pgproof" not in text and "pgproof" not in text.lower():
        return
    end = len(text) if script.end is None else script.end
    for start, stop in ((0, script.heading), (script.start, end)):
        for match in _DIRECTIVE.finditer(text, start, stop):
            inside = any(each.start < match.start() < each.end for each in section.statements)
            if match["word"].lower() not in _WORDS and not inside:
                place = script.source.place(match.start("whole"), len(match["whole"].rstrip()))
                yield Problem(
                    message=f'unknown directive "{match["word"]}"', place=place, hint=_hint(match["word"])
                )


def _hint(word: str) -> str:
    from pgproof.sql.name import nearest

    meant = nearest(word.lower(), _WORDS)
    return f"did you mean `-- pgproof: {meant}`?" if meant else f"pgproof reads {', '.join(_WORDS)}"
