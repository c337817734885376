"""The command line: words in, values to flows, output out. The only room that imports click."""

from __future__ import annotations

import gc
import os
import signal
import sys
from io import TextIOWrapper

OBJECTS = 100_000
"""How many new objects there must be before circles of dead ones are looked for: a run makes few, and is short."""


def main() -> None:
    """The command `pgproof`."""
    gc.set_threshold(OBJECTS)
    if sys.stdout is None:  # started with its output closed (>&-)
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  (to the end; pathlib takes its time)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  (to the end; pathlib takes its time)
    for stream in (sys.stdout, sys.stderr):  # in every locale people can read what there is to say
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from pgproof.cli.failure import run
        from pgproof.cli.root import root
    except KeyboardInterrupt:  # before there is anybody to hear it
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    code = run(root)
    for number in (signal.SIGINT, signal.SIGTERM):  # all is told, and the exit code says how it ended
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()  # else Python looks for circles among all there is, just before the system takes it back
    sys.exit(code)
