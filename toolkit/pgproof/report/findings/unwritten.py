"""Migrations that were made and that nobody has written, as findings: `pgproof upgrade` refuses them."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.migrate.library import Library
from pgproof.migrate.plan import unwritten
from pgproof.place import Place
from pgproof.report.findings.code import Code, finding, pages

PAGES = pages(Code.MIGRATION_UNWRITTEN)
"""What there is to read about them."""


def unwritten_ones(library: Library) -> Iterator[Finding]:
    """A finding for each, with the code that `pgproof status` has for it."""
    for each in (*library.migrations, *library.repeatables):
        if each.unwritten:
            problem = unwritten(each)
            place = problem.place or Place(path=each.path, line=1)
            yield finding(Code.MIGRATION_UNWRITTEN, each.name, problem.message, place, hint=problem.hint)
