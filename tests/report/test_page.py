"""The page in a real browser: what is drawn, clicked, searched, heard, printed, and what odd schemas become."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pgproof import upgrade
from pgproof.catalog.read import read as read_catalog
from pgproof.catalog.snapshot import Snapshot
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import Problem
from pgproof.flows import check, drift, page
from pgproof.report.formats import html
from pgproof.report.html import render
from pgproof.report.html.document import Document
from pgproof.report.model import About, Failure, Report
from tests.conftest import OPTIONS
from tests.report.browser import Opened
from tests.report.test_formats import REPORTS

ROOT = Path(__file__).parents[2]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}


@pytest.fixture(scope="module")
def seed(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of this repository's own migrations and checks."""
    asked = check.Request(
        migrations=ROOT / "migrations",
        checks=ROOT / "checks",
        today=date(2026, 11, 27),
        scratch=OPTIONS,
        server=server,
    )
    path = tmp_path_factory.mktemp("seed") / "a page.html"
    path.write_text(render.render(page.page(page.Request(check=asked))), encoding="utf-8")
    return path


def snapshot(conninfo: Conninfo, *statements: str) -> Snapshot:
    with closing(connect(conninfo)) as conn:
        conn.execute(";".join(statements).encode())
        return read_catalog(conn)


def written(path: Path, found: Snapshot) -> Path:
    """A page of that schema, about which nothing was judged."""
    report = Report(command="report", about=About(server="PostgreSQL", mode="scratch"), findings=())
    path.write_text(render.render(Document(report=report, snapshot=found)), encoding="utf-8")
    return path


BOXES = "all => all.map(a => { const r = a.getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom] })"


def drawn(page: Page, count: int) -> None:
    expect(page.locator(".card")).to_have_count(count)


def test_all_parts_of_the_seed_are_there(seed: Path, opened: Opened) -> None:
    assert seed.stat().st_size < 2_000_000
    with opened(seed) as page:
        drawn(page, 2)
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is open")
        headings = page.get_by_role("heading", level=2).all_text_contents()
        assert headings == ["Schema", "Promises", "Migrations", "Findings"]
        expect(page.locator(".query")).to_have_count(15)
        expect(page.locator(".entry")).to_have_count(5)
        expect(page.locator(".finding")).to_have_count(7)
        expect(page.locator(".link")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_finding_has_its_lines_and_leads_on(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        found = page.locator(".finding", has_text="QRY102")
        expect(found.locator("mark").first).to_contain_text("running")
        numbers = found.locator(".line").evaluate_all("lines => lines.map(each => +each.dataset.number)")
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        here = found.locator(".line.here")
        text = (ROOT / "migrations" / "07-jobs.sql").read_text().split("\n")
        assert here.text_content() == text[int(here.get_attribute("data-number") or 0) - 1] + "\n"
        found.get_by_role("link", name="table jobs").click()
        expect(page.locator(".card.chosen")).to_have_attribute("aria-label", re.compile("table jobs, 10 columns"))
        expect(page.locator(".panel h3")).to_have_text("jobs")
        page.locator(".panel").get_by_role("link", name="PLN102").click()
        expect(page.locator(".finding:focus")).to_contain_text("PLN102")
        assert page.url.partition("#")[2].startswith("finding-")


def test_a_promise_has_its_plans_and_charts(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        query = page.locator(".query", has_text="recent_jobs_of_user")
        query.locator("summary").first.click()
        expect(query.locator(".chart canvas")).to_have_count(2)
        expect(query.get_by_role("img").first).to_have_attribute("aria-label", re.compile("Cost.*from .* to "))
        inked = "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size > 20"
        assert query.locator("canvas").first.evaluate(inked)
        tabs = query.get_by_role("tab")
        assert tabs.count() > 1
        tabs.first.focus()
        page.keyboard.press("ArrowRight")
        expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
        expect(query.get_by_role("tabpanel")).to_have_count(1)
        expect(query.get_by_role("tabpanel").locator(".what").first).to_be_visible()
        query.locator("summary", has_text="The figures").click()
        rows = query.locator("table.numbers tbody tr")
        assert [each.split()[0] for each in rows.locator("th").all_text_contents()] == [
            "1e4",
            "1e6",
            "1e8",
            "1e10",
        ]


def test_what_is_searched_is_found_by_keyboard(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        page.keyboard.press("/")
        page.keyboard.type("agent_id")
        box = page.get_by_role("combobox")
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("option", selected=True)).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator(".panel h3")).to_have_text("jobs")
        page.keyboard.press("/")
        page.keyboard.type("start_job")
        page.keyboard.press("Enter")
        expect(page.locator(".query[open] .name")).to_have_text("start_job")
        page.keyboard.press("/")
        page.keyboard.type("nothing like that")
        expect(page.get_by_role("option")).to_have_text("Nothing is called so.")
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()


def test_findings_are_filtered(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        page.get_by_role("button", name="holds 85").click()
        expect(page.locator(".finding")).to_have_count(40)
        page.get_by_role("button", name="Show more").click()
        expect(page.locator(".finding")).to_have_count(80)
        page.get_by_label("Filter findings").fill("con201 agents")
        expect(page.locator(".finding")).to_have_count(0)
        expect(page.get_by_text("No finding is like that.")).to_be_visible()
        page.get_by_label("Filter findings").fill("agents_name_chk")
        expect(page.locator(".finding")).to_have_count(2)


def test_the_diagram_is_walked_by_keys(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        drawn(page, 2)
        page.locator(".card[tabindex='0']").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")
        focused = page.locator(".card:focus")
        expect(focused).to_have_attribute("aria-label", re.compile("agents"))
        before = page.locator(".world").get_attribute("transform")
        page.keyboard.press("+")
        expect(page.locator(".world")).not_to_have_attribute("transform", before or "")
        page.keyboard.press("Enter")
        expect(page.locator("#panel-title")).to_be_focused()
        page.get_by_role("button", name="All tables").click()
        expect(page.locator("#panel-title")).to_have_text("2 tables")


def test_the_diagram_is_moved_and_zoomed(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        drawn(page, 2)
        page.locator(".canvas").scroll_into_view_if_needed()
        world, box = page.locator(".world"), page.locator(".canvas").bounding_box()
        assert box
        before = world.get_attribute("transform")
        page.mouse.move(box["x"] + 30, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + 130, box["y"] + 80, steps=4)
        page.mouse.up()
        expect(world).not_to_have_attribute("transform", before or "")
        moved = world.get_attribute("transform")
        page.keyboard.down("Control")
        page.mouse.wheel(0, -240)
        page.keyboard.up("Control")
        expect(world).not_to_have_attribute("transform", moved or "")
        page.get_by_role("button", name="Show all of it").click()
        expect(world).to_have_attribute("transform", before or "")
        page.get_by_role("button", name="Fill the window").click()
        assert page.locator(".diagram").bounding_box() == {"x": 0, "y": 0, "width": 1440, "height": 900}
        page.keyboard.press("Escape")
        expect(world).to_have_attribute("transform", before or "")


@pytest.mark.slow
def test_it_is_accessible(seed: Path, opened: Opened) -> None:
    with opened(seed, reduced_motion="reduce") as page:
        drawn(page, 2)
        page.locator(".query summary").first.click()
        page.locator(".card").first.click()
        assert barriers(page, RULES) == []
        page.emulate_media(color_scheme="dark")
        assert barriers(page, {"runOnly": ["color-contrast"]}) == []


def barriers(page: Page, rules: dict[str, object], part: str | None = None) -> list[tuple[str, list[str]]]:
    """What axe-core finds: rules, and where they are broken."""
    found = Axe().run(page, context=part, options=rules).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found]


def test_a_database_that_has_drifted(
    server: ScratchServer, database: Conninfo, opened: Opened, tmp_path: Path
) -> None:
    upgrade(database.secret, to="08", migrations=ROOT / "migrations")
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE jobs ALTER error TYPE varchar(9); CREATE INDEX by_hand ON jobs (status)")
        conn.execute("ALTER TABLE jobs DROP CONSTRAINT jobs_time_order_chk; COMMENT ON TABLE jobs IS '?'")
    asked = check.Request(
        migrations=ROOT / "migrations", checks=None, today=date(2026, 11, 27), scratch=OPTIONS, server=server
    )
    compared = drift.Request(database=database, folder=ROOT / "migrations", scratch=OPTIONS)
    document = page.page(page.Request(check=asked, drift=compared))
    (tmp_path / "a.html").write_text(render.render(document), encoding="utf-8")
    with opened(tmp_path / "a.html", reduced_motion="reduce") as shown:
        told = [each.split() for each in shown.locator(".difference td").all_text_contents()]
        assert ["text"] in told
        assert ["character", "varying(9)"] in told
        assert "CREATE INDEX by_hand ON public.jobs USING btree (status)".split() in told
        assert told.count(["nothing"]) == 2
        expect(shown.locator(".difference .lines")).to_contain_text("no file makes it")
        conditions = shown.locator(".entry .condition").all_text_contents()
        assert conditions == [*["applied"] * 4, "pending"]
        expect(shown.locator(".entry .runs li")).to_have_count(4)
        assert barriers(shown, RULES, "#drift") == []


def test_dark_is_dark(seed: Path, opened: Opened) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(seed, color_scheme="dark") as page:
        dark = page.evaluate(ground)
        page.emulate_media(color_scheme="light")
        light = page.evaluate(ground)
        assert dark != light
        page.get_by_role("button", name="Switch between").click()
        assert page.evaluate(ground) == dark


def test_on_paper_everything_is_there(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        drawn(page, 2)
        page.emulate_media(media="print")
        expect(page.locator("details.query[open]")).to_have_count(15)
        expect(page.locator(".bar")).to_be_hidden()
        expect(page.locator(".canvas svg")).to_have_attribute("viewBox", re.compile(r"^-10 "))
        expect(page.locator(".world")).not_to_have_attribute("transform", re.compile("."))
        inside = "svg => { const r = svg.getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom] }"
        left, top, right, bottom = page.locator(".canvas svg").evaluate(inside)
        for x, y, x2, y2 in page.locator(".card .box").evaluate_all(BOXES):
            assert left <= x < x2 <= right
            assert top <= y < y2 <= bottom
        assert page.pdf()[:5] == b"%PDF-"
        page.emulate_media(media="screen")
        expect(page.locator("details.query[open]")).to_have_count(0)


def test_a_narrow_window(seed: Path, opened: Opened) -> None:
    with opened(seed, width=390, height=844, has_touch=True, is_mobile=True) as page:
        drawn(page, 2)
        page.locator(".query summary").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_an_empty_schema(opened: Opened, tmp_path: Path) -> None:
    with opened(written(tmp_path / "a.html", Snapshot())) as page:
        expect(page.get_by_text("There is no table.")).to_be_visible()
        expect(page.get_by_text("No query is documented.")).to_be_visible()
        assert barriers(page, RULES) == []


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "a\"b'c`d${e}\\",
    "<!--<script>",
    "\u202egnp.exe",
    "حروف عربية",
    "line\u2028separator",
    "__proto__",
    "{{ data }}",
)


def test_names_are_text(database: Conninfo, opened: Opened, tmp_path: Path) -> None:
    def quoted(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    ddl = [f"CREATE TABLE {quoted(each)} ({quoted(each)} int PRIMARY KEY)" for each in HOSTILE]
    with opened(written(tmp_path / "a.html", snapshot(database, *ddl))) as page:
        drawn(page, len(HOSTILE))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        assert page.locator("img, script").count() == 4  # the data, two libraries, the page's own
        names = {each.strip() for each in page.locator(".tables a").all_text_contents()}
        for each in HOSTILE:
            shown = each.replace("\u202e", "\\u202e").replace("\u2028", "\\u2028")
            assert {quoted(shown), shown} & names, (each, names)
        page.get_by_label("Find a table").fill("<script>alert")
        page.locator(".tables a").first.click()
        expect(page.locator("#panel-title")).to_have_text('"<script>alert(1)</script>"')


@pytest.mark.parametrize("name", REPORTS)
def test_findings_are_text(name: str, opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    text = html.render(REPORTS[name])
    assert html.render(REPORTS[name]) == text
    raw = text.partition('id="data">')[2].partition("</script>")[0]
    assert raw.isascii()
    assert raw.isprintable()
    assert not set("<>&") & set(raw)
    path.write_text(text, encoding="utf-8")
    with opened(path) as shown:
        expect(shown.get_by_role("heading", level=2)).to_have_text("Findings")
        assert shown.locator("img, script").count() == 4
        nasty = shown.locator(".finding", has_text="CON101").filter(has_text="alert(1)")
        expect(nasty).to_have_count(0 if name == "nothing" else 2)
        for each in nasty.locator("h3").all_text_contents():
            assert "<script>alert(1)</script>" in each
            assert "\\u202egnp.exe" in each


def test_how_a_command_has_ended_is_shown(opened: Opened, tmp_path: Path) -> None:
    problem = Problem(message="no server <b>here</b>", detail="None answers.")
    ended = Failure(problems=(problem,), exit_code=3)
    report = Report(command="check", about=About(server="", mode="none"), findings=(), failure=ended)
    path = tmp_path / "a.html"
    path.write_text(html.render(report), encoding="utf-8")
    with opened(path) as shown:
        expect(shown.get_by_role("heading", level=1)).to_have_text("pgproof check ended with exit code 3")
        expect(shown.get_by_text("no server <b>here</b>")).to_be_visible()


def test_the_data_is_what_is_told(seed: Path, opened: Opened) -> None:
    with opened(seed) as page:
        told = json.loads(page.locator("#data").text_content() or "")
        assert told["schema"] == "pgproof.page/1"
        assert len(told["findings"]) == 92
