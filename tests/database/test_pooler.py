"""What kind of pooler there is, on real ones, and what they refuse."""

from __future__ import annotations

from contextlib import closing

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.holder import Holder
from pgproof.database.mutex import hold, key_of
from pgproof.database.pace import Pace
from pgproof.database.pooler import Pooling, is_pooled, kind
from pgproof.errors import DatabaseError
from tests.database.bouncer import bouncer


@pytest.mark.parametrize("mode", [Pooling.SESSION, Pooling.TRANSACTION])
def test_kinds(database: Conninfo, mode: Pooling) -> None:
    with bouncer(database, mode=mode) as pooled, closing(connect(pooled)) as conn:
        assert is_pooled(conn)
        assert kind(conn, pooled) is mode
        with closing(connect(pooled)) as busy:
            busy.execute("begin")
            assert kind(conn, pooled) is mode
    with closing(connect(database)) as conn:
        assert not is_pooled(conn)
        assert kind(conn, database) is Pooling.NONE


def test_where_no_second_session_is_to_be_had_we_are_careful(database: Conninfo) -> None:
    with bouncer(database, mode="session", size=1) as pooled, closing(connect(pooled)) as conn:
        assert kind(conn, pooled) is Pooling.TRANSACTION
        assert is_pooled(conn)


def test_options_in_the_address_are_refused_with_a_hint(pooled: Conninfo) -> None:
    address = Conninfo.of(**dict(pooled.parameters), options="-c lock_timeout=1s")
    with pytest.raises(DatabaseError, match="unsupported startup parameter: options") as refused:
        connect(address)
    assert "leave options (PGOPTIONS) out of the address" in refused.value.problems[0].hint


def test_pooling_by_the_statement_is_refused(database: Conninfo, pace: Pace) -> None:
    with bouncer(database, mode="statement") as pooled, closing(connect(pooled)) as worker:
        with (
            pytest.raises(DatabaseError, match="statement pooling") as refused,
            hold(pooled, worker, key=key_of(), holder=Holder(host="a", pid=1), wait=0, pace=pace),
        ):
            pytest.fail("held")
        assert "lends sessions by the transaction" in refused.value.problems[0].hint
