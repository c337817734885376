"""Comments that speak to pgproof, `-- pgproof: WORD ...`: each word has its reader; one without is a slip."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.errors import Problem
from pgproof.migrate.migration import Section

_DIRECTIVE = re.compile(
    r"^[ \t]*(?P<whole>--[ \t]*pgproof[ \t]*:[ \t]*(?P<word>[^\s:]*)[^\n]*)$", re.MULTILINE | re.IGNORECASE
)
WORDS = {
    "batch": (
        "batch 5000 over jobs.id sleep 100ms lag 10s",
        "the statement below runs in pieces, committed one by one; without a range until it touches no row",
    ),
    "lock_timeout": ("lock_timeout 500ms", "how long the statement below, or each of the file, waits for a lock"),
    "replaces": ("replaces 1 3 7", "written by `pgproof squash`: the versions that this baseline stands for"),
    "statement_timeout": ("statement_timeout 10min", "how long the statement below, or each of the file, may run"),
    "template": ("template", "the file is rendered by Jinja2"),
    "was": ("was alembic 1975ea83b712", "the migration of another tool whose work this file does"),
}
"""The words that are read, each with an example of a line and what it says."""


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
            if match["word"].lower() not in WORDS and not inside:
                place = script.source.place(match.start("whole"), len(match["whole"].rstrip()))
                yield Problem(
                    message=f'unknown directive "{match["word"]}"', place=place, hint=_hint(match["word"])
                )


def _hint(word: str) -> str:
    from pgproof.sql.name import nearest

    if word.lower() == "ignore":
        return "findings are accepted in checks, with a reason: -- accept: CODE OBJECT"
    meant = nearest(word.lower(), WORDS)
    return f"did you mean `-- pgproof: {meant}`?" if meant else f"pgproof reads {', '.join(WORDS)}"
