"""`pgproof schema`."""

from __future__ import annotations

import json

import click

from pgproof.cli import completing
from pgproof.cli.again import Command
from pgproof.cli.exact import put_json
from pgproof.report.described import COMMANDS, schema
from pgproof.sql.name import nearest


@click.command(
    "schema",
    cls=Command,
    short_help="Print the JSON Schema of what a command says in JSON.",
    examples=("pgproof schema", "pgproof schema check > check.schema.json"),
)
@click.argument("name", required=False, shell_complete=completing.words(*COMMANDS))
def command(name: str | None) -> int:
    """Print the JSON Schema of what a command says in JSON.

    NAME is the command, or `error`, for what each of them says where it ends with one. Without it, the names are
    printed, each with the word that stands under `schema` in such JSON. (`snapshot` is for the file that it
    writes, where that is `format`, `stats` for what `stats export` prints; of upgrade, downgrade and redo each
    line is described, an error too.)

    Exit codes: 0 done; 2 wrong usage.
    """
    if name is None:
        width = max(map(len, COMMANDS))
        click.echo("\n".join(f"{each:{width}}  {schema(each)['title']}" for each in COMMANDS))
        return 0
    if name not in COMMANDS:
        meant = nearest(name, COMMANDS)
        hint = f'Did you mean "{meant}"?' if meant else f"Names: {', '.join(COMMANDS)}."
        raise click.UsageError(f'there is no schema of "{name}". {hint}')
    put_json(json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n")
    return 0
