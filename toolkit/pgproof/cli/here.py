"""`pgproof` alone: where you stand, and what to type."""

from __future__ import annotations

import sys

import click

from pgproof import __version__
from pgproof.cli import options

_WHAT = "schema migrations for PostgreSQL, and proof of what a schema promises"


def tell() -> None:
    """Put it out. No server is asked. Raises InputError where the settings or the address are wrong."""
    from pgproof.flows.here import here

    settings = options.config()
    address = options.named_database(settings.database)
    found = here(
        settings.migrations,
        settings.checks,
        settings=str(settings.file or ""),
        database=address.description if address else "",
        command=builder.told if (builder := options.builder(None, settings)) else "",
    )
    mark = "·" if (sys.stdout.encoding or "").lower().startswith("utf") else "-"
    click.echo(f"pgproof {__version__} {mark} {_WHAT}")
    click.echo()
    for name, words in found.lines:
        click.echo(f"  {name:<10}  {words}")
    click.echo()
    click.echo("next:")
    for line, what in found.steps:
        click.echo(f"  {line:<26}  {what}".rstrip())
    click.echo()
    click.echo("`pgproof --help` lists the commands, `pgproof doctor` says what works here.")
