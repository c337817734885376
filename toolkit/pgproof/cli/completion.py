"""`pgproof completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from pgproof.cli.again import Command

_VARIABLE = "_PGPROOF_COMPLETE"
"""What the script sets when it asks: click looks for a variable of this name."""


@click.command(
    "completion",
    cls=Command,
    short_help="Print the script that lets a shell complete commands and options.",
    examples=(
        "pgproof completion bash > ~/.local/share/bash-completion/completions/pgproof",
        "pgproof completion zsh > ~/.zsh/completions/_pgproof",
        "pgproof completion fish > ~/.config/fish/completions/pgproof.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete commands and options.

    It completes versions of migrations and names of queries, too. In place of a file, a line in ~/.bashrc or
    ~/.zshrc (there behind compinit) does it: eval "$(pgproof completion bash)". Bash has to be 4.4 or later.

    Exit codes: 0 done; 2 wrong usage.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, "pgproof", _VARIABLE).source(), nl=False)
