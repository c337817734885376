"""A proxy that understands the frames of PostgreSQL's protocol, and lets a fault happen at any of them.

It stands between two unix sockets. Every message of every connection gets a number, in the order in which it comes
by; `on` is called with each and says what becomes of it. (Protocol: chapter 55 of the manual, "Message Formats".)
"""

from __future__ import annotations

import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import Lock, Thread
from typing import BinaryIO

PORT = 5432
_CANCEL = 80877102


class Side(Enum):
    """Who sent it."""

    CLIENT = "client"
    SERVER = "server"


class Fate(Enum):
    """What becomes of a message, and of its connection."""

    PASS = "pass"
    LOSE = "lose"
    """It does not arrive: both sides find the connection closed."""
    LAST = "last"
    """It arrives, and nothing after it: both sides find the connection closed."""
    LATE = "late"
    """Both sides find the connection closed; the server gets the message before that, when `deliver` is called."""
    HALF = "half"
    """It does not arrive and the client finds the connection closed, the server hears nothing of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One frame: `kind` is its letter, "startup" or "cancel"; `backend` the server's process, 0 if not known."""

    number: int
    side: Side
    kind: str
    body: bytes
    backend: int

    def __str__(self) -> str:
        text = self.body[:300].decode("utf-8", "replace").replace("\0", " ").strip()
        return f"message {self.number} ({self.side.value} {self.kind}): {' '.join(text.split())[:100]}"


Watch = Callable[[Message], Fate | Callable[[], None]]
"""Asked before a message is given on; a function is called right after the message has been."""


@dataclass(slots=True)
class _Link:
    """One connection through the proxy."""

    client: socket.socket
    server: socket.socket
    backend: int = 0
    silent: bool = False
    open_ends: int = 2
    lock: Lock = field(default_factory=Lock)

    def close(self, *, client_only: bool = False) -> None:
        for end in (self.client,) if client_only else (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """One direction has ended; after both the sockets are closed."""
        with self.lock:
            self.open_ends -= 1
            if self.open_ends == 0:
                self.client.close()
                self.server.close()


class Proxy:
    """A listening proxy in front of the server's socket in `server`; `host` is the folder of its own.

    `seen` counts the messages since the last reset, `connected` the connections since ever.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.host = str(folder)
        self.on: Watch = lambda _: Fate.PASS
        self.seen = 0
        self.connected = 0
        self._server = f"{server}/.s.PGSQL.{PORT}"
        self._lock = Lock()
        self._late: list[tuple[socket.socket, bytes]] = []
        self._links: list[_Link] = []
        self._threads: list[Thread] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{folder}/.s.PGSQL.{PORT}")
        self._listener.listen(128)
        self._accepting = Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def reset(self, on: Watch) -> None:
        """Count from 1 again, with another watch; connections of before are closed."""
        self.close_all()
        self.seen = 0
        self.on = on

    def backends(self) -> set[int]:
        """The server's processes of all connections that have one."""
        with self._lock:
            return {link.backend for link in self._links} - {0}

    def deliver(self) -> None:
        """Give on what is late."""
        for sink, frame in self._late:
            with suppress(OSError):
                sink.sendall(frame)
        self._late.clear()

    def close_all(self) -> None:
        """Close what is open now, on both sides, and wait until nothing of it moves any more."""
        with self._lock:
            links, threads = self._links, self._threads
            self._links, self._threads = [], []
        for link in links:
            link.close()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "a thread of the proxy hangs"
        self._late.clear()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(30)
        self._listener.close()
        self.close_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._server)
            except OSError:  # the server is down: as if nobody listened
                client.close()
                server.close()
                continue
            link = _Link(client, server)
            threads = [Thread(target=self._carry, args=(link, side), daemon=True) for side in Side]
            with self._lock:
                self._links.append(link)
                self._threads += threads
                self.connected += 1
                for thread in threads:
                    thread.start()

    def _carry(self, link: _Link, side: Side) -> None:
        source, sink = (link.client, link.server) if side is Side.CLIENT else (link.server, link.client)
        try:
            with source.makefile("rb") as reader:
                for kind, frame, body in _frames(reader, side):
                    if kind == "K":
                        (link.backend,) = struct.unpack("!i", body[:4])
                    if not link.silent and not self._pass(link, side, sink, kind, frame, body):
                        break
        except OSError:
            pass
        finally:
            link.close(client_only=link.silent and side is Side.CLIENT)
            link.end()

    def _pass(self, link: _Link, side: Side, sink: socket.socket, kind: str, frame: bytes, body: bytes) -> bool:
        """Give it on, or not; False if this direction has ended."""
        fate = self.on(self._message(link, side, kind, body))
        then = None if isinstance(fate, Fate) else fate
        if fate in {Fate.HALF, Fate.LATE}:
            link.silent = True
            link.close(client_only=True)
            if fate is Fate.LATE:
                self._late.append((sink, frame))
            return side is Side.SERVER  # who goes on talking to nobody
        if fate is not Fate.LOSE:
            try:
                sink.sendall(frame)
            except OSError:
                return link.silent and side is Side.SERVER
        if then:
            then()
        return fate is Fate.PASS or then is not None

    def _message(self, link: _Link, side: Side, kind: str, body: bytes) -> Message:
        with self._lock:
            self.seen += 1
            return Message(number=self.seen, side=side, kind=kind, body=body, backend=link.backend)


def _frames(reader: BinaryIO, side: Side) -> Iterator[tuple[str, bytes, bytes]]:
    """Letter, whole frame, body."""
    read = reader.read
    if side is Side.CLIENT:
        head = read(4)
        if len(head) < 4:
            return
        body = read(struct.unpack("!i", head)[0] - 4)
        kind = "cancel" if struct.unpack("!i", body[:4])[0] == _CANCEL else "startup"
        yield kind, head + body, body[4:]
    while len(head := read(5)) == 5:
        body = read(struct.unpack("!i", head[1:])[0] - 4)
        yield chr(head[0]), head + body, body


@contextmanager
def open_proxy(server: str) -> Iterator[Proxy]:
    """A proxy in front of the server whose socket is in the folder `server`."""
    with tempfile.TemporaryDirectory(prefix="pgp-proxy-") as folder:
        proxy = Proxy(Path(folder), server)
        try:
            yield proxy
        finally:
            proxy.close()
