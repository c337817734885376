"""The codes of what `status`, `upgrade`, `downgrade`, `redo` and `verify` find.

The ledger is `codes.txt` in the room above: none is used again. What the history and the files do not have alike
has the codes that `drift` gives it.
"""

from __future__ import annotations

from enum import StrEnum

from pgproof.finding import Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.report.model import Page


class Code(StrEnum):
    """HIS: how versions stand. MIG: how migrations ran. REV: how they were taken back."""

    MIGRATION_PENDING = "HIS101"
    MIGRATION_LATE = "HIS102"
    MIGRATION_UNWRITTEN = "HIS103"
    MIGRATION_REFUSED = "MIG101"
    MIGRATION_NOT_REACHED = "MIG102"
    MIGRATION_HELD_UP = "MIG103"
    DOWNGRADE_DIFFERS = "REV101"
    SECOND_UPGRADE_DIFFERS = "REV102"
    ONLY_ON_EMPTY_TABLES = "REV103"
    NO_WAY_BACK = "REV104"
    VALUES_LOST = "REV105"
    ROWS_UNTOLD = "REV106"


SENTENCES = {
    Code.MIGRATION_PENDING: "Every migration of the folder is applied.",
    Code.MIGRATION_LATE: "No pending migration is below one that is applied.",
    Code.MIGRATION_UNWRITTEN: "Every migration holds a statement, or a comment that says why not.",
    Code.MIGRATION_REFUSED: "The server takes every statement of a migration.",
    Code.MIGRATION_NOT_REACHED: "Every migration of the plan has its turn.",
    Code.MIGRATION_HELD_UP: "Nothing on the server holds migrations up.",
    Code.DOWNGRADE_DIFFERS: "Behind the downgrade everything is as before the upgrade.",
    Code.SECOND_UPGRADE_DIFFERS: "Behind the second upgrade everything is as behind the first.",
    Code.ONLY_ON_EMPTY_TABLES: "A migration runs where tables have rows.",
    Code.NO_WAY_BACK: "A migration has a downgrade. An error with `--strict`, else a note.",
    Code.VALUES_LOST: "Going there and back keeps the values of all rows. A note: the exit code is 0.",
    Code.ROWS_UNTOLD: "What becomes of rows can be told.",
}
"""What should be, by code."""


def pages(*codes: Code) -> tuple[Page, ...]:
    """What there is to read about them."""
    return tuple(Page(code=str(code), name=name(code), text=SENTENCES[code]) for code in codes)


def name(code: StrEnum) -> str:
    """The words of a code: "no-way-back"."""
    return code.name.lower().replace("_", "-")


def finding(
    code: StrEnum,
    thing: str,
    message: str,
    place: Place,
    *,
    verdict: Verdict = Verdict.FAILS,
    severity: Severity = Severity.ERROR,
    detail: str = "",
    hint: str = "",
) -> Finding:
    """A finding with a code of these, or of those of `drift`."""
    return Finding(
        code=str(code),
        name=name(code),
        verdict=verdict,
        object=thing,
        message=message,
        place=place,
        severity=severity,
        detail=detail,
        hint=hint,
    )
