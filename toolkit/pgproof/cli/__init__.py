"""The command line: words in, values to flows, output out. The only room that imports click."""

from __future__ import annotations

import sys


def main() -> None:
    """The command `pgproof`."""
    from pgproof.cli.failure import run
    from pgproof.cli.root import root

    sys.exit(run(root))
