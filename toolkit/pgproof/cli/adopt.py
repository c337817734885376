"""`pgproof adopt`."""

from __future__ import annotations

import platform
import uuid
from dataclasses import replace
from pathlib import Path

import click

from pgproof import __version__
from pgproof.cli import options
from pgproof.cli.again import Command, completed
from pgproof.migrate.ledger import TOOLS


@click.command(
    "adopt",
    cls=Command,
    short_help="Take over a database that another tool, or a person, has built.",
    examples=(
        "pgproof adopt --dry-run",
        "pgproof adopt --migrations db/migration --tool flyway",
        "pgproof adopt --to 07",
    ),
)
@options.version("--to", what="The last version that the database has had.")
@click.option("--tool", type=click.Choice(TOOLS), help="The tool whose table says what is applied.")
@click.option("--trust", is_flag=True, help="Build nothing: believe the version, or the other tool's table.")
@options.database
@options.migrations
@options.variables
@options.schema
@options.scratch
@options.dry_run
def command(
    to: str | None,
    tool: str | None,
    trust: bool,
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    schema: str,
    scratch: options.Scratch,
    dry_run: bool,
) -> int:
    """Take over a database that another tool, or a person, has built: say which migrations it has had.

    Which ones: up to the version of --to; else those in the other tool's table, if there is one; else up to the
    version whose files build just this catalog. The files are built on a scratch server of the same major, and the
    catalogs compared, before anything is written. Only pgproof's own tables are. With --schema all this is about
    that schema. A version above the last of a history that is there is entered into that. There is no
    --role: owners are not compared, and the history is written as the user.

    Exit codes: 0 adopted, 1 the files build another catalog, 2 wrong usage or files, 3 a database error, 4 it
    could not be proved.
    """
    from pgproof.flows.adopt import Request, adopt
    from pgproof.report.adoption import adoption_text

    settings = options.config()
    result = adopt(
        Request(
            database=options.address(database),
            folder=options.own_folder(migrations, settings),
            scratch=replace(scratch.options(settings), postgres=None),
            program=__version__,
            run=uuid.uuid4(),
            host=platform.node(),
            to=to,
            tool=tool,
            trust=trust,
            dry_run=dry_run,
            layout=settings.layout,
            schema=schema,
            variables={**settings.variables, **variables},
        )
    )
    click.echo(completed(adoption_text(result)), nl=False)
    return 1 if result.unlike else 0
