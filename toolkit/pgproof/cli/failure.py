"""The one place where a command's failure is told, and becomes an exit code."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from types import FrameType

import click

from pgproof.errors import InputError, PgproofError, Problem, Terminated
from pgproof.secret import hidden

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
TERMINATED = 143  # 128 + SIGTERM
_READER_GONE = 141  # 128 + SIGPIPE
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LABEL = re.compile(r"[A-Z][A-Z ]*: ")


def run(command: click.Command) -> int:
    """Run `command` on the words of the command line and give the exit code of the process.

    What a person must mend is told on standard error. A defect of pgproof itself keeps its traceback. SIGTERM is
    heard as Ctrl-C is, so that what runs on a server is cancelled there and what has landed is recorded.
    """
    try:
        with _terminated():
            result = command.main(standalone_mode=False)
    except click.ClickException as error:
        _show(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as stop:
        click.echo("interrupted", err=True)
        return TERMINATED if isinstance(stop.__cause__ or stop, Terminated) else INTERRUPTED
    except PgproofError as error:
        tell(error)
        return error.exit_code
    except BrokenPipeError:
        # the reader of our output has left (`pgproof status | head`); Python must not try to flush again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return _no_room(error)
    return result if isinstance(result, int) else 0


def _show(error: click.ClickException) -> None:
    """Tell what is wrong with the words of the command line; an address among them without its password."""
    told = StringIO()
    error.show(told)
    click.echo(hidden(told.getvalue()), err=True, nl=False)


def _no_room(error: OSError) -> int:
    """Our output has nowhere to go: said on standard error, if that is elsewhere. Gives the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())  # Python must not try to flush again
    told = InputError(
        Problem(
            message=f"cannot write the output: {error.strerror}",
            detail="The command stopped there. What an upgrade or a downgrade has committed is recorded.",
            hint="make room, and run it again",
        )
    )
    try:
        tell(told)
        sys.stderr.flush()
    except OSError:
        os.dup2(nowhere, sys.stderr.fileno())
    return told.exit_code


@contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM raises Terminated inside the block; only the main thread can have it so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def tell(error: PgproofError) -> None:
    """Print all problems of an error to standard error, in colour only on a terminal that wants it."""
    texts = [_text(problem) for problem in error.problems]
    if len(texts) > 1:
        texts.append(f"{len(texts)} errors")
    click.echo("\n\n".join(texts), err=True, color=False if os.environ.get("NO_COLOR") else None)


def _text(problem: Problem) -> str:
    from pgproof.report.formats.shown import on_one_line, visible

    first, *rest = visible(str(problem)).split("\n")
    place = on_one_line(str(problem.place)) if problem.place else "pgproof"
    message = visible(problem.message) if problem.place else first
    head = click.style(f"{place}: ", bold=True) + click.style("error: ", fg="red", bold=True) + message
    return "\n".join([head, *(_styled(line) for line in rest)])


def _styled(line: str) -> str:
    label = _LABEL.match(line)
    if label:
        return click.style(label[0], bold=True) + line[label.end() :]
    return click.style(line, fg="red", bold=True) if line.strip() and not line.strip(" \t^") else line
