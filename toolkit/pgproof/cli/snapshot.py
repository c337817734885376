"""`pgproof snapshot`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.migrate.glance import SNAPSHOT


@click.command(
    "snapshot",
    cls=Command,
    short_help="Write what the files build to schema.json.",
    examples=(
        "pgproof snapshot",
        "pgproof snapshot --check",
        "pgproof snapshot --role shop_owner --output -",
    ),
)
@options.migrations
@options.variables
@click.option(
    "--output",
    metavar="FILE",
    help=f"The file to write; - is standard output. [default: {SNAPSHOT} in the folder of migrations]",
)
@click.option("--check", is_flag=True, help="Write nothing; say where the file and the migrations disagree.")
@click.option(
    "--to", metavar="VERSION", type=click.IntRange(min=1), help="Build up to this version. [default: all]"
)
@click.option(
    "--role",
    metavar="NAME",
    help="Who runs the files in production, and owns what they make. [default: as the file has it, else postgres]",
)
@options.scratch
def command(
    migrations: Path | None,
    variables: dict[str, str],
    output: str | None,
    check: bool,
    to: int | None,
    role: str | None,
    scratch: options.Scratch,
) -> int:
    """Write what the migrations build to schema.json, one object a line, to be kept in version control.

    A review then shows what a migration does to the schema, and `pgproof drift` need not build it. The same files
    give the same bytes with every server of a major.

    Exit codes: 0 done, or --check found nothing; 1 --check found that the file is not what the files build,
    2 wrong usage or files, 3 the server refused a statement, or there is no server.
    """
    from pgproof.flows import snapshot as flow
    from pgproof.report.drift import snapshot_text

    settings = options.config()
    folder = options.folder(migrations, settings)
    if check and output == "-":
        raise click.UsageError("--check compares with a file; - is none")
    request = flow.Request(
        folder=folder,
        scratch=options.provided(scratch, settings),
        path=None if output == "-" else Path(output) if output else folder / SNAPSHOT,
        to=to,
        role=role,
        variables={**settings.variables, **variables},
        layout=settings.layout,
    )
    if request.path is None:
        click.echo(flow.build(request), nl=False)
    elif check:
        found = flow.check(request)
        click.echo(snapshot_text(str(request.path), found.differences, found.reasons), nl=False)
        return 1 if found.differences or found.reasons else 0
    else:
        path, changed = flow.write(request)
        click.echo(f"{path} {'written' if changed else 'is up to date'}")
    return 0
