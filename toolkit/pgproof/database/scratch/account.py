"""Who runs the server: PostgreSQL refuses to run as root, so root lends it another account.

No account is created: the server's processes get the uid of one that exists and owns nothing.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pgproof.database.scratch.attempt import Unavailable

# Nothing of ours: PGDATA, PGPORT and the like must not reach the server, and messages must be in English.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_PATIENCE = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Account:
    """The uid and gid that the server's processes run as; None for our own."""

    uid: int | None = None
    gid: int | None = None

    def spawn(self, program: Path, arguments: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start one of the server's programs as this account. Raises OSError.

        In a session of its own, so that the terminal's ^C does not reach it; in the folder `/`, because ours may
        be closed to the account.
        """
        as_account: dict[str, Any] = {}
        if self.uid is not None:
            as_account = {"user": self.uid, "group": self.gid, "extra_groups": ()}
        return subprocess.Popen(
            [str(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
            **as_account,
        )

    def own(self, path: str | Path) -> None:
        """Give a file or folder to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may_run(self, program: Path) -> bool:
        """True if the account can reach and run it: tried, because modes, ACLs and mounts all have a say.

        Raises Unavailable where no program can be run as the account (a container may know root alone).
        """
        if self.uid is None:
            return True
        with Path(os.devnull).open("wb") as nowhere:
            try:
                self.spawn(program, ["--version"], nowhere).wait(_PATIENCE)
            except PermissionError:
                return False
            except OSError as error:
                raise Unavailable(f"{program} cannot be run as uid {self.uid}: {error.strerror}") from error
        return True


def server_account(uid: int | None) -> Account:
    """Our own account, or, if we are root, that of `uid` or else of nobody.

    initdb wants the uid to be in the user database. Without nobody it is the last account there.
    """
    if os.geteuid() != 0:
        return Account()
    entries = pwd.getpwall()
    by_uid = {entry.pw_uid: entry for entry in reversed(entries) if entry.pw_uid != 0}
    nobody = next((entry for entry in entries if entry.pw_name == "nobody"), None)
    chosen = by_uid.get(uid if uid is not None else 65534) or nobody or (by_uid and by_uid[max(by_uid)])
    return Account(chosen.pw_uid, chosen.pw_gid) if chosen else Account(65534, 65534)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program made by `spawn` at once: SIGQUIT is PostgreSQL's immediate shutdown, SIGKILL the last word.

    Always waits with a limit, because it may run in a signal handler that has interrupted a wait.
    """
    for number in (signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, number)
            process.wait(_PATIENCE)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
