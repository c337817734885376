"""`pgproof new`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.flows import new as flow
from pgproof.migrate.naming import Numbering


@click.command(
    "new",
    cls=Command,
    examples=(
        "pgproof new add region to agents",
        "pgproof new fill-region --timestamp",
    ),
)
@click.argument("name", nargs=-1, required=True)
@options.migrations
@click.option(
    "--number",
    "numbering",
    flag_value=Numbering.NUMBER,
    type=Numbering,
    help="Give it the next number. [default: as the folder does]",
)
@click.option(
    "--timestamp", "numbering", flag_value=Numbering.TIMESTAMP, type=Numbering, help="Give it the time in UTC."
)
def command(name: tuple[str, ...], migrations: Path | None, numbering: Numbering | None) -> None:
    """Create an empty migration file, numbered as the folder does.

    NAME becomes the file's name: `pgproof new add region to agents` makes, say, 10-add-region-to-agents.sql.

    Nothing is applied of it until somebody has written it.

    Exit codes: 0 done; 2 wrong usage or files.
    """
    folder = options.own_folder(migrations, options.config())
    for path in flow.new(folder, " ".join(name), now=datetime.now(UTC), numbering=numbering):
        click.echo(path)
