"""Putting out what programs read, where the locale may lack characters. What people read has escapes there."""

from __future__ import annotations

import sys

import click

from pgproof.cli.volume import stdout


def put_json(text: str) -> None:
    """JSON, and what else other programs read, is UTF-8 in every locale."""
    click.echo(encoded(text), nl=False, file=stdout())


def put_sql(text: str) -> None:
    """SQL is in the encoding of the locale, as psql reads it; or in UTF-8, if that lacks a character.

    In the locale C psql takes the bytes as they are.
    """
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        click.echo(encoded(text), nl=False, file=stdout())
    else:
        click.echo(text, nl=False, file=stdout())


def encoded(text: str) -> bytes:
    """As UTF-8; half a surrogate becomes an escape that JSON has, too."""
    return text.encode("utf-8", "backslashreplace")
