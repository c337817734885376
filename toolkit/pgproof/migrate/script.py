"""A plan as one script that psql can run: the statements, the rows of the history, and nothing left to pgproof.

Each file is skipped where it is applied already, and refused where another text of it is, or half of it. A file
with a transaction commits together with its row of the history; one without enters each statement in the journal,
and batches how far they have come, so that `pgproof upgrade` can go on where psql stopped. Hooks stand at their
places; but for the one for errors, since psql just stops at an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pgproof.errors import Problem
from pgproof.migrate import batch, history, hook, hooked, journal, limits, stand
from pgproof.migrate.batch import Batch
from pgproof.migrate.clean import reset
from pgproof.migrate.hook import Hook
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import Direction, Step
from pgproof.migrate.progress import AS_WHO_CONNECTED
from pgproof.migrate.terms import Terms
from pgproof.migrate.transactional import body
from pgproof.migrate.unit import Unit, units
from pgproof.sql import transaction
from pgproof.sql.literal import literal
from pgproof.sql.name import quote

_HEAD = """\
-- {count} of {folder}, as a script for psql, by pgproof {tool}. It stops at the first error:
--     psql --no-psqlrc --file=FILE DATABASE
-- What is applied already is skipped. `pgproof upgrade` goes on where this stopped, and the other way round.
\\set ON_ERROR_STOP on
\\set QUIET on
\\encoding UTF8
\\o /dev/null
"""
_REMEMBER = "SELECT pg_catalog.current_setting('{name}') AS pgproof_{name} \\gset\nSET {name} = {value}"
_OF_THE_LAST = (
    "SET LOCAL pgproof.migration = :'pgproof_label'",
    "SET LOCAL pgproof.version = :'pgproof_number'",
)
_AS_BEFORE = "SELECT pg_catalog.set_config('{name}', :'pgproof_{name}', false)"


def script(
    migrations: Sequence[Migration], folder: str, terms: Terms, hooks: tuple[Hook, ...] = ()
) -> Iterator[str]:
    """The pieces of the script, in order. Pure: the same files give the same script."""
    count = "1 migration" if len(migrations) == 1 else f"{len(migrations)} migrations"
    yield _HEAD.format(count=count, folder=folder, tool=terms.tool)
    yield from (f"-- {each.message}: {each.detail}\n" for each in left_out(hooks))
    yield "\\set pgproof_begun false\n" if hooks else ""
    yield (
        "\nBEGIN;\nSET LOCAL client_min_messages = warning;\n"
        + history.query("create_history").decode()
        + "COMMIT;\n"
    )
    for migration in migrations:
        yield from _guarded(migration, terms, hooks)
    if migrations and hook.find(hooks, hook.AFTER_UPGRADE):
        last = Step(migration=migrations[-1], direction=Direction.UP, schema=terms.schema)
        yield "\n-- when something was applied\n\\if :pgproof_begun\n"
        yield from (f"{text};\n" for text in _hook(hooks, last, hook.AFTER_UPGRADE, terms))
        yield "\\endif\n"


def left_out(hooks: tuple[Hook, ...]) -> Iterator[Problem]:
    """What an upgrade does and the script cannot."""
    for each in hook.find(hooks, hook.ON_ERROR):
        yield Problem(
            message="the hook on-error is left out",
            place=each.section.place,
            detail="psql stops at an error, and can run nothing because of one.",
        )


def _guarded(migration: Migration, terms: Terms, hooks: tuple[Hook, ...]) -> Iterator[str]:
    step = Step(migration=migration, direction=Direction.UP, schema=terms.schema)
    if migration.repeatable:
        guard = history.filled(
            "is_changed", {"schema": terms.schema, "name": migration.name, "checksum": migration.checksum}
        )
    else:
        guard = history.filled(
            "is_pending", {"schema": terms.schema, "version": migration.version, "checksum": migration.checksum}
        )
    yield f"\n-- {migration.name}\n{guard}\n\\gset pgproof_\n\\if :pgproof_pending\n"
    yield f"\\echo {literal(migration.label).strip()}\n"
    yield from _begun(step, terms, hooks) if hooks else ()
    works = _in_one_transaction if step.section.transactional else _one_by_one
    for text in works(step, terms, hooks):
        yield f"{text};\n"
    yield "\\endif\n"


def _begun(step: Step, terms: Terms, hooks: tuple[Hook, ...]) -> Iterator[str]:
    """Something is applied: the hook before all that, if it was the first; the hook behind it all has to know."""
    if hook.find(hooks, hook.BEFORE_UPGRADE):
        yield "\\if :pgproof_begun\n\\else\n"
        yield from (f"{text};\n" for text in _hook(hooks, step, hook.BEFORE_UPGRADE, terms))
        yield "\\endif\n"
    yield "\\set pgproof_begun true\n"
    yield f"\\set pgproof_label {literal(step.migration.label).strip()}\n"
    yield f"\\set pgproof_number {step.migration.version}\n"


def _hook(hooks: tuple[Hook, ...], step: Step, name: str, terms: Terms) -> Iterator[str]:
    """The hook of that name in a transaction of its own; behind everything, psql knows what was applied last."""
    for each in hook.find(hooks, name):
        yield "BEGIN"
        yield from (piece.text for piece in hooked.settings(step, terms))
        yield from _OF_THE_LAST if name == hook.AFTER_UPGRADE else ()
        yield from (statement.text for statement in each.section.statements)
        yield reset().text
        yield "COMMIT"


def _in_one_transaction(step: Step, terms: Terms, hooks: tuple[Hook, ...]) -> Iterator[str]:
    yield "BEGIN"
    yield from (piece.text for piece in hooked.parts(hooks, step, hook.BEFORE_EACH, terms))
    yield from (piece.text for piece in stand.local(terms))
    yield from (piece.text for piece in body(step.section, 0, terms.limits))
    yield from (piece.text for piece in hooked.parts(hooks, step, hook.AFTER_EACH, terms))
    yield from _back(terms)
    yield history.ran(step, terms)
    yield "COMMIT"


def _one_by_one(step: Step, terms: Terms, hooks: tuple[Hook, ...]) -> Iterator[str]:
    yield from _hook(hooks, step, hook.BEFORE_EACH, terms)
    yield history.begun(step, terms)
    yield from (piece.text.replace(" LOCAL ", " ", 1) for piece in stand.local(terms))
    batches, said = batch.read(step.section), limits.said(step.section)
    for unit in units(step.section, 0):
        own = dict(said.of(unit.first, terms.limits).settings())
        yield from _unit(step, terms, unit, own, batches.get(unit.first))
    yield "DISCARD ALL"
    yield history.ended(step, terms)
    yield from _hook(hooks, step, hook.AFTER_EACH, terms)


def _back(terms: Terms) -> Iterator[str]:
    """The rows of the history are not written as the role of the files."""
    if terms.role:
        yield AS_WHO_CONNECTED.text


def _unit(step: Step, terms: Terms, unit: Unit, own: dict[str, int], batched: Batch | None) -> Iterator[str]:
    """The statements, and that they have landed: in the same transaction, if they can be in one.

    `own` are their timeouts. All batches are one statement for psql: no statement_timeout can hold for each.
    """
    first, texts = unit.statements[0], [statement.text for statement in unit.statements]
    landed = [
        *_back(terms),
        *journal.landed(step, terms, unit.first, unit.statements),
        history.progress(step, terms, unit.last),
    ]
    if batched:
        yield from _with(own | {"statement_timeout": 0}, [_batches(step, terms, unit, batched)])
        yield from ("BEGIN", *landed, "COMMIT")
    elif unit.is_block and transaction.commits(unit.statements[-1]):
        yield from _with(own, (*texts[:-1], *landed, texts[-1]))
    elif unit.is_block:  # ROLLBACK leaves nothing; PREPARE TRANSACTION must not take the journal with it
        yield from _with(own, texts)
        yield from ("BEGIN", *landed, "COMMIT")
    elif transaction.why_no_transaction(first) is None:
        yield from _with(own, ("BEGIN", *texts, *landed, "COMMIT"))
    else:
        yield from ("BEGIN", *_back(terms), journal.intent(step, terms, unit.first, first, ""), "COMMIT")
        yield from _with(own, texts)
        outcome = journal.outcome(step, unit.first, journal.LANDED)
        yield from ("BEGIN", *_back(terms), outcome, history.progress(step, terms, unit.last), "COMMIT")


def _with(settings: Mapping[str, int], texts: Iterable[str]) -> Iterator[str]:
    """The texts, with settings that are afterwards as they were before."""
    for name, value in settings.items():
        yield _REMEMBER.format(name=name, value=value)
    yield from texts
    for name in settings:
        yield _AS_BEFORE.format(name=name)


def _batches(step: Step, terms: Terms, unit: Unit, batched: Batch) -> str:
    """All batches in one statement, since psql has no loops."""
    statement = unit.statements[0]
    return history.filled(
        "run_batches",
        {
            "statement": batch.as_format(statement),
            "table": ".".join(quote(name) for name in batched.table),
            "column": batched.column,
            "size": batched.size,
            "sleep": round(batched.sleep * 1000),
            "lag": None if batched.lag is None else round(batched.lag * 1000),
            "version": step.migration.version,
            "schema": step.schema,
            "run": str(terms.run),
            "direction": str(step.direction),
            "number": unit.first,
            "hash": journal.hash_of(statement),
        },
    )
