"""Putting out what a command tells while it is at work."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def show(texts: Iterable[str]) -> None:
    """Put pieces of text out as they come, so that a line can be seen before it is whole."""
    for text in texts:
        sys.stdout.write(text)
        sys.stdout.flush()
