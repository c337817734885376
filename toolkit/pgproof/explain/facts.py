"""What was learnt about a documented query, as data for the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pgproof.catalog.snapshot import Constraint, Index
from pgproof.contract.promise import Query, Values, Word
from pgproof.errors import Problem
from pgproof.explain.asking import Question
from pgproof.explain.plan import Node
from pgproof.finding import Verdict


class Order(StrEnum):
    """Where the order of a result comes from."""

    NONE = "the query asks for no order"
    INDEX = "the index gives the order"
    PREFIX = "the index gives a prefix of the order, the rest is sorted"
    SORT = "the rows are sorted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What an index does for a query when it is the only one that the planner sees.

    `verdict` is HOLDS where a plan scans the index in a way that the query profits from: `keys` are the index
    keys that the query's conditions bound, `conditions` those that the index decides, `rechecks` those that it
    only narrows down, `filters` the conditions that are checked row by row afterwards, `order` says who gives the
    order. `node` is the scan's name in the plan. UNKNOWN and FAILS come with their `reason`; where it HOLDS,
    `question` is the one whose plan shows it.
    """

    index: Index
    verdict: Verdict
    keys: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    rechecks: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    order: Order = Order.NONE
    sort_key: tuple[str, ...] = ()
    node: str = ""
    reason: str = ""
    question: Question | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Whether an index holds all that a query reads of its table (None: the plan does not scan it).

    `outside` are the columns that are read beside it.
    """

    index: Index
    is_whole: bool | None
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Why a query can match no row: the constraints (none if it contradicts itself) and its own conditions.

    A NOT NULL stands among the constraints as a CHECK of kind "n". A query that `counts` (an aggregate without
    GROUP BY) returns a row all the same.
    """

    constraints: tuple[Constraint, ...]
    conditions: tuple[str, ...]
    counts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a constraint says to the literals of an INSERT or UPDATE; `verdict` FAILS if it always refuses them.

    `sqlstate` is what the server would raise. `values` are the assignments concerned ("status = 'running'").
    With `triggers`, which may change these columns before the constraint sees them, it is UNKNOWN instead.
    """

    table: str
    constraint: str
    sqlstate: str
    verdict: Verdict
    values: tuple[tuple[str, str], ...]
    definition: str
    expression: str = ""
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: name, type as the server writes it, and the same without modifier (`plain`)."""

    name: str
    type: str
    plain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of a statement that was run: the server's refusal from `sqlstate` on, or `rows` touched.

    `setup` is the number (from 0) of the statement before it that was refused instead. A `reason` is why it was
    not run at all.
    """

    sqlstate: str = ""
    constraint: str = ""
    message: str = ""
    table: str = ""
    column: str = ""
    rows: int = 0
    setup: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What came of a query when its index was dropped.

    `is_missed` says whether the check turned red (None: that is not known), `instead` what the query does then.
    """

    index: Index
    is_missed: bool | None
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An index that serves a query on its own schema and not on another, with the `reason`; FAILS or UNKNOWN."""

    index: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """That a query does not prepare with the types that its `parameters` had: number, type at home, type there."""

    parameters: tuple[tuple[int, str, str], ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """A constraint that is on one schema alone, and `columns` of it that a statement gives unknown values.

    It may be the type of a column instead (`is_of_type`). Without columns, it is a foreign key that refers to rows
    which the statement takes away or gives another key.
    """

    table: str
    constraint: str
    definition: str
    columns: tuple[str, ...]
    is_of_type: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What the schema of another revision makes of a query that its own accepts.

    `is_old` tells the queries of the older revision, on the new schema, from new ones on the old schema. `problem`
    is why it does not prepare there (then there is nothing else); `before` and `after` are the columns of its
    result at home and there, `untaken` says which parameters are not taken there, `lost` are the indexes that do
    not serve it there. `refusals` are the constraints that refuse there what it writes, `unsure` those that may,
    `attempt` is how the server refused it there when it was run, `doubt` how for all rows that were made, where
    these or the values that were may be to blame.
    """

    query: Query
    is_old: bool
    problem: Problem | None = None
    before: tuple[ResultColumn, ...] = ()
    after: tuple[ResultColumn, ...] = ()
    untaken: Untaken | None = None
    lost: tuple[Lost, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unsure: tuple[Unsure, ...] = ()
    attempt: Attempt | None = None
    doubt: Attempt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """The plan of a query at one production size, under statistics that are declared, not gathered.

    `size` is the figure of the sweep that it belongs to, `rows` are those of each table ("public.jobs", 1000000).
    The numbers of distinct values are `n_distinct` times what is declared. `root` knows cost and rows.
    """

    size: float
    rows: tuple[tuple[str, int], ...]
    n_distinct: float
    values: Values
    root: Node


@dataclass(frozen=True, slots=True)
class Unserved:
    """A table of which a query reads all rows to look at `filter`, however dear that is made."""

    table: str
    filter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An index that was made on scratch, and that the planner takes for a query at production size.

    `sizes` are the plans with it. At the largest `size` it has about so many `bytes`. With it, its table has so
    many `indexes`, to each of which an INSERT writes.
    """

    definition: str
    sizes: tuple[Sized, ...]
    size: float
    bytes: int
    indexes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFacts:
    """All that was learnt about one documented query.

    `problem` is why the server would not prepare it (then there is nothing else). `services` are the indexes it
    names, `missing` the names that are no index. `fallback` is what serves it where a named index is missing.
    `alternatives` are indexes that would give the order where a named one does not; `advice` is the definition
    of an index that was proved to give it, where none exists. `chosen` are the scans that the planner picks now,
    with the statistics of a live database; () on a scratch one. `sizes` are its plans at production size, () where
    none is known; `proposal` is an index that would serve it there; `alone` are those where the planner saw the
    named indexes only, at sizes where it takes others. `unsized` is why it could not be planned at each.

    Of a query that promises something of its plan, `plan` is the one that the planner makes now, `without` the one
    that it makes when forbidden nodes are disabled, `unread` the tables that it took out, `losses` what comes of
    dropping each index, `coverage` what each holds. `returned` are the columns of the result, `wanted` the
    promised ones, `attempt` what came of running a statement.

    Of a statement of a live server, which promises nothing, `serving` are the indexes that can serve it on
    scratch, `unserved` the tables for whose conditions there is none.
    """

    query: Query
    problem: Problem | None = None
    services: tuple[Service, ...] = ()
    missing: tuple[Word, ...] = ()
    fallback: Service | None = None
    alternatives: tuple[str, ...] = ()
    advice: str = ""
    contradiction: Contradiction | None = None
    refusals: tuple[Refusal, ...] = ()
    chosen: tuple[str, ...] = ()
    sizes: tuple[Sized, ...] = ()
    alone: tuple[Sized, ...] = ()
    unsized: str = ""
    plan: Node | None = None
    without: Node | None = None
    unread: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    returned: tuple[ResultColumn, ...] = ()
    wanted: tuple[ResultColumn, ...] = ()
    attempt: Attempt | None = None
    proposal: Proposal | None = None
    serving: tuple[Service, ...] = ()
    unserved: tuple[Unserved, ...] = ()
