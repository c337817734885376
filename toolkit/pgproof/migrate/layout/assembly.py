"""From stretches of another tool's files to a migration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgproof.errors import Problem
from pgproof.migrate.migration import Migration, Section, normal
from pgproof.migrate.parse import Title
from pgproof.migrate.runnable import refusals
from pgproof.place import Place
from pgproof.sql import statement, transaction
from pgproof.sql.source import Source
from pgproof.sql.statement import Statement
from pgproof.sql.transaction import Boundary


def section(
    source: Source, place: Place, start: int = 0, end: int | None = None, *, transactional: bool | None = None
) -> Section:
    """A stretch of a source as a section.

    With `transactional` None it is what the server makes of the text when all of it is sent at once, or fed to
    psql: statements between the author's BEGIN and COMMIT are one transaction; one that can run in none makes
    that the statements commit one by one.
    """
    script = statement.check(source, start, end)
    if transactional is not None or script.problems:
        return Section(script=script, place=place, transactional=transactional is not False)
    inner = _inside_one_block(script.statements)
    if inner is not None:
        return Section(script=replace(script, statements=inner), place=place)
    alone = any(_needs_none(each) for each in script.statements)
    return Section(script=script, place=place, transactional=not alone)


def migration(
    title: Title, up: Section, down: Section | None, *, text: str, repeatable: bool = False
) -> Migration:
    """A migration of another tool's; `text` is the upgrade as its author wrote it.

    A downgrade without a statement is none, unless there is nothing to revert.
    """
    if down and not down.statements and not down.script.problems and up.statements:
        down = None
    source = up.script.source
    return Migration(
        version=title.version,
        digits=title.digits,
        slug=title.slug,
        path=source.path,
        source=source,
        up=up,
        down=down,
        text=normal(text),
        repeatable=repeatable,
    )


def mistakes(found: Migration, *, outside: str) -> Iterator[Problem]:
    """What keeps the migration from being run.

    `outside` is the hint that says how, with this tool, a statement is run in no transaction.
    """
    for each in filter(None, (found.up, found.down)):
        yield from each.script.problems or (_ours(problem, outside) for problem in refusals(each))


def _ours(problem: Problem, outside: str) -> Problem:
    return replace(problem, hint=outside) if "transaction:false" in problem.hint else problem


def _needs_none(each: Statement) -> bool:
    return transaction.boundary(each) is not None or transaction.why_no_transaction(each) is not None


def _inside_one_block(statements: tuple[Statement, ...]) -> tuple[Statement, ...] | None:
    """The statements between a BEGIN that is the first and a COMMIT that is the last; None if it is not so."""
    boundaries = [transaction.boundary(each) for each in statements]
    if len(statements) < 2 or boundaries[0] is not Boundary.BEGIN or not _commits(statements[-1]):
        return None
    return None if any(boundaries[1:-1]) else statements[1:-1]


def _commits(each: Statement) -> bool:
    return transaction.boundary(each) is Boundary.END and each.text.split()[0].lower() in {"commit", "end"}
