"""A report of every kind of verdict, with text that tries to be markup, to steer a terminal and to be too wide."""

from pgproof.finding import Acceptance, Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.report.model import About, Report

_PATH = "migrations/0003_orders.sql"
_LIST = "-- 1. Open orders of a customer (uses orders_custmer_idx):"


def _place(line: int, text: str, word: str, path: str = _PATH) -> Place:
    return Place(path=path, line=line, column=text.index(word) + 1, width=len(word), text=text)


MISSING = Finding(
    code="DOC101",
    name="unknown-name-in-comment",
    verdict=Verdict.FAILS,
    object="orders_custmer_idx",
    message='index "orders_custmer_idx" does not exist',
    place=_place(41, _LIST, "orders_custmer_idx"),
    detail="The comment says that it serves a query. The nearest is [bold]orders_customer_idx[/bold].",
    hint="write orders_customer_idx, or create the index in a migration",
    related=(_place(12, "CREATE INDEX orders_customer_idx ON orders (customer_id);", "orders_customer_idx"),),
)
WIDE = Finding(
    code="PLN102",
    name="order-not-served",
    verdict=Verdict.FAILS,
    severity=Severity.WARNING,
    object="0003_orders#2",
    message="0003_orders#2 sorts: orders_customer_idx serves customer_id only, and the order comes from nowhere",
    place=_place(
        44,
        "\t-- SELECT id, total, state FROM orders WHERE customer_id = $1 AND state = 'größe' ORDER BY placed_at",
        "ORDER BY placed_at",
    ),
    detail="Plan:\nSort  (key: placed_at)\n  -> Index Scan using orders_customer_idx",
)
UNDECIDED = Finding(
    code="QRY101",
    name="query-not-accepted",
    verdict=Verdict.UNKNOWN,
    object="orders_of_day",
    message="whether orders_of_day can be planned is not known",
    place=Place(path="checks/orders.sql", line=3, column=1, width=6, text="SELECT \x1b[31m日本語 FROM orders"),
    detail="The type of parameter $1 could not be found.",
)
ACCEPTED = Finding(
    code="DOC102",
    name="claimed-foreign-key-missing",
    verdict=Verdict.FAILS,
    object="orders.customer_id",
    message="orders.customer_id is called a foreign key and has none",
    place=_place(5, "-- Foreign key to the customer", "Foreign key"),
    accepted=Acceptance(
        because="customers live in another database, and the text of an applied migration cannot change",
        place=Place(path="checks/accepted.sql", line=7, text="-- accept: DOC102 orders.customer_id"),
    ),
)


def holding(code: str, name: str, thing: str, message: str) -> Finding:
    return Finding(
        code=code,
        name=name,
        verdict=Verdict.HOLDS,
        object=thing,
        message=message,
        place=Place(path=_PATH, line=9, text="CREATE TABLE orders ("),
    )


HOLDS = (
    holding("PLN101", "expected-index-not-used", "orders_of_day", "orders_of_day is served by orders_day_idx"),
    holding("PLN102", "order-not-served", "orders_of_day", "orders_of_day is ordered by it"),
    holding("CAT103", "declared-column-differs", "orders.id", "column orders.id is bigint NOT NULL"),
    holding("CAT103", "declared-column-differs", "orders.state", "column orders.state is text"),
    holding("CON101", "declared-constraint-missing", "orders_state_chk", "constraint orders_state_chk exists"),
    *(holding("CAT104", "declared-index-missing", f"i{n:02}", f"index i{n:02} exists") for n in range(26)),
)
ABOUT = About(
    server="PostgreSQL 15.14",
    provider="local binaries in /usr/lib/postgresql/15/bin",
    mode="scratch",
    counts=(("migration", 3), ("query", 4), ("index", 1)),
)


def report(*findings: Finding, strict: bool = False) -> Report:
    return Report(command="check", about=ABOUT, findings=findings, strict=strict)


FULL = (*HOLDS, ACCEPTED, UNDECIDED, WIDE, MISSING)
