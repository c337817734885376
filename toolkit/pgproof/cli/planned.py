"""The options of a plan that leads from one schema to another, and what is told of it: for `diff` and `drift`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pgproof.cli import options
from pgproof.cli.exact import put_sql

if TYPE_CHECKING:
    from pgproof.drift.way import Diff
    from pgproof.flows.way import Wish

_NAMES = ("allow", "renames", "renames_all", "offline", "prove")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the plan is to be, as the command line says."""

    allow: tuple[str, ...]
    renames: tuple[str, ...]
    renames_all: bool
    offline: bool
    prove: bool

    @property
    def is_said(self) -> bool:
        """True if the command line says anything of it."""
        return any(getattr(self, each) for each in _NAMES)

    def wish(self) -> Wish:
        """The same, for those who plan."""
        from pgproof.flows.way import Wish

        return Wish(
            prove=self.prove,
            online=not self.offline,
            renames=self.renames,
            renames_all=self.renames_all,
            allowed=frozenset(self.allow),
        )


def planned(command: Callable[..., object]) -> Callable[..., object]:
    """The options, gathered in one parameter `manner`."""

    @options.allow
    @click.option(
        "--rename",
        "renames",
        multiple=True,
        metavar="OLD=NEW",
        help="What has another name where it leads: jobs=tasks, public.jobs.state=status.",
    )
    @click.option("--renames-all", is_flag=True, help="Nothing has another name but what --rename says.")
    @click.option("--offline", is_flag=True, help="All in one transaction, whomever that holds up.")
    @click.option("--prove", is_flag=True, help="Run it on a clone, and compare what comes of it.")
    @functools.wraps(command)
    def wrapped(*args: object, **values: Any) -> object:
        manner = Manner(**{name: values.pop(name) for name in _NAMES})
        return command(*args, manner=manner, **values)

    return wrapped


def tell_script(found: Diff, manner: Manner, following: str) -> None:
    """The script on standard output, and what it comes to on standard error.

    If it may be run, `following` is what to do next.
    """
    from pgproof.report import diff as report

    words = [each.word for each in found.proposals]
    script = report.script(
        found.source, found.target, found.repair, manner.allow, state=found.state, proposals=words
    )
    put_sql(script)
    for line in report.made_text(found):
        click.echo(line, err=True)
    click.echo(report.closing(found.differences, found.repair, manner.allow), err=True)
    tell_trial(found)
    for reason in found.reasons:
        click.echo(f"cannot tell: {reason}", err=True)
    for path in found.written:
        click.echo(f"written: {path}", err=True)
    if found.repair.statements and found.may_be_written and not found.written:
        click.echo(following, err=True)


def tell_trial(found: Diff) -> None:
    """What clones said of the statements, on standard error."""
    from pgproof.report import diff as report

    for sql, problem in found.refused:
        click.echo(f"a clone refused it: {sql}: {problem.message}", err=True)
    if found.untried:
        click.echo(report.untried_text(found.untried), err=True)
    if found.proof:
        click.echo("\n".join(report.proof_text(found.proof)), err=True)
