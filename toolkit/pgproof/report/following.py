"""What to type next, behind what `check` and `verify` have found."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from pgproof.drift.reversal import Outcome, Reversal
from pgproof.report.model import Report

_OF_PLANS = "PLN"


def after_check(report: Report, typed: str, *, explains: bool) -> str:
    """For people: how to see why the first finding is one, and that all are mended; `typed` is the command.

    With `explains`, the queries are those of files, which `explain` knows by their names.
    """
    first = next((each for each in report.open if not each.accepted), None)
    if first is None:
        return ""
    name = f"{first.code} {first.object}"
    lines = [f"  {typed}  # when it is mended, or accepted in checks/: -- accept: {name}"]
    planned = next((each for each in report.open if each.code.startswith(_OF_PLANS) and not each.accepted), None)
    if explains and planned:
        lines.insert(0, f"  pgproof explain {quote(planned.object)}  # how it is planned")
    return "\n".join(["next, one of:" if lines[1:] else "next:", *lines, ""])


def after_verify(found: Sequence[Reversal], typed: str, *, is_strict: bool) -> str:
    """For people: which files are to be mended, and how to see that they are; `typed` is the command."""
    wrong = [each for each in found if each.outcome is not Outcome.BACK]
    wrong = [each for each in wrong if is_strict or each.outcome is not Outcome.IRREVERSIBLE]
    untold = [each for each in found if each.untold]
    paths = dict.fromkeys(each.migration.path for each in wrong or untold)
    return f"next: mend {', '.join(paths)} and run: {typed}\n" if paths else ""
