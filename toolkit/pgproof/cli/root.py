"""The command `pgproof` itself; its subcommands are loaded when they are asked for."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem

from pgproof import __version__
from pgproof.sql.name import nearest

# command, which is also the module in this package that holds it as `command` -> its line in `pgproof --help`
COMMANDS: dict[str, str] = {
    "init": "Make a folder a project: migrations, promises and settings, what is missing of them.",
    "check": "Say which promises of the files hold, and which do not.",
    "explain": "Tell in words how PostgreSQL answers a query, at production size.",
    "report": "Write one HTML page: the schema, the promises with their plans, the findings.",
    "plan": "Say what an upgrade would do, and change nothing.",
    "upgrade": "Apply the pending migrations, in the order of their versions.",
    "downgrade": "Revert the migrations above a version, latest first.",
    "stats": "Take a database's statistics with you, to plan with them elsewhere.",
    "drift": "Say whether a database is what the files say.",
    "snapshot": "Write what the files build to schema.json.",
    "diff": "Write the SQL that leads from one schema to another.",
    "verify": "Show that each migration can be taken back.",
    "redo": "Revert the last migration and apply it again, as its file is now.",
    "status": "Say what is applied, what is pending, and what is wrong.",
    "history": "Tell everything that was ever run in a database.",
    "adopt": "Take over a database that another tool, or a person, has built.",
    "new": "Create an empty migration file, numbered as the folder does.",
    "squash": "Write one baseline file that builds what all migrations up to a version build.",
    "config": "Say which settings hold, and where each was said.",
    "schema": "Print the JSON Schema of what a command says in JSON.",
    "sum": "Write pgproof.sum, the digests of the migration files.",
    "doctor": "Say what works here, and why something does not.",
    "completion": "Print the script that lets a shell complete commands and options.",
}

_BEGIN = (
    "pgproof init                  makes migrations/ and checks/, with an example in each",
    "pgproof check                 says what of that holds, on a server of its own",
    "export DATABASE_URL=postgresql://ann@localhost/shop",
    "pgproof upgrade               applies it",
    "pgproof status                tells what is applied",
)


class _LazyGroup(click.Group):
    """Lists its commands without importing them, and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("To begin with"):
            for line in _BEGIN:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        formatter.write_paragraph()
        formatter.write_text("`pgproof COMMAND --help` tells the options, exit codes and examples of a command.")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands by their lines here, without importing them; behind a dash the options."""
        found = [CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            meant = nearest(args[0], COMMANDS)
            hint = f'Did you mean "{meant}"?' if meant else f"Commands: {', '.join(COMMANDS)}."
            raise click.UsageError(f'There is no command "{args[0]}". {hint}', ctx)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"pgproof.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pgproof")
@click.pass_context
def root(context: click.Context) -> None:
    """Schema migrations for PostgreSQL, and proof of what a schema promises.

    Without a command: where you stand, and what to type next.
    """
    if context.invoked_subcommand is None:
        from pgproof.cli.here import tell

        tell()
