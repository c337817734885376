"""Projects to run pytest in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pytest_plugin.project import Project, made


@pytest.fixture
def project(tmp_path: Path, _no_leaks: None) -> Project:
    """A project with the migrations and the checks of this repository."""
    return made(tmp_path)
