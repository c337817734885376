"""The ways to a database: to the server itself, or through a pooler."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.pace import Pace
from tests.database.bouncer import bouncer

PACE = Pace(monotonic=time.monotonic, sleep=time.sleep, jitter=random.random)


@pytest.fixture
def pace() -> Pace:
    """Real time."""
    return PACE


@pytest.fixture(params=["direct", "session", "transaction"])
def way(request: pytest.FixtureRequest, database: Conninfo) -> Iterator[Conninfo]:
    """A fresh database: reached directly, through session pooling, through transaction pooling."""
    if request.param == "direct":
        yield database
        return
    # session pooling lends a server session for as long as a client stays: two for each of eight migrators
    with bouncer(database, mode=request.param, size=20 if request.param == "session" else 5) as pooled:
        yield pooled


@pytest.fixture
def pooled(database: Conninfo) -> Iterator[Conninfo]:
    """A fresh database through transaction pooling."""
    with bouncer(database, mode="transaction") as address:
        yield address
