"""Chromium, driven by Playwright: a page that asks for anything but itself, or tells an error, fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect, sync_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = """--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update
--disable-sync""".split()
expect.set_options(timeout=60_000)  # milliseconds; a busy machine may need longer than Playwright's five seconds
Opened = Callable[..., AbstractContextManager[Page]]
"""Opens a file in a window of its own: `with opened(path, width=390, color_scheme="dark") as page`."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine; the test is skipped where there is none."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, path: Path, *, width: int = 1440, height: int = 900, **look: Any) -> Iterator[Page]:
    """A page of that file. At the end it must have asked for nothing else, and the console must be empty."""
    amiss: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height}, **look)
    page = context.new_page()
    address = path.resolve().as_uri()

    def only_itself(route: Route) -> None:
        if route.request.url.partition("#")[0] == address:
            route.continue_()
        else:
            amiss.append(f"request: {route.request.url}")
            route.abort()

    def console(message: ConsoleMessage) -> None:
        amiss.append(f"{message.type}: {message.text}")

    page.route("**/*", only_itself)
    page.on("console", console)
    page.on("pageerror", lambda error: amiss.append(f"error: {error}"))
    page.goto(address)
    try:
        yield page
        page.wait_for_timeout(50)
        assert amiss == []
    finally:
        context.close()
