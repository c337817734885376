"""From environment variables to options."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.database.scratch import environment_options
from pgproof.errors import InputError


def test_an_empty_environment_gives_the_defaults() -> None:
    options = environment_options({})
    assert (options.url, options.pg_dir, options.cache_dir, options.path, options.uid) == (
        None,
        None,
        None,
        "",
        None,
    )
    assert options.run_dirs[0] == Path("/dev/shm")


def test_each_variable() -> None:
    options = environment_options(
        {
            "PGPROOF_SCRATCH_URL": "postgresql://ann@h/app",
            "PGPROOF_PG_DIR": "/npm",
            "PGPROOF_POSTGRES_IMAGE": "postgres:15",
            "PATH": "/a:/b",
            "HOME": "/h/ann",
            "TMPDIR": "/var/tmp/x",
            "DOCKER_HOST": "unix:///x",
            "SUDO_UID": "1000",
        }
    )
    assert options.url is not None
    assert options.url.database == "app"
    assert options.pg_dir == Path("/npm")
    assert (options.image, options.path, options.docker_host, options.uid) == (
        "postgres:15",
        "/a:/b",
        "unix:///x",
        1000,
    )
    assert options.cache_dir == Path("/h/ann/.cache/pgproof")
    assert options.run_dirs[1] == Path("/var/tmp/x")


@pytest.mark.parametrize(
    ("env", "cache"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, Path("/c/pgproof")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, Path("/h/.cache/pgproof")),
        ({"XDG_CACHE_HOME": "", "HOME": ""}, None),
    ],
)
def test_cache(env: dict[str, str], cache: Path | None) -> None:
    assert environment_options(env).cache_dir == cache


def test_a_relative_folder_for_temporary_files_is_ignored() -> None:
    assert environment_options({"TMPDIR": "here"}).run_dirs == environment_options({}).run_dirs


def test_empty_variables_count_as_unset() -> None:
    options = environment_options({"PGPROOF_SCRATCH_URL": "", "PGPROOF_PG_DIR": "", "SUDO_UID": "0"})
    assert (options.url, options.pg_dir, options.uid) == (None, None, None)


def test_a_wrong_url_is_an_error_without_its_password() -> None:
    with pytest.raises(InputError) as refused:
        environment_options({"PGPROOF_SCRATCH_URL": "postgresql://ann:s3cr3t@x@h/app"})
    assert "s3cr3t" not in str(refused.value)
