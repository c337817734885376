"""A process that has loaded pgproof and forks: each child is `pgproof WORDS...`, without the time for imports.

It reads one request a line from the socket it was given (a child to start), and writes one line for each child
that was started and for each that has ended.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any, NoReturn


def load() -> None:
    """Everything of the package that can be imported."""
    import pgproof

    for module in pkgutil.walk_packages(pgproof.__path__, "pgproof."):
        if not module.name.endswith("__main__"):
            with suppress(ImportError):  # an extra that is not installed
                importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def serve(channel: socket.socket) -> dict[str, Any] | None:
    """Start children until nobody asks any more; gives the request in the child, None in the zygote itself."""
    noted, wake = socket.socketpair()
    noted.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    selector = DefaultSelector()
    selector.register(channel, EVENT_READ)
    selector.register(noted, EVENT_READ)
    rest = b""
    while True:
        ready = {key.fileobj for key, _ in selector.select()}
        if noted in ready:
            with suppress(BlockingIOError):
                noted.recv(4096)
            report_ends(channel)
        if channel in ready:
            got = channel.recv(65536)
            if not got:
                return None
            *lines, rest = (rest + got).split(b"\n")
            for line in lines:
                request: dict[str, Any] = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for each in (channel, noted, wake):
                        each.close()
                    selector.close()
                    return request
                tell(channel, {"started": request["number"], "pid": pid})


def report_ends(channel: socket.socket) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            tell(channel, {"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def tell(channel: socket.socket, what: dict[str, int]) -> None:
    channel.sendall(json.dumps(what).encode() + b"\n")


def become(request: dict[str, Any]) -> None:
    """What a shell does before it runs a command."""
    os.setsid()
    with Path(os.devnull).open("rb") as nothing, Path(request["output"]).open("ab", 0) as output:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    sys.argv = ["pgproof", *request["words"]]


def main() -> None:
    load()
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is None:
        return
    become(request)
    from pgproof.cli import main as pgproof

    try:
        pgproof()
    except SystemExit as end:
        leave(end.code)


def leave(code: object) -> NoReturn:
    """Exit without taking down one by one all the modules that are loaded here and in no real process: 60 ms."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    assert isinstance(code, int), code
    os._exit(code)


if __name__ == "__main__":
    main()
