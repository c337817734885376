"""A server in a container; the one place that knows testcontainers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.scratch.server import ScratchServer, fresh_word
from pgproof.database.scratch.termination import undone
from pgproof.database.version import NEWEST_TESTED, ServerVersion
from pgproof.errors import DatabaseError

if TYPE_CHECKING:
    import psycopg

_DEFAULT_ENGINE = "unix:///var/run/docker.sock"
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_logical_replication_workers=0",
    "jit=off",
    "timezone=UTC",
)
_USER = "postgres"
_NO_CLIENT = "the package testcontainers is not installed: pip install 'pgproof[containers]'"


@contextmanager
def open_container(options: ScratchOptions) -> Iterator[ScratchServer]:
    """A server in a container of `options.image` as long as the block lasts. Raises Unavailable."""
    require_engine(options.docker_host)
    image = options.image or f"postgres:{options.postgres or NEWEST_TESTED}"
    password = fresh_word(16)
    container = _started(image, password)
    with undone(lambda: _stop(container)):
        conninfo = Conninfo.of(
            host=container.get_container_host_ip(),
            port=str(container.get_exposed_port(5432)),
            user=_USER,
            password=password,
            dbname="postgres",
        )
        with _answering(conninfo) as conn:
            version = ServerVersion(conn.info.server_version)
        if options.postgres not in (None, version.major):
            raise Unavailable(f"image {image} holds {version}; wanted {options.postgres}")
        yield ScratchServer(provider=f"Docker, image {image}", version=version, conninfo=conninfo)


def require_engine(docker_host: str) -> None:
    """Raise Unavailable if no engine answers. Asked over the bare socket: the client loads slowly."""
    address = urlsplit(docker_host or _DEFAULT_ENGINE)
    try:
        if address.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as engine:
                engine.settimeout(2)
                engine.connect(address.path)
                engine.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
                answer = engine.recv(64)
            if not answer.startswith(b"HTTP/"):
                raise Unavailable(f"what listens at {address.path} is no Docker engine")
        elif address.hostname and address.scheme in ("tcp", "http", "https"):
            socket.create_connection((address.hostname, address.port or 2375), timeout=2).close()
    except OSError as error:
        raise Unavailable(
            f"no engine answers at {address.path or address.netloc} ({error.strerror or error})"
        ) from error


def require_client() -> None:
    """Raise Unavailable if the package that speaks to the engine is not installed. It is not loaded."""
    if find_spec("testcontainers") is None:
        raise Unavailable(_NO_CLIENT)


def _started(image: str, password: str) -> Any:
    try:
        postgres = _postgres_module()
    except ImportError as error:
        raise Unavailable(_NO_CLIENT) from error
    try:
        container = postgres.PostgresContainer(image, username=_USER, password=password, dbname=_USER, driver=None)
        container.with_command(["postgres", *(word for setting in _SETTINGS for word in ("-c", setting))])
        return container.start()  # it removes itself if it fails
    except _failures() as error:
        said = " ".join(str(error).split())
        ryuk = "; where its image cannot be had, set TESTCONTAINERS_RYUK_DISABLED=true" if "ryuk" in said else ""
        raise Unavailable(f"image {image} does not start: {said}{ryuk}") from error


def _stop(container: Any) -> None:
    with suppress(*_failures()):  # it may be gone already
        container.stop()


def _postgres_module() -> Any:
    """In `community` since testcontainers 4.15, where the old name warns."""
    try:
        return import_module("testcontainers.community.postgres")
    except ImportError:
        return import_module("testcontainers.postgres")


def _failures() -> tuple[type[Exception], ...]:
    """What testcontainers and the Docker client that it uses raise; the rest of theirs are OSErrors."""
    client = import_module("testcontainers.core.docker_client").docker
    return (
        client.errors.DockerException,
        import_module("testcontainers.core.exceptions").ContainerStartException,
        OSError,
    )


def _answering(conninfo: Conninfo) -> psycopg.Connection:
    """The image's first server, which only sets it up, may go while we look: try again for a while."""
    for _ in range(50):
        try:
            return connect(conninfo)
        except DatabaseError as error:
            last = error
        time.sleep(0.1)
    raise Unavailable(f"the server in the container does not answer: {last.problems[0].detail}")
