"""A server in Docker, by testcontainers."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchOptions, Unavailable, open_scratch
from pgproof.database.scratch.container import open_container, require_engine

pytestmark = pytest.mark.docker


@pytest.fixture
def in_docker(scratch_options: ScratchOptions) -> ScratchOptions:
    try:
        require_engine(scratch_options.docker_host)
    except Unavailable as reason:
        pytest.skip(f"Docker: {reason}")
    if not scratch_options.image:
        pytest.skip("Docker: PGPROOF_POSTGRES_IMAGE does not name an image")
    return replace(scratch_options, url=None)


def test_a_server_in_a_container(in_docker: ScratchOptions) -> None:
    import docker

    client = docker.from_env()
    before = {each.id for each in client.containers.list(all=True)}
    with open_container(in_docker) as server:
        assert server.provider == f"Docker, image {in_docker.image}"
        assert not server.is_own_cluster
        assert len(client.containers.list()) > len(before) or os.environ.get("PYTEST_XDIST_WORKER")
        with server.database() as fresh, connect(fresh) as conn:
            assert conn.info.server_version == server.version.number
            assert conn.execute("show fsync").fetchone() == ("off",)
            conn.execute("create table t ()")
        host = dict(server.conninfo.parameters)["port"]
    ports = {
        binding["HostPort"]
        for each in client.containers.list()
        for bindings in each.ports.values()
        for binding in bindings or ()
    }
    client.close()
    assert host not in ports


def test_the_image_of_another_major_is_refused(in_docker: ScratchOptions) -> None:
    with pytest.raises(Unavailable, match="wanted 99"), open_container(replace(in_docker, postgres=99)):
        pass


def test_an_image_that_is_nowhere(in_docker: ScratchOptions) -> None:
    missing = replace(in_docker, image="localhost:1/no-such-image:1")
    with (
        pytest.raises(Unavailable, match="image localhost:1/no-such-image:1 does not start"),
        open_container(missing),
    ):
        pass


def test_docker_is_the_last_in_the_chain(in_docker: ScratchOptions) -> None:
    with connect_major(in_docker) as server:
        assert server.provider.startswith("Docker")
        assert [attempt.provider for attempt in server.tried][-1] == "npm packages"


def connect_major(options: ScratchOptions):  # type: ignore[no-untyped-def]
    """Nothing but Docker has it: no local folder, no npm package, and not the wheel's major."""
    return open_scratch(replace(options, path="", local_places=(), pg_dir=None, postgres=15))
