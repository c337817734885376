"""Passwords in texts that are shown: what cannot be anything else gets a mask in its place."""

from __future__ import annotations

import re

MASK = "***"
IN_ADDRESS = re.compile(r"(:/{1,2}[^:/@\s]*:)\S*(?=@)")  # SQLAlchemy takes one with "/", others one with "@"
_LITERAL = r"'(?!\{\{)(?:[^'\\]|''|\\.)*'"  # what a template has there is the name of a variable
_PASSWORDS = (
    IN_ADDRESS,
    re.compile(rf"(\bpassword\s+){_LITERAL}", re.IGNORECASE),  # CREATE ROLE, the options of a user mapping
    re.compile(r"(\bpassword['\"]?\s*=\s*)\"[^\"]*\"", re.IGNORECASE),  # TOML
    re.compile(rf"(\bpassword=)(?:{_LITERAL}|[^\s'\"&;)$:@%?{{]+)", re.IGNORECASE),  # keywords of libpq
)


def hidden(text: str) -> str:
    """Any text, of a person's or of SQL, with a mask in the place of each password.

    Those in URLs, in `PASSWORD 'literal'` and in `password=word`; of a column called password nothing is hidden.
    """
    lowered = text.lower()
    if "password" not in lowered and ":/" not in lowered:
        return text
    for pattern in _PASSWORDS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text
