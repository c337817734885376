"""`check` on several majors of PostgreSQL at once: the same files, the same promises, one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgproof.errors import InputError, Problem
from pgproof.finding import Finding
from pgproof.flows.check import Judged, Request, judged, read, report
from pgproof.flows.side_by_side import side_by_side
from pgproof.report.model import About, Report
from pgproof.rules import plan_differs_by_major

_AT_ONCE = 2


def check(request: Request, majors: Sequence[int]) -> Report:
    """What holds on all of these majors, and what on some. Raises InputError, DatabaseError.

    The newest is judged last, when it is known what the others plan.
    """
    if request.database is not None or request.scratch.url is not None:
        where = "a live database" if request.database is not None else "the server of --scratch-url"
        raise InputError(
            Problem(message=f"{where} has one major", hint="leave it out, or give --postgres one major or none")
        )
    asked = read(request)
    *older, newest = [
        replace(request, scratch=replace(request.scratch, postgres=major)) for major in sorted(set(majors))
    ]
    found = list(side_by_side(lambda each: judged(each, asked), older, _AT_ONCE))
    elsewhere = tuple((each.major, each.queries) for each in found)
    found.append(judged(newest, asked, elsewhere))
    return report(request, asked, _merged(found), replace(found[-1], about=_about(found)))


def _merged(found: Sequence[Judged]) -> list[Finding]:
    """Each verdict once; one that is not the same on all majors says on which it is."""
    majors: dict[Finding, list[int]] = {}
    for each in found:
        for finding in each.findings:
            majors.setdefault(finding, []).append(each.major)
    everywhere = {each.major for each in found}
    told = plan_differs_by_major.RULE.code  # these say themselves of which major they are
    return [
        finding if set(where) == everywhere or finding.code == told else _on(where, finding)
        for finding, where in majors.items()
    ]


def _on(majors: Sequence[int], finding: Finding) -> Finding:
    return replace(finding, message=f"on {_told(majors)}: {finding.message}")


def _told(majors: Sequence[int]) -> str:
    words = [str(each) for each in sorted(set(majors))]
    return f"PostgreSQL {', '.join(words[:-1])}{' and ' if words[1:] else ''}{words[-1]}"


def _about(found: Sequence[Judged]) -> About:
    providers = dict.fromkeys(each.about.provider for each in found)
    servers = [each.about.server.removeprefix("PostgreSQL ") for each in found]
    last = found[-1].about
    return replace(last, server=f"PostgreSQL {', '.join(servers)}", provider="; ".join(providers))
