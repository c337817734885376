"""The address of a database, which can be shown to anybody: it never prints a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from shlex import quote as quoted
from urllib.parse import quote, urlencode

from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgproof.errors import InputError, Problem
from pgproof.secret import IN_ADDRESS, MASK
from pgproof.sql.name import nearest

_KEYWORD = re.compile(
    r"((?:pass|pwd|secret|token|credential)[\w-]*(?:\s*=\s*|\s+|:))('(?:[^'\\]|\\.)*'|[^\s&]+)", re.IGNORECASE
)
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)\Z", re.IGNORECASE | re.DOTALL)
_SCHEMES = frozenset({"postgresql", "postgres"})
_DATABASE_NAME = re.compile(r"[\w.$-]+\Z")
_UNKNOWN_OPTION = re.compile(r'invalid (?:connection option|URI query parameter:?) "(?P<name>\w+)"')
# What libpq 18 does not mark as a password, yet is as good as one.
_AS_GOOD_AS_PASSWORDS = frozenset({"scram_client_key", "scram_server_key"})
_SYNTAX = "write postgresql://USER@HOST:PORT/DATABASE, or keywords as in: host=HOST dbname=DATABASE user=USER"


@dataclass(frozen=True, slots=True, repr=False)
class Conninfo:
    """Connection parameters as libpq names them, in the order of their names.

    What is not given here libpq takes from its own places: service file, `PG...` variables, password file.
    """

    parameters: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def parse(cls, text: str) -> Conninfo:
        """Read a libpq URL, a keyword string or a plain database name; an empty text leaves all to libpq.

        Raises InputError. Its message repeats nothing of `text`: libpq's own does, and a mistake in an address
        is often an unquoted character of the password.
        """
        text = text.strip()
        if _DATABASE_NAME.match(text):
            return cls((("dbname", text),))
        problem = _url_problem(text)
        if problem is None:
            try:
                return cls._of(conninfo_to_dict(text))
            except ProgrammingError as error:
                problem = _syntax_problem(str(error))
        raise InputError(problem)  # outside of the handler: libpq's text must not be in the traceback

    @classmethod
    def of(cls, **parameters: str) -> Conninfo:
        """An address by libpq's parameter names: `Conninfo.of(host="/tmp", dbname="postgres")`."""
        return cls(tuple(sorted(parameters.items())))

    @classmethod
    def _of(cls, parsed: Mapping[str, object]) -> Conninfo:
        conninfo = cls.of(**{name: str(value) for name, value in parsed.items()})
        problem = _value_problem(dict(conninfo.parameters))
        if problem:
            raise InputError(problem)
        return conninfo

    @property
    def secret(self) -> str:
        """The whole keyword string, passwords included: for psycopg and libpq only, never to be shown."""
        return make_conninfo("", **dict(self.parameters))

    def secret_url(self, scheme: str = "postgresql") -> str:
        """The same as a URL, passwords included, as libpq, asyncpg and SQLAlchemy read it; never to be shown.

        The folder of a socket, and what else has no place of its own in a URL, stand behind the question mark.
        """
        given = dict(self.parameters)
        user, password, database = (given.pop(each, "") for each in ("user", "password", "dbname"))
        host, port = given.get("host", ""), given.get("port", "")
        if re.fullmatch(r"[\w.-]+", host) and re.fullmatch(r"\d*", port):
            given.pop("host"), given.pop("port", "")
            where = f"{host}:{port}" if port else host
        else:
            where = ""
        word = f":{quote(password, safe='')}" if password else ""
        who = f"{quote(user, safe='')}{word}@" if user or word else ""
        more = f"?{urlencode(given, quote_via=quote)}" if given else ""
        return f"{scheme}://{who}{where}/{quote(database, safe='')}{more}"

    @property
    def database(self) -> str:
        """The database's name; "" if only a service file knows it."""
        given = dict(self.parameters)
        if "dbname" in given:
            return given["dbname"]
        if "service" in given:
            return ""
        resolved = self._resolved()
        return resolved.get("dbname") or resolved.get("user", "")

    def with_database(self, name: str) -> Conninfo:
        """The same server and user, another database."""
        return replace(self, parameters=tuple(sorted({**dict(self.parameters), "dbname": name}.items())))

    def says(self, parameter: str) -> bool:
        """True if the parameter is given here or by libpq's variables, thus the user's own wish."""
        return parameter in self._resolved()

    @property
    def names_nothing(self) -> bool:
        """True if neither this address nor a variable of libpq's says which server or database is meant."""
        return not (self.parameters or self._resolved().keys() & {"host", "hostaddr", "service", "dbname"})

    @property
    def server_options(self) -> str:
        """How PostgreSQL's own programs are told this server and user: `-h localhost -p 5433 -U ann `.

        What libpq's variables say is left out; the programs read them, too.
        """
        given = dict(self.parameters)
        flags = (("-h", "host"), ("-p", "port"), ("-U", "user"))
        return "".join(f"{flag} {quoted(given[name])} " for flag, name in flags if given.get(name))

    @property
    def description(self) -> str:
        """For messages: `database "app" at db.example.org:5432 as user ann`."""
        resolved = self._resolved()
        service = resolved.get("service")
        if service:
            database = f'database "{resolved["dbname"]}" of ' if "dbname" in resolved else "the database of "
            return f'{database}service "{service}"'
        user = f" as user {resolved['user']}" if "user" in resolved else ""
        return f'database "{self.database}" at {_host(resolved)}{user}'

    def __str__(self) -> str:
        return make_conninfo("", **{name: value for name, value in self.parameters if not _is_secret(name)})

    @property
    def shown(self) -> str:
        """The keyword string with a mask in the place of each secret."""
        return make_conninfo("", **{name: MASK if _is_secret(name) else value for name, value in self.parameters})

    def __repr__(self) -> str:
        return f"Conninfo({self.shown!r})"

    def _resolved(self) -> dict[str, str]:
        """What is given here over libpq's defaults and variables; secrets left out."""
        defaults = {
            option.keyword.decode(): option.val.decode(errors="replace")
            for option in pq.Conninfo.get_defaults()
            if option.val
        }
        return {
            name: value for name, value in {**defaults, **dict(self.parameters)}.items() if not _is_secret(name)
        }


def masked(text: str) -> str:
    """Any text with a mask in the place of passwords: those of URLs, and what follows a word that says so."""
    return _KEYWORD.sub(rf"\1{MASK}", IN_ADDRESS.sub(rf"\1{MASK}", text))


def _is_secret(parameter: str) -> bool:
    """True for the parameters that libpq marks as passwords, with `*` (PQconninfoOption.dispchar)."""
    return parameter in _AS_GOOD_AS_PASSWORDS or parameter in _marked()


@cache
def _marked() -> frozenset[str]:
    return frozenset(o.keyword.decode() for o in pq.Conninfo.get_defaults() if o.dispchar == b"*")


def _host(resolved: Mapping[str, str]) -> str:
    port = resolved.get("port", "5432")
    hosts = (resolved.get("host") or resolved.get("hostaddr") or "").split(",")
    ports = port.split(",")
    if len(ports) != len(hosts):
        ports = [ports[0]] * len(hosts)
    return ", ".join(_one_host(host, port) for host, port in zip(hosts, ports, strict=True))


def _one_host(host: str, port: str) -> str:
    if host.startswith("/"):
        return f"{host} (port {port})"
    return f"[{host}]:{port}" if ":" in host else f"{host or 'the local socket'}:{port}"


def _url_problem(text: str) -> Problem | None:
    """What is wrong with a URL that libpq would misread without a word, or reject by repeating it."""
    url = _URL.match(text)
    if url is None:
        return None
    scheme = url["scheme"].lower()
    if scheme not in _SCHEMES:
        return Problem(
            message=f'"{scheme}://" is not the address of a PostgreSQL database',
            detail="libpq knows the schemes postgresql:// and postgres://.",
            hint="write postgresql:// in front of the rest" if "postgres" in scheme else _SYNTAX,
        )
    if "@" in _after_credentials(url["rest"]).split("?", 1)[0]:
        return Problem(
            message='the database URL has an unquoted "@" or "/" in its user name, password or database name',
            detail="libpq would take a part of the password for the host.",
            hint='write "@" as %40, "/" as %2F and ":" as %3A in these parts',
        )
    return None


def _after_credentials(address: str) -> str:
    """What libpq reads as host, port and database: user and password end at an "@" that no "/" precedes."""
    credentials, at, after = address.partition("@")
    return after if at and "/" not in credentials else address


def _syntax_problem(libpq: str) -> Problem:
    """A message for libpq's refusal that repeats nothing but the name of a parameter that libpq nearly knows."""
    unknown = _UNKNOWN_OPTION.match(libpq)
    if unknown:
        known = nearest(unknown["name"], (option.keyword.decode() for option in pq.Conninfo.get_defaults()))
        return Problem(
            message="the database address has a parameter that libpq does not know"
            + (f': "{unknown["name"]}"' if known else ""),
            detail="" if known else "Perhaps a value with a space lacks its single quotes.",
            hint=f'did you mean "{known}"?' if known else _SYNTAX,
        )
    if "percent-encoded" in libpq or "%00" in libpq:
        return Problem(
            message="the database URL has a character that must be percent-encoded",
            hint='write "%" as %25, a space as %20 and "@" as %40 in user name, password and database name',
        )
    if "unterminated" in libpq:
        return Problem(message="the database address has a quoted value that does not end", hint=_SYNTAX)
    if "IPv6" in libpq:
        return Problem(message='the host of the database URL has a "[" without its "]"', hint=_SYNTAX)
    return Problem(message="the database address is neither a URL nor a list of keyword=value", hint=_SYNTAX)


def _value_problem(given: Mapping[str, str]) -> Problem | None:
    """Values that no server could accept, found before one is asked; they may hold a password, so no echo."""
    if "://" in given.get("dbname", ""):
        return Problem(message="the database name is itself a URL", hint="give the URL alone, without dbname=")
    for name in ("port", "connect_timeout"):
        value = given.get(name, "")
        if not re.fullmatch(r"\s*-?\d*\s*(,\s*\d*\s*)*", value):
            return Problem(message=f"{name} in the database address is not a number", hint=_SYNTAX)
    return None
