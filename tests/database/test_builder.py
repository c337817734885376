"""What a command that builds is told of its database."""

from __future__ import annotations

from pgproof.database import builder
from pgproof.database.conninfo import Conninfo


def test_variables_of_another_database_are_taken_away() -> None:
    before = {
        "PGSERVICE": "production",
        "PGHOST": "prod.example",
        "PGSYSCONFDIR": "x",
        "DATABASE_URL": "y",
        "A": "b",
    }
    given = {"host": "db.example", "port": "6432", "user": "ann@x", "dbname": "a/b", "password": "p:w/1"}
    found = builder.environment(before, {**given, "sslmode": "require"})
    assert found == {
        "A": "b",
        "PGHOST": "db.example",
        "PGPORT": "6432",
        "PGUSER": "ann@x",
        "PGDATABASE": "a/b",
        "PGPASSWORD": "p:w/1",
        "PGSSLMODE": "require",
        "DATABASE_URL": "postgresql://ann%40x:p%3Aw%2F1@db.example:6432/a%2Fb?sslmode=require",
    }
    socket = builder.environment({}, {"host": "/run/x y", "port": "5432", "user": "ann", "dbname": "a"})
    assert socket["DATABASE_URL"] == "postgresql://ann@/a?host=%2Frun%2Fx%20y&port=5432"
    assert Conninfo.parse(socket["DATABASE_URL"]) == Conninfo.of(
        host="/run/x y", port="5432", user="ann", dbname="a"
    )
