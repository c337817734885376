"""The browser, for the tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.report.browser import Opened, chromium, window


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file; skipped where there is none."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def opened(browser: Browser) -> Opened:
    """Opens a file in a window of its own."""

    def open_page(path: Path, **look: Any) -> AbstractContextManager[Page]:
        return window(browser, path, **look)

    return open_page
