"""Versions, and how pgproof says no."""

from __future__ import annotations

import pytest

from pgproof.database.version import ServerVersion
from pgproof.errors import DatabaseError


@pytest.mark.parametrize(
    ("number", "text", "major", "supported"),
    [
        (150018, "15.18", 15, True),
        (140000, "14.0", 14, True),
        (130022, "13.22", 13, False),
        (190000, "19.0", 19, True),
    ],
)
def test_version(number: int, text: str, major: int, supported: bool) -> None:
    version = ServerVersion(number)
    assert (str(version), version.major, version.is_supported) == (text, major, supported)


@pytest.mark.parametrize(
    ("banner", "number"),
    [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 150018),
        ("postgres (PostgreSQL) 18.6", 180006),
        ("postgres (PostgreSQL) 19beta2", 190000),
        ("postgres (PostgreSQL) 20devel", 200000),
        ("GNU bash, version 5.2.15", None),
    ],
)
def test_version_of_a_program(banner: str, number: int | None) -> None:
    version = ServerVersion.of_program(banner)
    assert (version and version.number) == number


def test_versions_are_ordered() -> None:
    assert ServerVersion(140023) < ServerVersion(150001) < ServerVersion(150018)


def test_an_old_server_is_refused_by_name() -> None:
    with pytest.raises(DatabaseError) as refused:
        ServerVersion(130022).require_supported('database "app" at h:5432')
    (problem,) = refused.value.problems
    assert problem.message == "PostgreSQL 13.22 is too old for pgproof"
    assert 'Database "app" at h:5432 runs 13.22' in problem.detail
    assert "14" in problem.hint
    ServerVersion(140000).require_supported("it")
