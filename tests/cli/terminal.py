"""A command on a terminal: what it writes, what is left on the screen, what is typed meanwhile."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

_PATIENCE = 60.0
_ANEW = "\r\x1b[2K"
_ESCAPE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])")


class Terminal:
    """The terminal's end of a pseudo terminal, on whose other end the command runs."""

    def __init__(self, pid: int, handle: int) -> None:
        self.pid = pid
        self.written = ""
        self._handle = handle
        self._bytes = b""
        self.before = termios.tcgetattr(handle)
        self.code: int | None = None

    def until(self, text: str, after: int = 0) -> int:
        """Read until the command has written this behind what it wrote first; where it begins."""
        end = time.monotonic() + _PATIENCE
        while (found := self.written.find(text, after)) < 0:
            assert time.monotonic() < end, self.written
            assert self._read(), self.written
        return found

    def picture(self, text: str) -> str:
        """What was written when a picture with this text in it was whole: up to where it is erased for another."""
        end = self.until(_ANEW, after=self.until(text))
        return self.written[:end]

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._handle, text.encode())

    def end(self) -> int:
        """Read until the command has ended; its exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return self.code

    @property
    def attributes(self) -> list[object]:
        """How the terminal is set up."""
        return termios.tcgetattr(self._handle)

    def _read(self) -> bool:
        if not select.select([self._handle], [], [], _PATIENCE)[0]:
            raise AssertionError(self.written)
        try:
            found = os.read(self._handle, 65536)
        except OSError:  # the other end is closed
            return False
        self._bytes += found
        self.written = self._bytes.decode(errors="ignore")
        return bool(found)


@contextmanager
def terminal(*words: str, **environment: str) -> Iterator[Terminal]:
    """`pgproof WORDS...` on a terminal of 80 columns; it is killed if the block ends before it."""
    with program(sys.executable, "-m", "pgproof", *words, **environment) as opened:
        yield opened


@contextmanager
def program(*words: str, **environment: str) -> Iterator[Terminal]:
    """As `terminal`, of any program."""
    pid, handle = pty.fork()
    if pid == 0:
        told = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "30", **environment}
        os.execve(words[0], words, {**_environment(), **told})
    opened = Terminal(pid, handle)
    try:
        yield opened
    finally:
        if opened.code is None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(handle)


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}


def screen(written: str, columns: int = 1_000_000) -> list[str]:
    """The lines that are to be seen after all of it was written: what the codes for moving and erasing leave.

    A line goes on in the next one behind so many `columns`.
    """
    lines, row, column, at = [""], 0, 0, 0
    while at < len(written):
        code = _ESCAPE.match(written, at)
        if code:
            at = code.end()
            match code[2]:
                case "A":
                    row = max(0, row - int(code[1] or 1))
                case "J":
                    lines[row:] = [lines[row][:column]]
                case "K":
                    lines[row] = "" if code[1] == "2" else lines[row][:column]
                case "m" | "h" | "l":
                    pass
                case other:
                    raise AssertionError(other)
            continue
        character = written[at]
        at += 1
        if character == "\r":
            column = 0
        elif character == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        else:
            if column == columns:
                row, column = row + 1, 0
                lines += [""] * (row + 1 - len(lines))
            lines[row] = lines[row].ljust(column)[:column] + character + lines[row][column + 1 :]
            column += 1
    return "\n".join(line.rstrip() for line in lines).rstrip("\n").split("\n")
