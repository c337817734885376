"""`pgproof snapshot`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from pgproof.cli import completing, options
from pgproof.cli.again import Command
from pgproof.cli.exact import put_json, put_sql
from pgproof.migrate.glance import SNAPSHOT

if TYPE_CHECKING:
    from pgproof.flows.snapshot import Request


@click.command(
    "snapshot",
    cls=Command,
    short_help="Write what the files build to schema.json.",
    examples=(
        "pgproof snapshot",
        "pgproof snapshot --check",
        "pgproof snapshot --sql schema.sql",
        "pgproof snapshot --role shop_owner --file -",
    ),
)
@options.migrations
@options.variables
@click.option(
    "--file",
    metavar="FILE",
    shell_complete=completing.paths,
    help=f"The file to write; - is standard output. [default: {SNAPSHOT} in the folder of migrations]",
)
@click.option(
    "--full/--no-full",
    default=None,
    help="Everything: what `pgproof diff` needs, too, to have the file as a side. [default: as the file is]",
)
@click.option(
    "--sql",
    "schema",
    metavar="[FILE]",
    is_flag=False,
    flag_value="-",
    help="Write SQL: for people to read, which builds the same, to this file, or to standard output.",
)
@click.option("--check", is_flag=True, help="Write nothing; say where the file and the migrations disagree.")
@options.version("--to", what="The last version to build. [default: all]")
@click.option(
    "--role",
    metavar="NAME",
    help="Run the files as this role, as production does. [default: as the file has it, else postgres]",
)
@options.scratch
def command(
    migrations: Path | None,
    variables: dict[str, str],
    file: str | None,
    full: bool | None,
    schema: str | None,
    check: bool,
    to: str | None,
    role: str | None,
    scratch: options.Scratch,
) -> int:
    """Write what the migrations build to schema.json, one object a line, to be kept in version control.

    A review then shows what a migration does to the schema, and `pgproof drift` need not build it. The same files
    give the same bytes with every server of a major.

    --sql writes CREATE statements instead, each table with its columns, constraints, indexes and comments. They
    are run in an empty database first, and what comes of it is compared.

    Exit codes: 0 done, or --check found nothing; 1 --check found that the file is not what the files build,
    2 wrong usage or files, 3 the server refused a statement, or there is no server, 4 the SQL builds something
    else.
    """
    from pgproof.flows import snapshot as flow

    settings = options.config()
    folder = options.folder(migrations, settings)
    builder = options.builder(migrations, settings)
    home = builder.home if builder else folder
    if builder and to is not None:
        raise click.UsageError("--to is about pgproof's own migrations; a command builds all")
    if schema and file:
        raise click.UsageError("--file is for schema.json, --sql for SQL: write one after the other")
    if check and "-" in (file, schema):
        raise click.UsageError("--check compares with a file; - is none")
    request = flow.Request(
        folder=folder,
        scratch=scratch.options(settings),
        path=None if file == "-" else Path(file) if file else home / SNAPSHOT,
        to=to,
        role=role,
        full=full,
        variables={**settings.variables, **variables},
        layout=settings.layout,
        builder=builder,
    )
    if schema:
        return _sql(flow, request, schema, check)
    return _json(flow, request, check)


def _json(flow: ModuleType, request: Request, check: bool) -> int:
    """The snapshot: told, compared or written."""
    from pgproof.report.drift import snapshot_text

    if request.path is None:
        put_json(flow.build(request))
    elif check:
        found = flow.check(request)
        click.echo(snapshot_text(str(request.path), found.differences, found.reasons), nl=False)
        return 1 if found.differences or found.reasons else 0
    else:
        path, changed = flow.write(request)
        click.echo(f"{path} {'written' if changed else 'is up to date'}")
    return 0


def _sql(flow: ModuleType, request: Request, schema: str, check: bool) -> int:
    """The schema as SQL: written, compared or told."""
    if check:
        is_same = flow.check_sql(request, Path(schema))
        click.echo(f"{schema} is {'' if is_same else 'not '}what the files build")
        if not is_same:
            click.echo(f"HINT: write it anew: pgproof snapshot --sql {schema}")
        return 0 if is_same else 1
    if schema == "-":
        put_sql(flow.sql(request).text)
        return 0
    made, changed = flow.write_sql(request, Path(schema))
    click.echo(f"{schema} {'written' if changed else 'is up to date'}")
    for what, why in made.left_out:
        click.echo(f"note: it has no {what}: {why}")
    return 0
