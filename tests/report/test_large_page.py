"""Pages of many tables and much data in a real browser: all of it can be read, and a sign is there until it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pgproof.database.conninfo import Conninfo
from pgproof.finding import Verdict
from pgproof.place import Place
from pgproof.report.findings.code import Code, finding
from pgproof.report.formats import html
from pgproof.report.html import render
from pgproof.report.html.data import data
from pgproof.report.html.document import Document
from pgproof.report.model import About, Report
from tests.report import schemas
from tests.report.browser import Opened
from tests.report.test_page import BOXES, drawn, snapshot, written


def test_two_hundred_tables(database: Conninfo, opened: Opened, tmp_path: Path) -> None:
    with opened(written(tmp_path / "a.html", snapshot(database, *schemas.tables(200)))) as page:
        drawn(page, 200)
        assert overlapping(page.locator(".card .box").evaluate_all(BOXES)) == []
        sizes = page.locator(".card .far").evaluate_all("all => all.map(a => a.getBoundingClientRect().height)")
        assert min(sizes) > 7
        page.get_by_label("Find a table").fill("warehouse")
        expect(page.locator(".card.found")).to_have_count(16)
        page.locator(".tables").get_by_role("link", name="warehouses", exact=True).click()
        expect(page.locator(".card.chosen")).to_have_count(1)
        assert page.locator(".link.lit").count() >= 15
        expect(page.locator(".card.nearby")).to_have_count(page.locator(".link.lit").count())
        for detail in ("Show keys", "Show all columns"):
            page.get_by_role("button", name=detail).click()
            expect(page.locator(".busy")).to_be_hidden()
            drawn(page, 200)
            expect(page.locator(".card.chosen .row").first).to_be_attached()
            assert overlapping(page.locator(".card .box").evaluate_all(BOXES)) == []


def overlapping(boxes: list[list[float]]) -> list[tuple[int, int]]:
    """Pairs of boxes (left, top, right, bottom) that are not apart."""
    return [
        (one, two)
        for two, b in enumerate(boxes)
        for one, a in enumerate(boxes[:two])
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def test_that_it_is_being_drawn_is_seen_and_heard(database: Conninfo, opened: Opened, tmp_path: Path) -> None:
    """Meanwhile the rest of the page is there; what was drawn before stays until the new is; the last one wins."""
    with opened(written(tmp_path / "a.html", snapshot(database, *schemas.tables(101)))) as page:
        drawn(page, 101)
        busy, heard, svg = page.locator(".busy"), page.locator("#said"), page.locator(".canvas svg")
        expect(busy).to_be_hidden()
        expect(heard).to_have_text("101 tables drawn")
        click = """button => {
            button.click();
            const [busy, svg] = [".busy", ".canvas svg"].map((each) => document.querySelector(each));
            return [busy.textContent, svg.getAttribute("aria-busy"), svg.querySelectorAll(".card").length];
        }"""
        for name in ("Show all columns", "Show keys"):
            told = page.get_by_role("button", name=name).evaluate(click)
            assert told == ["Drawing 101 tables …", "true", 101]
        expect(svg).to_have_attribute("aria-busy", "false")
        expect(busy).to_be_hidden()
        expect(heard).to_have_text("101 tables drawn")
        first = page.locator(".card .frame").first
        page.wait_for_timeout(200)
        assert float(first.get_attribute("height") or 0) < 130  # a row for each column is higher
        page.get_by_role("button", name="Show all columns").evaluate(click)
        page.emulate_media(media="print")
        expect(busy).to_be_hidden()
        expect(svg).to_have_attribute("viewBox", re.compile(r"^-10 "))


def test_much_data_is_packed(opened: Opened, tmp_path: Path) -> None:
    """The page is a fraction of it, and the browser has it all the same; one that cannot unpack it says so."""
    nasty = "</script><img src=x onerror=alert(1)> \u202e"
    place = Place(path="1-a.sql", line=1, column=1, text=nasty)
    found = tuple(
        finding(Code.MIGRATION_PENDING, f"{n} {nasty}", f"message {n}", place, verdict=Verdict.HOLDS)
        for n in range(4_000)
    )
    report = Report(command="check", about=About(server="", mode="scratch"), findings=found)
    path = tmp_path / "a.html"
    text = html.render(report)
    assert text == html.render(report)
    assert 'id="data" data-packed="deflate">' in text
    assert len(text) < 400_000 < 1_000_000 < len(render.written(data(Document(report=report))))
    path.write_text(text, encoding="utf-8")
    with opened(path) as page:
        page.get_by_role("button", name="holds 4,000").click()
        page.get_by_label("Filter findings").fill("message 3999")
        expect(page.locator(".finding .object")).to_have_text(f"3999 {nasty}".replace("\u202e", "\\u202e"))
        assert page.locator("img, script").count() == 4
        page.add_init_script("delete window.DecompressionStream")
        page.reload()
        expect(page.get_by_text("this browser is too old to unpack it")).to_be_visible()


@pytest.mark.slow
def test_two_thousand_tables(database: Conninfo, opened: Opened, tmp_path: Path) -> None:
    path = written(tmp_path / "a.html", snapshot(database, *schemas.tables(2000)))
    assert path.stat().st_size < 500_000
    with opened(path) as page:
        expect(page.locator(".busy")).to_have_text("Drawing 2,000 tables …")
        drawn(page, 2000)
        expect(page.get_by_text("those of the table that is chosen are drawn")).to_be_visible()
        assert page.locator(".heads text").count() > 100
        expect(page.locator(".heads text", has_text=re.compile("^accounts$"))).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("claims_6_notes")
        page.keyboard.press("Enter")
        expect(page.locator(".card.chosen")).to_have_attribute("aria-label", "table claims_6_notes, 6 columns")
        expect(page.locator(".link.lit")).to_have_count(1)
