"""What a terminal does by itself when Ctrl-C is pressed: it throws away what was written and is not shown yet."""

from __future__ import annotations

import io
import os
import termios
from contextlib import suppress
from typing import TextIO

_LOCAL = 3  # where tcgetattr has the flags that termios(3) calls local modes


class Tty:
    """The terminal of a stream, which keeps what was written, between `keep` and `give_back`.

    Otherwise (NOFLSH is not set) Ctrl-C in the midst of a picture leaves half of it, and whoever erases it by
    counting its lines erases too many. A stream without a terminal is let alone, and so is the terminal of
    somebody else: a program in the background that changed it would be stopped (SIGTTOU).
    """

    def __init__(self, stream: TextIO) -> None:
        self._handle: int | None = None
        self._is_kept = False
        with suppress(io.UnsupportedOperation):
            self._handle = stream.fileno()

    def keep(self) -> None:
        """From now on nothing is thrown away."""
        self._is_kept = self._set(True)

    def give_back(self) -> None:
        """As it was before."""
        if self._is_kept:
            self._is_kept = False
            self._set(False)

    def _set(self, is_kept: bool) -> bool:
        """True if it was changed."""
        if self._handle is None:
            return False
        with suppress(OSError, termios.error):
            attributes = termios.tcgetattr(self._handle)
            if bool(attributes[_LOCAL] & termios.NOFLSH) is is_kept or not self._is_ours(self._handle):
                return False
            attributes[_LOCAL] ^= termios.NOFLSH
            termios.tcsetattr(self._handle, termios.TCSANOW, attributes)
            return True
        return False

    def _is_ours(self, handle: int) -> bool:
        return os.tcgetpgrp(handle) == os.getpgrp()
