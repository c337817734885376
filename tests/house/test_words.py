"""What is committed is about the project alone: it names no machine and no host but the public ones it means."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.repository import TOP, tracked

# the home folders of a machine; a trailing slash, because /root alone is a line of any /etc/passwd
FOLDERS = re.compile(r"(?<![\w.$}/-])/(?:root|work|workspace|home/(?!user/)\w+|Users/(?!user/)\w+)/")
HOSTS = re.compile(r"https?://(?:[^\s/@\"'<>]*@)?(\[[^\]]*\]|[\w.-]+)")
PUBLIC_HOSTS = {
    "127.0.0.1",
    "alembic.sqlalchemy.org",
    "atlasgo.io",
    "compression.spec.whatwg.org",
    "docker",  # curl wants a host in the address; over a unix socket any word does
    "docs.djangoproject.com",
    "docs.github.com",
    "docs.gitlab.com",
    "docs.liquibase.com",
    "docs.oasis-open.org",
    "documentation.red-gate.com",
    "example.com",
    "example.org",
    "github.com",
    "json-schema.org",
    "json.schemastore.org",
    "localhost",
    "opensource.org",
    "pgtap.org",
    "pre-commit.com",
    "raw.githubusercontent.com",  # the name of SARIF's schema
    "semver.org",
    "sqitch.org",
    "sqlc.dev",
    "squawkhq.com",
    "www.postgresql.org",
    "www.w3.org",
}


def machine_words(text: str) -> Iterator[str]:
    """Paths and hosts in a text that belong to somebody's machine."""
    yield from (match[0] for match in FOLDERS.finditer(text))
    yield from (
        match[1]
        for match in HOSTS.finditer(text)
        if match[1] not in PUBLIC_HOSTS and not match[1].endswith(".example")
    )


def test_nothing_committed_names_a_machine() -> None:
    found = {}
    for path in tracked():
        words = set(machine_words((TOP / path).read_text(encoding="utf-8", errors="replace")))
        if words:
            found[path] = words
    assert found == {}


@pytest.mark.parametrize(
    "text",
    ["see /" + "work/main", "/" + "root/.cache/x", "/home/" + "anna/x", "https://" + "packages.internal/simple"],
)
def test_such_a_word_is_seen(text: str) -> None:
    assert list(machine_words(text))


def test_public_words_are_let_be() -> None:
    assert (
        list(machine_words("https://www.postgresql.org/docs root:x:0:0::/root:/bin/sh /home/user/x a/work/b"))
        == []
    )
