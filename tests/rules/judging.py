"""Runs `check` on files written in one text, on the session's server."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from textwrap import dedent

from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.explain import statements
from pgproof.finding import Finding, Verdict
from pgproof.flows.against import Base
from pgproof.flows.check import Request, check
from pgproof.report.model import Report

TODAY = date(2026, 1, 15)
_FILE = re.compile(r"^-- file: (?P<path>\S+)\n", re.MULTILINE)


def written(folder: Path, text: str) -> Path:
    """Write the files of `text` below `folder`; what stands before the first `-- file:` is a migration."""
    parts = _FILE.split(dedent(text))
    files = [("migrations/01-case.sql", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    for path, content in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if content.strip():
            target.write_text(content, encoding="utf-8")
    return folder


def judged(server: ScratchServer, folder: Path, *, at_size: bool = False) -> Report:
    """What `check` says of migrations/ and maybe checks/, base/ and statements/, on a database of `server`.

    With `at_size`, as on a server of pgproof's own: queries are planned at production size, too.
    """
    checks = folder / "checks"
    base = folder / "base"
    return check(
        Request(
            migrations=folder / "migrations",
            queries=tuple(
                query
                for each in sorted(folder.glob("statements/*.sql"))
                if (query := statements.read(each.stem, each.read_text()))
            ),
            against=_base(base) if base.is_dir() else None,
            checks=checks if checks.is_dir() else None,
            today=TODAY,
            scratch=replace(ScratchOptions(), url=server.conninfo),
            server=server if at_size else None,
        )
    )


def _base(folder: Path) -> Base:
    """The revision before, whose files stand in a folder of their own."""
    checks = folder / "checks"
    return Base(
        migrations=folder / "migrations",
        checks=checks if checks.is_dir() else None,
        names=((folder, "git:base:"),),
    )


def open_ones(report: Report) -> list[str]:
    """The open findings as "CODE object", undecided ones with a question mark, in order."""
    return sorted(shown(finding) for finding in report.open)


def shown(finding: Finding) -> str:
    """A finding as the case files write it."""
    return f"{finding.code} {finding.object}{' ?' if finding.verdict is Verdict.UNKNOWN else ''}"
