"""An acceptance in `checks/` accepts something, and still counts.

An acceptance that no finding needs any more hides the next one of its kind; one whose `until` day has passed
accepts nothing.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY);
    -- file: checks/accepted.sql
    -- accept: CAT104 accounts_email
    -- because: nobody looks an account up by its address

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- The page of a guest relies on idx_visits_guest
    CREATE INDEX idx_visits_guest_id ON visits (guest_id);
    -- file: checks/accepted.sql
    -- accept: DOC101 idx_visits_guest
    -- because: the text of an applied migration cannot change
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from pgproof.contract.promise import Accepted
from pgproof.finding import Acceptance, Finding, Severity, Verdict
from pgproof.rules.rule import Evidence, Rule


def judge(evidence: Evidence) -> Iterator[Finding]:  # noqa: ARG001
    """Nothing: what is unused is known only when all rules have judged (see `apply`)."""
    yield from ()


def apply(
    findings: Iterable[Finding], accepted: Sequence[Accepted], today: date, untried: Collection[str] = ()
) -> Iterator[Finding]:
    """The findings, those that are accepted marked so; and a finding for each acceptance without effect.

    Of rules that are `untried` (codes and names) it is not known what there is to accept.
    """
    used: set[int] = set()
    undecided: set[str] = set()
    for finding in findings:
        if finding.verdict is Verdict.UNKNOWN:
            undecided.add(finding.object)
        index = next((i for i, item in enumerate(accepted) if _covers(item, finding)), None)
        if index is None or finding.verdict is Verdict.HOLDS:
            yield finding
            continue
        item = accepted[index]
        used.add(index)
        if item.until is not None and item.until < today:
            yield replace(finding, detail=f"{finding.detail} Its acceptance ended on {item.until}.".strip())
        else:
            yield replace(finding, accepted=Acceptance(because=item.because, place=item.place))
    for index, item in enumerate(accepted):
        if index not in used and item.object not in undecided and item.code not in untried:
            yield RULE.fails(
                f"{item.code} {item.object}",
                f"nothing is found that {item.code} {item.object} accepts",
                item.place,
                hint="remove the acceptance",
            )


def _covers(item: Accepted, finding: Finding) -> bool:
    return item.code in (finding.code, finding.name) and item.object == finding.object


RULE = Rule("DOC103", "unused-acceptance", judge, Severity.WARNING)
