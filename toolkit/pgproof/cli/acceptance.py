"""The options of `pgproof drift` with which a difference is accepted."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pgproof.cli import completing

if TYPE_CHECKING:
    from pgproof.drift.outcome import Drift
    from pgproof.flows.acceptance import Wish


def wished(command: Callable[..., object]) -> Callable[..., object]:
    """The options, gathered in one parameter `wish`, which is None where nothing is to be accepted."""

    @click.option(
        "--accept",
        multiple=True,
        metavar="CODE:OBJECT",
        shell_complete=completing.differences,
        help="Write down that a difference is accepted.",
    )
    @click.option("--because", metavar="TEXT", help="Why it is accepted.")
    @click.option(
        "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day. [default: for ever]"
    )
    @functools.wraps(command)
    def wrapped(
        *args: object, accept: tuple[str, ...], because: str | None, until: datetime | None, **others: Any
    ) -> object:
        rivals = ("recorder", "sql", "repair", "adopt")
        is_alone = not any(others[each] for each in rivals) and others["form"] == "text"
        is_alone = is_alone and not others["outputs"] and others["baseline"] is None
        return command(*args, wish=_wish(accept, because, until, is_alone=is_alone), **others)

    return wrapped


def _wish(accept: tuple[str, ...], because: str | None, until: datetime | None, *, is_alone: bool) -> Wish | None:
    """What is to be accepted. Raises UsageError where the options do not go together."""
    if not accept:
        if because is not None or until is not None:
            raise click.UsageError("--because and --until go with --accept")
        return None
    if because is None:
        raise click.UsageError("--accept goes with --because: whoever reads it next has to know why")
    if not is_alone:
        raise click.UsageError(
            "--accept goes without --repair, --adopt, --watch, --unwatch, --sql, --format, --output and --baseline"
        )
    if any(" " in each.partition(":")[0] for each in accept):
        raise click.UsageError('--accept is CODE:OBJECT, for example "DRF102:index public.jobs_by_state"')
    from pgproof.flows.acceptance import Wish

    return Wish(differences=accept, because=because, until=until.date() if until else None)


def today() -> date:
    """The day that it is here."""
    return datetime.now().astimezone().date()


def accept(result: Drift, wish: Wish, folder: Path) -> int:
    """Write down what is accepted, and say so. Raises InputError."""
    from pgproof.flows import acceptance
    from pgproof.report.drift import written_text

    written = acceptance.accept(result, wish, folder, today())
    click.echo(written_text([(each.path, each.item, each.instead) for each in written], wish.until), nl=False)
    return 0
