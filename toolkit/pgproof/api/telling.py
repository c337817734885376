"""What is found, told as the commands tell it: `findings`, `render`, `report_page`, and `doctor`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pgproof import __version__
from pgproof.api.given import Database, Migrations, cache, checks_folder, choice, conninfo, files, servers
from pgproof.errors import InputError, Problem
from pgproof.report.model import Report

if TYPE_CHECKING:
    from pgproof.api.judging import Verified
    from pgproof.database.scratch import ScratchOptions
    from pgproof.drift.outcome import Drift
    from pgproof.flows.doctor import Surroundings
    from pgproof.flows.status import Status
    from pgproof.report.doctor import Section

Form = Literal["text", "json", "junit", "sarif", "github", "gitlab", "markdown", "html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of HTML that needs nothing but itself, and what is on it.

    `drift` is how a database and the files stand to each other, None without one, and where nobody can tell:
    `refusal` says why.
    """

    html: str
    report: Report
    drift: Drift | None = None
    refusal: str = ""


def report_page(
    migrations: Migrations = "migrations",
    checks: str | Path | None = None,
    *,
    database: Database | None = None,
    strict: bool = False,
    today: date | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Page:
    """Check, and tell it as one page of HTML: what `pgproof report` writes.

    With a `database`, its history and its drift are on it, too; it is only read. The others are as in `check`,
    and so is what is raised.

    >>> page = pgproof.report_page("migrations", "checks")
    >>> page.html.startswith("<!DOCTYPE html>"), page.report.summary.open
    (True, 0)
    """
    from pgproof.flows import check
    from pgproof.flows.page import Request, compared, page
    from pgproof.report.html.render import render as rendered

    found = files(migrations, variables, layout, build)
    checked = check.Request(
        migrations=found.folder,
        checks=checks_folder(checks, migrations),
        today=today or datetime.now().astimezone().date(),
        scratch=servers(scratch, migrations),
        strict=strict,
        variables=found.variables,
        layout=found.layout,
        builder=found.builder,
    )
    with_it = None if database is None else compared(checked, conninfo(database), cache(), __version__)
    document = page(Request(check=checked, drift=with_it))
    live = document.live
    return Page(
        html=rendered(document),
        report=replace(document.report, command="check"),
        drift=live.drift if live else None,
        refusal=live.refusal if live else "",
    )


def findings(
    found: Drift | Status | Sequence[Verified], migrations: Migrations = "migrations", *, strict: bool = False
) -> Report:
    """What `find_drift`, `status` or `verify` has found as a report of findings, as `check` gives one.

    With `strict`, a migration without a way back is one, too.

    >>> done = pgproof.upgrade(database, "migrations", to="08")
    >>> [(each.code, each.object) for each in pgproof.findings(pgproof.status(database, "migrations")).open]
    [('HIS101', '09-jobs-updated-at.sql')]
    """
    from pgproof.drift.outcome import Drift
    from pgproof.flows.status import Status

    if isinstance(found, Drift):
        from pgproof.report.drifted import drift_report

        return drift_report(found, files(migrations, None).folder.as_posix())
    if isinstance(found, Status):
        from pgproof.report.findings.status import status_report

        return status_report(found.database, found.folder, found.standings)
    from pgproof.report.findings.verify import verify_report

    return verify_report(tuple((each.server, each.migrations) for each in found), strict=strict)


def render(
    found: Report | Drift | Status | Sequence[Verified],
    form: Form,
    migrations: Migrations = "migrations",
    *,
    strict: bool = False,
) -> str:
    """What was found in one of the formats of `--format`, as the command puts it out, with a final line feed.

    `found` is what `check`, `find_drift`, `status` or `verify` gave; or a report that `findings` made of it, of
    which there is no "json". `migrations` and `strict` are as in `findings`. The same gives the same text: there
    are no times of this run in it, and no colours.

    Raises InputError at a format that there is not.

    >>> pgproof.render(pgproof.status(database, "migrations"), "markdown").splitlines()[0]
    '### pgproof status: 5 open'
    """
    from pgproof.report.formats import FORMATS, rendered
    from pgproof.report.formats.shown import visible

    choice("form", form, FORMATS)
    if not isinstance(found, Report):
        report = findings(found, migrations, strict=strict)
        text = _own(found, report, form) or rendered(report, form)
    elif form == "json" and found.command != "check":
        raise InputError(
            Problem(
                message=f"the findings of {found.command} alone are not what it says in JSON",
                hint="give what find_drift, status or verify gave",
            )
        )
    else:
        text = rendered(found, form)
    return visible(text) if form == "text" else text


def _own(found: Drift | Status | Sequence[Verified], report: Report, form: Form) -> str:
    """The formats that commands write in their own way; "" for the others."""
    from pgproof.drift.outcome import Drift
    from pgproof.flows.status import Status
    from pgproof.report import drift, standing, verified
    from pgproof.report.html.document import Document, Live
    from pgproof.report.html.render import render as page
    from pgproof.report.json import findings as in_json

    if form not in ("text", "json", "html"):
        return ""
    if isinstance(found, Drift):
        if form == "html":
            return page(Document(report=report, live=Live(database=found.database, drift=found)))
        return drift.drift_text(found) if form == "text" else drift.drift_json(found, in_json(report))
    if isinstance(found, Status):
        what = (found.database, found.folder, found.standings)
        if form == "html":
            return page(Document(report=report, live=Live(database=found.database, standings=found.standings)))
        return standing.status_text(*what) if form == "text" else standing.status_json(*what, in_json(report))
    servers = tuple((each.server, each.migrations) for each in found)
    if form == "html":
        return page(Document(report=report, reversals=servers))
    told = "".join(verified.verified_text(*each) for each in servers)
    return told if form == "text" else verified.verified_json(servers, in_json(report))


def doctor(
    migrations: Migrations = "migrations",
    checks: str | Path | None = None,
    *,
    database: Database | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> tuple[Section, ...]:
    """What works here and what does not, and why: what `pgproof doctor` says.

    A scratch server is started and goes again, a `database` is only read. Each section has a `title` and `checks`,
    and each of these its `state` ("ok", "no", "cannot tell"), `what` was seen, a `hint` at what to type, and
    whether it `is_needed`.

    Raises InputError where a folder is named that is not there; what else is wrong is told.

    >>> [section.title for section in pgproof.doctor("migrations", "checks")]
    ['This machine', 'This folder', 'Scratch server', 'Database']
    """
    from pgproof.flows.doctor import Request
    from pgproof.flows.doctor import doctor as look
    from pgproof.settings.project import Project

    found = files(migrations, variables, layout, build)
    settings = migrations.file if isinstance(migrations, Project) else None
    request = Request(
        surroundings=surroundings(),
        migrations=found.folder,
        checks=checks_folder(checks, migrations),
        scratch=servers(scratch, migrations),
        database=None if database is None else conninfo(database),
        settings=str(settings or ""),
        variables=found.variables,
        layout=found.layout,
        builder=found.builder,
    )
    return tuple(look(request))


def surroundings() -> Surroundings:
    """What this process was started in."""
    from pgproof.flows.doctor import Surroundings

    return Surroundings(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        encoding=sys.stdout.encoding or "ascii",
        is_terminal=sys.stdout.isatty(),
        terminal=os.environ.get("TERM", ""),
        is_colored=not os.environ.get("NO_COLOR"),
    )
