"""The page that `status`, `upgrade`, `downgrade`, `redo` and `verify` write, in a real browser: the time line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write
from tests.report.browser import chromium, window
from tests.report.test_page import RULES, barriers

pytestmark = pytest.mark.ends

A = "-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n"
FILES = {
    "1-a.sql": A,
    "2-b.sql": (
        "-- migrate:up\nDO $$ BEGIN RAISE NOTICE '<script>alert(1)</script>'; END $$;\nSELECT 1/count(*) FROM a;\n"
    ),
    "3-<b>.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (b);\nSELECT 1;\n",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@contextmanager
def page(browser: Browser, path: str = "a.html") -> Iterator[Page]:
    """The page, whose parts are those that the command knows something of: no schema, no promises, no drift."""
    with window(browser, Path(path), reduced_motion="reduce") as shown:
        shown.on("dialog", lambda dialog: pytest.fail(dialog.message))
        expect(shown.get_by_role("heading", level=2)).to_have_text(["Migrations", "Findings"])
        assert shown.locator("img, script").count() == 4
        yield shown


def conditions(shown: Page) -> list[str]:
    """Each entry and what became of it."""
    names = shown.locator(".entry h3").all_text_contents()
    words = shown.locator(".entry .condition").all_text_contents()
    return [f"{name}: {word}" for name, word in zip(names, words, strict=True)]


def test_an_upgrade_that_fails_and_one_that_does_not(pgproof: Pgproof, browser: Browser) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("upgrade", "--output", "html:a.html").code == 3
    with page(browser) as shown:
        expect(shown.get_by_role("heading", level=1)).to_have_text("pgproof upgrade ended with exit code 3")
        assert conditions(shown) == ["1-a: applied", "2-b: not applied", "3-<b>: not reached"]
        failed = shown.locator(".entry.amiss")
        expect(failed.locator(".meanwhile")).to_have_text("NOTICE: <script>alert(1)</script>")
        expect(failed.locator(".error")).to_have_text("division by zero")
        failed.get_by_role("link", name="MIG101").click()
        expect(shown.locator(".finding:focus .line.here")).to_have_attribute("data-number", "3")
        shown.locator(".entry.ahead summary").click()
        expect(shown.locator(".entry.ahead .source .line")).to_have_count(3)
        assert barriers(shown, RULES) == []
        shown.emulate_media(color_scheme="dark")
        assert barriers(shown, {"runOnly": ["color-contrast"]}) == []
    write(Path("migrations"), {"2-b.sql": "SELECT 2;\n"})
    assert pgproof("upgrade", "--output", "html:a.html").code == 0
    with page(browser) as shown:
        expect(shown.get_by_role("heading", level=1)).to_contain_text("2 migrations applied in")
        assert conditions(shown) == ["2-b: applied", "3-<b>: applied"]
        expect(shown.locator(".entry .runs")).to_have_count(2)
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert pgproof("upgrade", "--output", "html:b.html").code == 0
    with window(browser, Path("b.html")) as shown:
        expect(shown.get_by_role("heading", level=1)).to_have_text("nothing to do: the database is at 3-<b>")
        expect(shown.get_by_role("heading", level=2)).to_have_text("Findings")


def test_what_was_cut_off_between_two_statements(pgproof: Pgproof, browser: Browser) -> None:
    text = "-- migrate:up transaction:false\nCREATE TABLE a (b int);\nSELECT 1/count(*) FROM a;\nSELECT 1;\n"
    write(Path("migrations"), {"1-a.sql": text})
    assert pgproof("upgrade", "--output", "html:a.html").code == 3
    with page(browser) as shown:
        expect(shown.locator(".entry .runs")).to_contain_text("1 of 3 statements have landed")
    assert pgproof("status", "--output", "html:a.html").code == 1
    with page(browser) as shown:
        assert conditions(shown) == ["1-a: stopped half way"]
        expect(shown.locator(".entry.amiss .runs")).to_contain_text("1 of 3 statements")


def test_there_and_back(pgproof: Pgproof, browser: Browser) -> None:
    write(Path("migrations"), {"1-a.up.sql": "CREATE TABLE a ();\n", "1-a.down.sql": "DROP TABLE a;\n"})
    assert pgproof("upgrade").code == 0
    assert pgproof("redo", "--output", "html:a.html").code == 0
    with page(browser) as shown:
        assert conditions(shown) == ["1-a: reverted", "1-a: applied"]
        assert shown.locator(".statements").all_text_contents() == ["DROP TABLE a", "CREATE TABLE a ()"]
        assert shown.locator(".source .at").all_text_contents() == [
            "migrations/1-a.down.sql",
            "migrations/1-a.up.sql",
        ]
    assert pgproof("downgrade", "--to", "0", "--output", "html:a.html").code == 0
    with page(browser) as shown:
        assert conditions(shown) == ["1-a: reverted"]


def test_how_versions_stand(pgproof: Pgproof, browser: Browser) -> None:
    write(Path("migrations"), {"1-a.sql": A, "2-c.sql": "CREATE TABLE c ();\n", "3-d.sql": "SELECT 1;\n"})
    assert pgproof("upgrade").code == 0
    assert pgproof("status").code == 0  # which is remembered
    Path("migrations/3-d.sql").unlink()
    write(Path("migrations"), {"2-c.sql": "CREATE TABLE c (d int);\n", "4-e.sql": "SELECT 1;\n"})
    told = pgproof("status", "--output", "html:a.html", "--output", "json:a.json", "--output", "junit:a.xml")
    assert told.code == 2
    with page(browser) as shown:
        assert conditions(shown) == [
            "1-a: applied",
            "2-c: edited since it was applied",
            "4-e: pending",
            "3-d: applied, and its file is missing",
        ]
        expect(shown.locator(".entry.done .runs")).to_contain_text("applied in")
        expect(shown.locator("#migrations .lead")).to_have_text("1 applied, 1 pending, 1 edited, 1 missing.")
        expect(shown.locator(".entry", has_text="3-d")).to_contain_text("no file of that name is here")


def test_a_status_that_is_remembered_has_its_files(pgproof: Pgproof, browser: Browser) -> None:
    write(Path("migrations"), {"1-a.sql": A})
    assert pgproof("upgrade").code == pgproof("status").code == 0
    assert pgproof("status", "--output", "html:a.html").code == 0
    with page(browser) as shown:
        expect(shown.locator(".entry .statements")).to_have_text("CREATE TABLE a (b int)")


@pytest.mark.usefixtures("same_server")
def test_migrations_that_are_taken_back(pgproof: Pgproof, browser: Browser) -> None:
    bad = "-- migrate:up\nALTER TABLE a ADD c int;\n-- migrate:down\nSELECT 1;\n"
    write(Path("migrations"), {"1-a.sql": A, "2-c.sql": "CREATE TABLE c ();\n", "3-d.sql": bad})
    assert pgproof("verify", "--output", "html:a.html").code == 1
    with page(browser) as shown:
        assert conditions(shown) == ["1-a: reversible", "2-c: irreversible", "3-d: differs"]
        expect(shown.locator("#migrations .lead")).to_have_text(
            "3 migrations: 1 reversible, 1 irreversible, 1 differs."
        )
        expect(shown.locator(".entry.done .meanwhile")).to_have_text(
            "the downgrade drops table public.a, with all that is in it"
        )
        shown.locator(".entry.amiss").get_by_role("link", name="REV101").click()
        expect(shown.locator(".finding:focus .detail")).to_have_text("+ column public.a.c is left")


def test_a_page_of_an_error(pgproof: Pgproof, browser: Browser, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": A})
    with closing(connect(database)) as conn:
        conn.execute("CREATE SCHEMA pgproof; CREATE TABLE pgproof.history (a int)")
    told = pgproof("status", "--format", "html")
    assert told.code == 3
    Path("a.html").write_text(told.out)
    with window(browser, Path("a.html")) as shown:
        expect(shown.get_by_role("heading", level=1)).to_have_text("pgproof status ended with exit code 3")
        expect(shown.get_by_role("heading", level=2)).to_have_text("Findings")
