"""The command line: words in, values to flows, output out. The only room that imports click."""

from __future__ import annotations


def main() -> None:
    """The command `pgproof`."""
    from pgproof.cli.root import root

    root()
