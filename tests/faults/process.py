"""`pgproof WORDS...` as processes that can be watched, signalled and killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread

TOP = Path(__file__).parent.parent.parent
PATIENCE = 90.0
"""Seconds that a run may take before it counts as hanging."""


@dataclass(slots=True)
class Run:
    """One process of the command. `code` is its exit code, -9 if killed; None while it lives."""

    words: Sequence[str]
    output: Path
    pid: int = 0
    code: int | None = None
    started: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)

    def wait(self, patience: float = PATIENCE) -> int:
        """Its exit code. Fails if it hangs; then it is killed."""
        if not self.ended.wait(patience):
            self.signal(signal.SIGKILL)
            raise AssertionError(f"hangs for {patience:.0f} s: {self}")
        assert self.code is not None
        return self.code

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        if not self.ended.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self.ended.wait(PATIENCE)

    @property
    def said(self) -> str:
        """What it has printed so far, standard error included."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def __str__(self) -> str:
        return f"pgproof {' '.join(self.words)}\nexit code {self.code}\n{self.said}"


class Runner:
    """Starts runs, all of them children of one zygote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: list[Run] = []
        self._by_pid: dict[int, Run] = {}
        self._lock = Lock()
        ours, theirs = socket.socketpair()
        self._channel = ours
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])}
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
            )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, *words: str, folder: Path, environment: Mapping[str, str] | None = None) -> Run:
        """Start `pgproof WORDS...` in a folder; returns when the process is there."""
        with self._lock:
            number = len(self._runs)
            run = Run(words, self._folder / f"{number}.txt")
            self._runs.append(run)
        request = {
            "number": number,
            "words": words,
            "folder": str(folder),
            "output": str(run.output),
            "environment": {"NO_COLOR": "1", "XDG_CACHE_HOME": str(self._folder / "cache"), **(environment or {})},
        }
        run.output.touch()
        with self._lock:
            self._channel.sendall(json.dumps(request).encode() + b"\n")
        assert run.started.wait(PATIENCE), "the zygote does not answer"
        return run

    def run(self, *words: str, folder: Path, environment: Mapping[str, str] | None = None) -> Run:
        """Run it to its end."""
        run = self.start(*words, folder=folder, environment=environment)
        run.wait()
        return run

    def close(self) -> None:
        for run in self._runs:
            run.signal(signal.SIGKILL)
        self._channel.shutdown(socket.SHUT_WR)
        self._zygote.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._channel.close()

    def _read(self) -> None:
        with self._channel.makefile("rb") as lines:
            for line in lines:
                told = json.loads(line)
                if "started" in told:
                    run = self._runs[told["started"]]
                    run.pid = told["pid"]
                    self._by_pid[run.pid] = run
                    run.started.set()
                else:
                    run = self._by_pid[told["ended"]]
                    run.code = told["code"]
                    run.ended.set()


@contextmanager
def open_runner() -> Iterator[Runner]:
    """A runner; what it started is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pgproof-faults-") as folder:
        runner = Runner(Path(folder))
        try:
            yield runner
        finally:
            runner.close()
