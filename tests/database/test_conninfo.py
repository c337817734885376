"""Addresses: what is read, what is refused, and that no password is ever shown."""

from __future__ import annotations

import pickle
import traceback

import pytest
from psycopg.conninfo import conninfo_to_dict

from pgproof.database.conninfo import Conninfo, masked
from pgproof.errors import InputError

SECRET = "s3cr3t-w0rd"


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", {}),
        ("app", {"dbname": "app"}),
        ("dbname=app host=/tmp", {"dbname": "app", "host": "/tmp"}),
        (
            "postgresql://ann@db.example.org:5433/app",
            {"user": "ann", "host": "db.example.org", "port": "5433", "dbname": "app"},
        ),
        ("postgres:///app?host=/tmp&user=a@b", {"dbname": "app", "host": "/tmp", "user": "a@b"}),
        ("postgresql://ann:a%40b%2Fc@h/app", {"user": "ann", "password": "a@b/c", "host": "h", "dbname": "app"}),
        ("postgresql://a:1,b:2/app", {"host": "a,b", "port": "1,2", "dbname": "app"}),
        ("service=reports", {"service": "reports"}),
        ("password='it''s' dbname=x", None),
    ],
)
def test_parse(text: str, parameters: dict[str, str] | None) -> None:
    if parameters is None:
        with pytest.raises(InputError):
            Conninfo.parse(text)
        return
    conninfo = Conninfo.parse(text)
    assert dict(conninfo.parameters) == parameters
    assert conninfo_to_dict(conninfo.secret) == parameters
    assert Conninfo.parse(conninfo.secret) == conninfo


# Each holds the password where a hurried person puts it; libpq misreads it or repeats it in its message.
WRONG = [
    f"postgresql://ann:{SECRET}@x@host/app",
    f"postgresql://ann:p@{SECRET}@host/app",
    f"postgresql://ann:{SECRET}/x@host/app",
    f"postgresql://ann:1/{SECRET}@host/app",
    f"postgresql://ann:{SECRET}%zz@host/app",
    f"postgresql://ann:{SECRET}%00@host/app",
    f"postgresql://ann:{SECRET} x@host/app",
    f"postgresql://ann:{SECRET}@[::1/app",
    f"postgresql://ann:{SECRET}@host/app?nonsense=1",
    f"postgresql://ann@host/app?{SECRET}",
    f"postgresql+psycopg://ann:{SECRET}@host/app",
    f"mysql://ann:{SECRET}@host/app",
    f"host=h password=my {SECRET}",
    f"host=h password=my {SECRET}=x",
    f"host=h password='{SECRET}",
    f"host=h password={SECRET} pasword=x",
    f"dbname=postgresql://ann:{SECRET}@host/app",
    f"postgresql://ann:x@host:{SECRET}/app",
    f"host=h connect_timeout={SECRET}",
]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_address_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(InputError) as refused:
        Conninfo.parse(text)
    error = refused.value
    shown = "".join(traceback.format_exception(error)) + str(error) + repr(error)
    own_lines = [line for line in shown.splitlines() if "Conninfo.parse(" not in line]
    assert SECRET not in "\n".join(own_lines)
    assert error.__cause__ is None
    assert error.__context__ is None
    (problem,) = error.problems
    assert problem.message
    assert problem.message[0] == problem.message[0].lower()
    assert problem.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dbnam=x host=h", 'did you mean "dbname"?'),
        ("postgresql://h/app?sslmod=require", 'did you mean "sslmode"?'),
        ("postgresql+asyncpg://h/app", "postgresql://"),
        ("postgresql://ann:p@w@h/app", "%40"),
        ("postgresql://ann:p%w@h/app", "%25"),
    ],
)
def test_a_wrong_address_has_a_hint(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        Conninfo.parse(text)
    assert words in refused.value.problems[0].hint


def test_passwords_are_never_shown() -> None:
    conninfo = Conninfo.parse(
        f"postgresql://ann:{SECRET}1@h/app?sslpassword={SECRET}2&oauth_client_secret={SECRET}3"
    )
    moved = conninfo.with_database("other")
    for each in (conninfo, moved):
        shown = f"{each} {each!r} {each.description} {[each]!r}"
        assert SECRET not in shown
        assert "ann" in shown
        assert each.secret.count(SECRET) == 3
    assert "***" in repr(conninfo)
    assert "***" not in str(conninfo)
    assert pickle.loads(pickle.dumps(conninfo)) == conninfo


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("postgresql://ann@db.example.org/app", 'database "app" at db.example.org:5432 as user ann'),
        ("postgresql://ann@[::1]:5433/app", 'database "app" at [::1]:5433 as user ann'),
        ("host=/run/pg port=5433 user=ann dbname=app", 'database "app" at /run/pg (port 5433) as user ann'),
        ("host=a,b port=1,2 user=ann dbname=app", 'database "app" at a:1, b:2 as user ann'),
        ("user=ann host=h", 'database "ann" at h:5432 as user ann'),
        ("service=reports", 'the database of service "reports"'),
        ("service=reports dbname=x", 'database "x" of service "reports"'),
    ],
)
def test_description(text: str, description: str) -> None:
    assert Conninfo.parse(text).description == description


def test_libpqs_variables_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATABASE", "fromenv")
    monkeypatch.setenv("PGHOST", "envhost")
    monkeypatch.setenv("PGPASSWORD", SECRET)
    conninfo = Conninfo.parse("")
    assert conninfo.database == "fromenv"
    assert conninfo.description.startswith('database "fromenv" at envhost:5432')
    assert SECRET not in f"{conninfo} {conninfo!r} {conninfo.description}"
    assert Conninfo.parse("dbname=given").database == "given"


def test_with_database() -> None:
    conninfo = Conninfo.parse("postgresql://ann:pw@h/app").with_database('we "ird')
    assert conninfo.database == 'we "ird'
    assert conninfo_to_dict(conninfo.secret)["dbname"] == 'we "ird'
    assert conninfo_to_dict(conninfo.secret)["password"] == "pw"


@pytest.mark.parametrize(
    "text",
    [
        "tool postgresql://ann:hunter2@db.example/shop up",
        "tool 'postgresql+psycopg://ann:hunter2/hunter2@db.example/shop'",  # as SQLAlchemy takes it
        "tool postgresql://ann:hunter2@hunter2@db.example/shop",
        "tool --db-password hunter2 --token=hunter2 --pwd 'hunter2 hunter2'",
    ],
)
def test_any_text_is_masked(text: str) -> None:
    assert "hunter2" not in masked(text)
    assert masked(text).startswith("tool ")
    assert "db.example/shop" in masked(text) or "://" not in text


@pytest.mark.parametrize(
    "given",
    [
        {"host": "db.example.org", "port": "5433", "dbname": "shop", "user": "ann", "password": "p:/@?#% ü"},
        {"host": "/dev/shm/a b&c", "port": "5432", "dbname": "we/ird? name", "user": "o'hara"},
        {"host": "a,b", "port": "1,2", "dbname": "shop", "target_session_attrs": "read-write"},
        {"host": "::1", "dbname": "shop", "options": "-c search_path=a,b"},
        {"password": "secret", "dbname": "shop"},
        {},
    ],
)
def test_a_url_says_the_same(given: dict[str, str]) -> None:
    conninfo = Conninfo.of(**given)
    assert Conninfo.parse(conninfo.secret_url()) == conninfo
    assert conninfo.secret_url("postgresql+psycopg").startswith("postgresql+psycopg://")
