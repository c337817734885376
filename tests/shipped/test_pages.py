"""The pages of `toolkit/docs/`, followed as a reader would: what they tell to type gives what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pgproof.database.conninfo import Conninfo
from tests.house.repository import TOP
from tests.house.test_readme import Command, tour, walked

DOCS = TOP / "toolkit" / "docs"


def followed() -> list[Path]:
    """The pages that have something to type."""
    pages = sorted(DOCS.rglob("*.md"))
    return [page for page in pages if any(isinstance(step, Command) for step in tour(page.read_text("utf-8")))]


def test_there_are_pages_to_follow() -> None:
    assert DOCS / "index.md" in followed()


@pytest.mark.slow
@pytest.mark.parametrize("page", followed(), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_page_shows_what_is_printed(page: Path, tmp_path: Path, database: Conninfo) -> None:
    if "psql" in page.read_text("utf-8") and shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    wrong = walked(page, tmp_path / "clone", database)
    assert wrong == [], "\n".join(wrong)
