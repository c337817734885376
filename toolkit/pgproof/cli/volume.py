"""How much a command says: `--quiet`, `--verbose`, how long it took, and what it does now.

It is the same for each command, and decided here once: a command says what it has to say, and none asks whether it
is to be quiet.
"""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TextIO

import click

from pgproof.flows.stage import heard

if TYPE_CHECKING:
    from pgproof.cli.waiting import Waiting

_AT_WORK = "pgproof.at work"
_STDOUT = "pgproof.stdout"
_LONG = 0.5
"""Seconds after which a run is worth a word about how long it took."""


def options() -> list[click.Option]:
    """`--quiet` and `--verbose`, for each command."""
    return [
        click.Option(
            ["--quiet", "-q"],
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Say nothing where nothing is wrong (exit code 0). JSON, SQL and files are written.",
        ),
        click.Option(
            ["--verbose", "-v"],
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Say all there is to say, and how long each stage took.",
        ),
    ]


def _keep(context: click.Context, option: click.Parameter, value: bool) -> None:
    context.meta[f"pgproof.{option.name}"] = value


def is_verbose() -> bool:
    """Whether the command that runs is to say all there is to say."""
    return _is(click.get_current_context(), "verbose")


def stdout() -> TextIO | None:
    """Where to what has been asked for goes, if text for people is held back; else None."""
    context = click.get_current_context(silent=True)
    return context.meta.get(_STDOUT) if context else None


def run(context: click.Context, work: Callable[[], Any], *, tells_itself: bool) -> Any:
    """Do what a command does, as loud as it is to be.

    One that `tells_itself` says of its own how far it is and how long it took. Of a command of commands the inner
    one says whether it is to be quiet.
    """
    if _is(context, "quiet") and _is(context, "verbose"):
        raise click.UsageError("either --quiet or --verbose", context)
    is_outer = not context.meta.get(_AT_WORK)
    context.meta[_AT_WORK] = True
    has_terminal, begun = is_outer and not tells_itself and _has_terminal(sys.stderr), time.monotonic()
    with ExitStack() as stack:
        held = stack.enter_context(_Held(context)) if _is(context, "quiet") else None
        stages = _Stages()
        if is_outer:
            stack.enter_context(heard(stages.hear))
        if has_terminal and not held:
            from pgproof.cli.waiting import Waiting

            stages.waiting = stack.enter_context(Waiting(sys.stderr, f"pgproof {context.info_name}", _LONG))
        result = work()
        stages.end()
        if held and not result:
            held.drop()
    seconds = time.monotonic() - begun
    is_worth = has_terminal and seconds >= _LONG and not _is(context, "quiet")
    if is_outer and (is_worth or _is(context, "verbose")):
        from pgproof.report.words import duration

        for stage, took in stages.seconds.items() if _is(context, "verbose") else ():
            click.echo(f"  {stage}: {duration(took)}", err=True)
        click.echo(f"took {duration(seconds)}", err=True)
    return result


class _Stages:
    """Hears of stages: shows them while somebody waits, and adds up how long they take.

    Threads do theirs at the same time, so that the sum may be more than all of it took.
    """

    def __init__(self) -> None:
        self.waiting: Waiting | None = None
        self.seconds: dict[str, float] = {}
        self._lock = threading.Lock()
        self._at = {threading.get_ident(): ("getting ready", time.monotonic())}

    def hear(self, stage: str, what: str) -> None:
        """A stage begins, and the one before it in that thread ends."""
        if self.waiting:
            self.waiting.tell(stage, what)
        with self._lock:
            self._count(threading.get_ident(), time.monotonic())
            self._at[threading.get_ident()] = stage, time.monotonic()

    def end(self) -> None:
        """All stages end; where there were none, nothing is told of them."""
        with self._lock:
            if self.seconds:
                for thread in self._at:
                    self._count(thread, time.monotonic())
            self._at.clear()

    def _count(self, thread: int, now: float) -> None:
        if thread in self._at:
            stage, began = self._at[thread]
            self.seconds[stage] = self.seconds.get(stage, 0.0) + now - began


def _is(context: click.Context, word: str) -> bool:
    return bool(context.meta.get(f"pgproof.{word}"))


def _has_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}


class _Held:
    """Standard output that waits for how it ends: it comes if that is an error or a finding."""

    def __init__(self, context: click.Context) -> None:
        self._context = context
        self._real = sys.stdout
        encoding, errors = getattr(self._real, "encoding", None), getattr(self._real, "errors", None)
        self._text = io.TextIOWrapper(io.BytesIO(), encoding or "utf-8", errors or "strict", newline="\n")
        self._is_dropped = False

    def drop(self) -> None:
        """Nothing of it is to be seen."""
        self._is_dropped = True

    def __enter__(self) -> _Held:
        self._context.meta[_STDOUT] = self._real
        sys.stdout = self._text
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout = self._real
        del self._context.meta[_STDOUT]
        self._text.flush()
        if not self._is_dropped:
            self._text.seek(0)
            click.echo(self._text.read(), nl=False)
