"""The command `pgproof` itself; its subcommands are loaded when they are asked for."""

from __future__ import annotations

from importlib import import_module

import click

from pgproof import __version__

# command -> module in this package that holds a click command named `command`
_COMMANDS: dict[str, str] = {
    "check": "check",
    "upgrade": "upgrade",
    "downgrade": "downgrade",
    "status": "status",
}


class _LazyGroup(click.Group):
    """Lists its commands without importing them, and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = import_module(f"pgproof.cli.{module}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pgproof")
def root() -> None:
    """Schema migrations for PostgreSQL, and proof of what a schema promises."""
