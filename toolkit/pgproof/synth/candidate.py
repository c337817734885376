"""Values that a column might hold, as texts that the server reads: of its type, and out of its conditions.

They are only proposed. What the server does not take is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError
from pgproof.synth import pattern
from pgproof.synth.shape import Type

_NUMBERS = "1 2 3 4 5 7 10 0 100 42 6 8 9 -1 1000 12345"
_TIMES = [
    f"2020-{month:02}-{day:02}" for month, day in ((1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (6, 15), (12, 31))
]
_TIMES += ["1970-01-02", "2100-01-01"]  # before and after what conditions ask for
_WORDS = (
    "a1 b2 c3 d4 e5 A ABC en DE user@example.org b@example.com https://example.org/a +4912345678 12345 00000 "
    "a-b a_b 10.0.0.1 2020-01-01 00000000-0000-4000-8000-000000000001 #aabbcc a.b /a 1.0.0 {} [] x y z"
)
_BY_NAME: Mapping[str, Iterable[str]] = {
    "bool": ("true", "false"),
    "int2": _NUMBERS.split(),
    "int4": _NUMBERS.split(),
    "int8": _NUMBERS.split(),
    "oid": _NUMBERS.split(),
    "numeric": ["1", "2.5", "3", "0.5", *_NUMBERS.split()],
    "float4": ["1", "2.5", "3", "0.5", *_NUMBERS.split()],
    "float8": ["1", "2.5", "3", "0.5", *_NUMBERS.split()],
    "money": _NUMBERS.split(),
    "uuid": [f"00000000-0000-4000-8000-{number:012}" for number in range(1, 13)],
    "date": _TIMES,
    "timestamp": [f"{each} 12:00:00" for each in _TIMES],
    "timestamptz": [f"{each} 12:00:00+00" for each in _TIMES],
    "time": ("12:00", "13:30", "00:00", "23:59:59", "08:15"),
    "timetz": ("12:00+00", "13:30+00", "00:00+00", "23:59:59+00"),
    "interval": ("1 day", "2 hours", "1 month", "30 seconds", "0"),
    "inet": ("10.0.0.1", "10.0.0.2", "10.0.0.0/24", "2001:db8::1"),
    "cidr": ("10.0.0.0/24", "10.0.1.0/24", "10.0.0.1/32", "2001:db8::/32"),
    "macaddr": ("08:00:2b:01:02:03", "08:00:2b:01:02:04", "08:00:2b:01:02:05"),
    "macaddr8": ("08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06", "08:00:2b:01:02:03:04:07"),
    "bit": ("1", "01", "11", "0"),
    "varbit": ("1", "01", "11", "0"),
    "bytea": ("\\x61", "\\x62", "\\x6364", "\\x"),
    "json": ('{"a": 1}', '{"b": [2]}', "[]", "{}", "1", '"x"'),
    "jsonb": ('{"a": 1}', '{"b": [2]}', "[]", "{}", "1", '"x"'),
    "jsonpath": ("$.a", "$.b", "$"),
    "xml": ("<a/>", "<b/>", "<c>1</c>"),
    "point": ("(1,2)", "(3,4)", "(0,0)"),
    "line": ("{1,2,3}", "{2,3,4}", "{3,4,5}"),
    "lseg": ("[(1,2),(3,4)]", "[(5,6),(7,8)]", "[(0,0),(1,1)]"),
    "box": ("(2,2),(1,1)", "(4,4),(3,3)", "(6,6),(5,5)"),
    "path": ("[(1,2),(3,4)]", "((1,2),(3,4),(5,6))"),
    "polygon": ("((0,0),(1,0),(1,1))", "((5,5),(6,5),(6,6))"),
    "circle": ("<(0,0),1>", "<(5,5),1>", "<(9,9),1>"),
    "tsvector": ("'a' 'b'", "'c'", "'d'"),
    "tsquery": ("'a' & 'b'", "'c'", "'d'"),
    "pg_lsn": ("0/1", "0/2", "0/3"),
    "char": ("a", "b", "c"),
    "regclass": ("pg_catalog.pg_class", "pg_catalog.pg_type"),
    "regtype": ("integer", "text"),
    "regproc": ("pg_catalog.now", "pg_catalog.pi"),
    "hstore": ("a=>1", "b=>2", "c=>3"),
    "ltree": ("a", "a.b", "a.b.c"),
}
_ANY = ("1", "2", "3", "a", "b", "(1,2)", "{}", "")
"""Of a type that is not known here."""
_LONGEST_TEXT = 4_000
_LONGEST_ARRAY = 200
_NUMERIC = frozenset({"ICONST", "FCONST"})


def candidates(number: int, types: Mapping[int, Type], conditions: Iterable[str] = ()) -> tuple[str, ...]:
    """Values for a column of that type, which is in these conditions; those that come of them first.

    None is there twice.
    """
    found = types.get(number)
    if found is None:
        return _ANY
    if found.base:
        return candidates(found.base, types, (*conditions, *found.conditions))
    hints = [each for condition in conditions for each in _hints(condition)]
    longer = _arrays(found, types, hints) if found.element else ()
    return tuple(dict.fromkeys((*hints, *_of_type(found, types), *longer)))


def _arrays(of: Type, types: Mapping[int, Type], hints: Iterable[str]) -> Iterator[str]:
    """Arrays as long as numbers in conditions say."""
    inner = candidates(of.element, types)
    for size in dict.fromkeys(int(each) for each in hints if each.isdecimal() and 0 < int(each) <= _LONGEST_ARRAY):
        yield "{" + ",".join(quoted(inner[place % len(inner)]) for place in range(size)) + "}"


def _of_type(of: Type, types: Mapping[int, Type]) -> Iterable[str]:
    if of.labels:
        return of.labels
    if of.element:
        inner = candidates(of.element, types)[:4]
        return [*(f"{{{quoted(each)}}}" for each in inner), "{" + ",".join(map(quoted, inner[:2])) + "}", "{}"]
    if of.fields:
        inside = [candidates(each, types) for each in of.fields]
        return ["(" + ",".join(quoted(each[row % len(each)]) for each in inside) + ")" for row in range(4)]
    if of.subtype:
        ends = candidates(of.subtype, types)[:7]
        bounded = [f"[{quoted(low)},{quoted(high)})" for low, high in pairwise(ends)]
        return [*bounded, "empty", f"[{quoted(ends[0])},)", f"(,{quoted(ends[0])})"]
    if of.range:
        return [*("{" + each + "}" for each in candidates(of.range, types)[:4]), "{}"]
    if of.name in ("text", "varchar", "bpchar", "name", "citext"):
        return [*_WORDS.split(" "), ""]
    return _BY_NAME.get(of.name, _ANY)


def quoted(text: str) -> str:
    """A value as it is written within an array, a row or a range."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _hints(condition: str) -> Iterator[str]:
    """What a condition says of values: its constants, numbers beside them, texts that long, texts that match."""
    try:
        tokens = grammar.scan(condition)
    except GrammarError:
        return
    numbers = []
    for token in tokens:
        written = token.of(condition)
        if token.kind == "SCONST":
            text = _unquoted(written)
            yield text
            yield from pattern.texts(text)
            if "%" in text or "_" in text:  # LIKE
                yield text.replace("%", "").replace("_", "a")
                yield text.replace("%", "1").replace("_", "b")
            if text.lstrip("-").isdigit():
                numbers.append(text)
        elif token.kind in _NUMERIC:
            numbers.append(written)
    for each in numbers:
        yield from _around(each)


def _around(number: str) -> Iterator[str]:
    yield number
    yield f"-{number}".replace("--", "")
    if number.lstrip("-").isdigit():
        yield from (str(int(number) + 1), str(int(number) - 1))
        if 0 < int(number) <= _LONGEST_TEXT:
            yield from ("a" * int(number), "b" * (int(number) + 1), "c" * (int(number) - 1))


def _unquoted(constant: str) -> str:
    escapes = constant[:1] in "eE"
    inner = constant[constant.index("'") + 1 : -1].replace("''", "'")
    return inner.replace("\\\\", "\\") if escapes else inner
