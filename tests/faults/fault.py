"""The faults, and a trap that lets one happen at a message of the protocol."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from threading import Event

from tests.faults.process import Run
from tests.faults.proxy import Fate, Message, Side
from tests.faults.stage import Stage
from tests.faults.story import Story


class Fault(StrEnum):
    """What happens."""

    KILL = "kill -9"
    SIGTERM = "SIGTERM"
    SIGINT = "SIGINT"
    TERMINATE = "pg_terminate_backend"
    CUT = "connection cut"
    SILENT = "connection cut, server not told"
    LATE = "connection cut, message delivered later"
    PAUSE = "paused, its lock lost, another goes on"
    STOP = "server stopped immediately"
    CRASH = "server stopped immediately, up again at once"


class When(StrEnum):
    """Before the message arrives, or right after."""

    BEFORE = "before"
    AFTER = "after"


_CODES = {
    Fault.KILL: {-signal.SIGKILL},
    Fault.SIGTERM: {128 + signal.SIGTERM},
    Fault.SIGINT: {128 + signal.SIGINT},
}


class Trap:
    """Watches a proxy; at message `number` the fault happens. `sprung` is that message, once it has come by."""

    def __init__(self, stage: Stage, fault: Fault, number: int, when: When) -> None:
        self.sprung: Message | None = None
        self.rival: Callable[[], Run] | None = None
        self.other: Run | None = None
        self._stage = stage
        self._fault = fault
        self._number = number
        self._when = when
        self._run: Run | None = None
        self._ready = Event()

    def arm(self, run: Run) -> None:
        """The process that it is set for."""
        self._run = run
        self._ready.set()

    def __call__(self, message: Message) -> Fate | Callable[[], None]:
        if message.number != self._number or not can_happen(self._fault, message):
            return Fate.PASS
        self._ready.wait()
        self.sprung = message
        if self._fault is Fault.CUT:
            return Fate.LOSE if self._when is When.BEFORE else Fate.LAST
        if self._fault is Fault.SILENT:
            return Fate.HALF
        if self._fault is Fault.LATE:
            return Fate.LATE
        if self._when is When.AFTER:
            return lambda: self._happen(message)
        self._happen(message)
        return Fate.LOSE if self._fault is Fault.KILL else Fate.PASS

    def _happen(self, message: Message) -> None:
        assert self._run
        if self._fault is Fault.PAUSE:
            self._pause(message)
            return
        strike(self._fault, self._stage, self._run, message.backend)

    def _pause(self, message: Message) -> None:
        """The run stands still with its message on the way; its other connections end, and somebody else runs."""
        assert self.rival
        with closing(self._stage.witness("postgres")) as conn:
            for pid in self._stage.proxy.backends() - {message.backend}:
                conn.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        self.other = self.rival()
        self.other.ended.wait(1)  # it may have to wait for a transaction of the one that stands still


def can_happen(fault: Fault, message: Message) -> bool:
    """Whether the fault makes sense at this message."""
    if fault is Fault.TERMINATE:
        return message.backend != 0
    if fault is Fault.PAUSE:
        return message.side is Side.CLIENT and message.backend != 0
    return fault is not Fault.LATE or (message.side is Side.CLIENT and message.kind == "Q")


def allowed(fault: Fault) -> set[int]:
    """The exit codes a run may end with: its work done, an error told, or the word of its killer."""
    return {0, 3} | _CODES.get(fault, set())


def strike(fault: Fault, stage: Stage, run: Run, backend: int) -> None:
    """Let it happen to a run, whose work is done by the server's process `backend`."""
    if fault is Fault.KILL:
        run.kill()
    elif fault in {Fault.SIGTERM, Fault.SIGINT}:
        run.signal(signal.SIGTERM if fault is Fault.SIGTERM else signal.SIGINT)
    elif fault is Fault.CUT:
        stage.proxy.close_all()
    elif fault is Fault.TERMINATE:
        with closing(stage.witness("postgres")) as conn:
            conn.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])
    else:
        stage.cluster.stop_immediately()
        if fault is Fault.CRASH:
            stage.cluster.start()


def at_message(stage: Stage, story: Story, fault: Fault, number: int, when: When) -> tuple[Trap, str]:
    """Tell a story with a fault at one message, and again until it is done; what is wrong then, or nothing."""

    stage.undisturbed(story)
    trap = Trap(stage, fault, number, when)
    with stage.database(story) as database:
        trap.rival = lambda: stage.start(story, database)
        stage.proxy.reset(trap)
        run = stage.start(story, database, host=stage.proxy.host)
        trap.arm(run)
        code = run.wait()
        if fault is Fault.STOP and trap.sprung:
            stage.cluster.start()
        wrong = ""
        if code not in allowed(fault) or "Traceback" in run.said:
            wrong = "the run itself ended badly"
        if fault in {Fault.SILENT, Fault.LATE}:
            again = stage.start(story, database)
            stage.proxy.deliver()
            again.ended.wait(0.5)  # the server learns only now that nobody is there
            stage.proxy.close_all()
            wrong = wrong or stage.finish(story, database, first=again)
        else:
            wrong = wrong or stage.finish(story, database, first=trap.other)
        if wrong:
            wrong = f"{when} {trap.sprung}\n{wrong}\n--- first: {run}"
    return trap, wrong
