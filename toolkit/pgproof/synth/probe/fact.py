"""What was learnt of constraints by breaking them, as data for the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SQLSTATES: Mapping[str, str] = {
    "n": "23502",
    "c": "23514",
    "p": "23505",
    "u": "23505",
    "i": "23505",
    "x": "23P01",
    "f": "23503",
}
"""What a row that breaks a constraint of that kind is refused with (appendix A of PostgreSQL's manual)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What refuses rows: a constraint, a unique index, the NOT NULL of a column, a constraint trigger, a domain's.

    `table` is the number of the table that holds rows, `root` the one that people name (another one only for
    what partitions have from theirs), `top` the partitioned one in any case. `kind` is as in
    pg_constraint.contype, and "i" for a unique index that is no constraint. Of a NOT NULL, `name` is the
    column's. `is_own` of a CHECK or NOT NULL that is NO INHERIT. `is_full` of a foreign key with MATCH FULL; one
    that `has_period`, or a key WITHOUT OVERLAPS, is about ranges in its last column. `off` are states of its
    triggers in which they do not fire (pg_trigger.tgenabled: "D" disabled, "R" only on a replica). `keys`,
    `operators` and `predicate` are those of its index. `domain` is the one that a domain's constraint is of, as
    SQL. `heir` is a table that inherits from the root and does not have the guard.
    """

    table: int
    schema: str
    table_name: str
    root_schema: str
    root: str
    name: str
    root_name: str
    kind: str
    top_schema: str = ""
    top: str = ""
    columns: tuple[str, ...] = ()
    condition: str = ""
    is_validated: bool = True
    is_enforced: bool = True
    is_own: bool = False
    is_deferred: bool = False
    is_full: bool = False
    has_period: bool = False
    keys: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    predicate: str = ""
    off: str = ""
    domain: str = ""
    heir: str = ""

    @property
    def sqlstate(self) -> str:
        """What it refuses with; "" where its own function says that."""
        return SQLSTATES.get("x" if self.operators else self.kind, "")


class Outcome(StrEnum):
    """What came of rows that break a constraint."""

    REFUSED = "refused by it"
    OTHERWISE = "refused by something else"
    ACCEPTED = "stored as it was written"
    SWALLOWED = "no row was stored, and no error raised"
    MENDED = "stored, and it fits"
    UNTRIED = "no such row could be made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One constraint, and what the server did with a row that breaks it.

    `changed` is what came of changing a row that fits to such a one, where such a row was refused. `event` is
    what was done: UPDATE, where INSERT does not get that far, or what a constraint trigger fires for. `values`
    are what was written to the columns concerned, as SQL constants. `is_late` if only the end of the transaction
    refuses (SET CONSTRAINTS ALL IMMEDIATE). `beside` are constraints that every such row that was tried breaks
    too, or triggers in the way, and that were taken away for the trial. `nulls` are nullable columns in which
    NULL passes a CHECK, which is then neither true nor false, or a foreign key of several columns; `mixed` those
    in which it refuses NULL beside values (MATCH FULL). `old` rows that are there break it, where it is not
    validated. Where it did not come to a refusal by the constraint, `sqlstate` and `other` (a constraint, or a
    column) are those of the refusal that there was, and `reason` tells why. Those of a constraint trigger's own
    refusal, too.
    """

    guard: Guard
    outcome: Outcome
    changed: Outcome = Outcome.UNTRIED
    event: str = "INSERT"
    values: tuple[tuple[str, str], ...] = ()
    is_late: bool = False
    is_mended: bool = False
    beside: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    old: int = 0
    sqlstate: str = ""
    other: str = ""
    reason: str = ""


class Acted(StrEnum):
    """What came of deleting a row that others refer to, or of changing its key."""

    DONE = "the rows that referred to it do not any more, and none refers to nothing"
    KEPT = "rows still refer to it"
    ORPHANED = "rows refer to nothing now"
    REFUSED = "refused by the foreign key"
    OTHERWISE = "refused by something else"
    ASIDE = "a trigger or a rule puts the statement aside"
    UNTRIED = "it could not be tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A foreign key of a table, and what happened to its rows when one of `target` went, or got another key.

    `event` is "DELETE" or "UPDATE", `rule` what the key says of it ("CASCADE"). `rows` referred to that row.
    `lost` are all rows that went with it, by their tables. `beside` are other keys, which were taken away since
    something else refused first. Of a refusal there are SQLSTATE and message, and `other` if it is not about the
    table that refers; `reason` else is why it could not be tried.
    """

    schema: str
    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    event: str
    rule: str
    outcome: Acted
    rows: int = 0
    lost: tuple[tuple[str, int], ...] = ()
    beside: tuple[str, ...] = ()
    sqlstate: str = ""
    other: str = ""
    reason: str = ""


class Ran(StrEnum):
    """What came of a documented statement that was run for rows that fit."""

    DONE = "it changed rows"
    NOTHING = "it changed no row"
    REFUSED = "refused by a constraint"
    OTHERWISE = "ended with another error"
    UNTRIED = "it could not be run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A documented statement (by the id of its query) that changes rows of `table`; `kind` is "UPDATE", say.

    `rows` is how many it changed. Of a refusal there are SQLSTATE, constraint ("NOT NULL of ..." for a column) and
    message; `tried` rows were all refused so, and it `is_certain` that no value of a parameter was to blame.
    """

    query: str
    kind: str
    table: str
    outcome: Ran
    rows: int = 0
    tried: int = 0
    sqlstate: str = ""
    constraint: str = ""
    is_certain: bool = False
    reason: str = ""


class Raced(StrEnum):
    """What came of a statement whose transaction began before the row was inserted."""

    SHOWN = "refused by the CHECK"
    TAKEN = "taken"
    OTHERWISE = "refused by something else"
    UNTRIED = "it could not be run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A documented UPDATE (by the id of its query) that writes the start of its transaction, and a CHECK.

    `written` is the column and the expression; the CHECK compares it with the column `default`, which is a moment
    by its default. `beside` are constraints that refuse first, and were taken away; `other` is one of a refusal.
    """

    query: str
    constraint: str
    written: tuple[str, str]
    default: str
    outcome: Raced
    beside: tuple[str, ...] = ()
    other: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was tried of all constraints; `empty` are tables for which no row could be made, and why.

    Keys of `empty` are schema and name. `untried` is why nothing could be tried at all, or "".
    """

    probes: tuple[Probe, ...] = ()
    actions: tuple[Action, ...] = ()
    runs: tuple[Run, ...] = ()
    races: tuple[Race, ...] = ()
    empty: Mapping[tuple[str, str], str] = field(default_factory=dict)
    untried: str = ""
