"""What kind of statement a text is, where its first words leave no doubt: for files too many to make trees of.

Only for texts that the grammar has accepted. What is listed here can be nothing else in the grammar of PostgreSQL
14 to 18 (src/backend/parser/gram.y); whatever could be is left to the tree.
"""

from __future__ import annotations

import re
from functools import cache

_KINDS = {
    "alter table": "alter_table_stmt",
    "comment on": "comment_stmt",
    "create extension": "create_extension_stmt",
    "create function": "create_function_stmt",
    "create index": "index_stmt",
    "create or replace function": "create_function_stmt",
    "create or replace procedure": "create_function_stmt",
    "create or replace view": "view_stmt",
    "create policy": "create_policy_stmt",
    "create procedure": "create_function_stmt",
    "create schema": "create_schema_stmt",
    "create sequence": "create_seq_stmt",
    "create table": "create_stmt",
    "create unique index": "index_stmt",
    "create view": "view_stmt",
    "delete from": "delete_stmt",
    "drop function": "drop_stmt",
    "drop index": "drop_stmt",
    "drop materialized view": "drop_stmt",
    "drop schema": "drop_stmt",
    "drop sequence": "drop_stmt",
    "drop table": "drop_stmt",
    "drop trigger": "drop_stmt",
    "drop type": "drop_stmt",
    "drop view": "drop_stmt",
    "insert into": "insert_stmt",
}
_OTHERWISE = {
    # RENAME, SET SCHEMA and ALL IN TABLESPACE have nodes of their own
    "alter table": re.compile(r"\b(?:rename|schema|all)\b", re.IGNORECASE),
    # CREATE TABLE AS; an identity column says AS IDENTITY
    "create table": re.compile(r"\bas\b(?!\s+identity\b)", re.IGNORECASE),
}


def kind(text: str) -> str:
    """The grammar's name of the statement's kind ("create_stmt"); "" where the first words do not tell. Pure."""
    match = _words().match(text)
    if match is None:
        return ""
    words = " ".join(match[0].lower().split())
    otherwise = _OTHERWISE.get(words)
    return "" if otherwise and otherwise.search(text) else _KINDS[words]


@cache
def _words() -> re.Pattern[str]:
    beginnings = "|".join(words.replace(" ", r"\s+") for words in _KINDS)
    return re.compile(rf"(?:{beginnings})\b", re.IGNORECASE)
