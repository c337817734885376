"""What holds in a project, and where its scratch servers come from: what is given goes before what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.errors import InputError
from pgproof.settings import project

URL = "postgresql://ann@h/one"
FILE = 'scratch-url = "postgresql://ann@h/file"\npostgres = 15\nbuild = "make schema"\n'


def test_a_project_knows_its_file(tmp_path: Path) -> None:
    assert project.read(tmp_path, {}).file is None
    (tmp_path / "pgproof.toml").write_text(FILE)
    (tmp_path / "deep").mkdir()
    found = project.read(tmp_path / "deep", {})
    assert found.file is not None
    assert found.file.resolve() == (tmp_path / "pgproof.toml").resolve()
    assert (found.postgres, found.build) == (15, ("make", "schema"))
    assert project.without_file({"PGPROOF_POSTGRES": "16"}).postgres == 16


@pytest.mark.parametrize(
    ("environment", "given", "url", "pg_bin", "postgres"),
    [
        ({}, {}, "file", None, 15),
        ({"PGPROOF_SCRATCH_URL": URL}, {}, "one", None, 15),
        ({"PGPROOF_PG_BIN": "/b"}, {}, None, "/b", 15),
        ({"PGPROOF_SCRATCH_URL": URL}, {"pg_bin": Path("/c")}, None, "/c", 15),
        ({"PGPROOF_PG_BIN": "/b"}, {"url": URL}, "one", None, 15),
        ({"PGPROOF_POSTGRES": "16"}, {}, "file", None, 16),
        ({"PGPROOF_POSTGRES": "16"}, {"postgres": 17}, "file", None, 17),
    ],
)
def test_who_decides_on_the_scratch_server(
    tmp_path: Path,
    environment: dict[str, str],
    given: dict[str, object],
    url: str | None,
    pg_bin: str | None,
    postgres: int,
) -> None:
    (tmp_path / "pgproof.toml").write_text(FILE)
    found = project.scratch(project.read(tmp_path, environment), environment, **given)  # type: ignore[arg-type]
    assert (found.url.database if found.url else None) == url
    assert (found.pg_bin.as_posix() if found.pg_bin else None, found.postgres) == (pg_bin, postgres)


def test_what_is_not_there_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pgproof.toml").write_text(FILE)
    found = project.read(tmp_path, {})
    assert project.folder_of_checks(found, None, "do so") is None
    with pytest.raises(InputError, match="no such folder: nowhere\nHINT: do so"):
        project.folder_of_checks(found, Path("nowhere"), "do so")
    with pytest.raises(InputError, match=r"is built by `make schema`.*\n.*toml:3 says so(.|\n)*HINT: do so"):
        project.refuse_builder(found, "do so")
