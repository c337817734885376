"""Whether a plan uses an index, and profits from it."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from pgproof.catalog.snapshot import Index
from pgproof.errors import InputError, Problem
from pgproof.explain import plan
from pgproof.explain.isolation import hide
from pgproof.explain.plan import Node, matches_nothing, order_sources
from pgproof.explain.planner import QUIET, Settings
from pgproof.explain.service import bounded, scans, scans_of
from pgproof.sql import literal
from pgproof.sql.declared import Key
from pgproof.sql.name import nearest
from pgproof.sql.query import has_order

_PLACEHOLDER = re.compile(r"%\(\w+\)[sbt]|%[sbt]")
_WITHIN = re.compile(r"\(\s*SELECT\b.*\bORDER\s+BY\b", re.IGNORECASE | re.DOTALL)
"""A part of a query that asks for an order of its own."""
_SMALL: Settings = {"enable_seqscan": "off", "seq_page_cost": "0", "random_page_cost": "0"}
"""All of a small table is on a page or two, whichever way leads there: what counts is how many rows are read."""
_AS_GOOD = 1.1
"""How much more an index may cost than the one that is taken."""
_WANT_ORDER = frozenset({"Merge Join", "Group", "Unique", "WindowAgg", "Incremental Sort"})
"""Nodes whose inputs come in order. (Merge Append wants one that is asked for above it.)"""


class NoIndexError(InputError):
    """The database has no index of that name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something to send; of what comes back, the first value of the first row is wanted."""

    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The query itself is to be sent, behind EXPLAIN (VERBOSE, FORMAT JSON); the document is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Whether a query uses an index: if not, `reason` says why. `root` is the plan that was judged.

    `instead` are the scans of other things in it; `own` is false where it was asked for as of a small table.
    `ordered` says that the query asks for an order.
    """

    index: str
    holds: bool
    root: Node
    reason: str = ""
    instead: tuple[str, ...] = ()
    own: bool = False
    ordered: bool = False


Asking = Generator[Statement | Plan, object, Use]


def asked(query: str, index: str, *, strict: bool) -> Asking:
    """What has to be sent in one transaction, and the verdict. Raises NoIndexError where there is no such index.

    First the plan is asked for as the server makes it by itself; then, unless `strict`, with sequential scans
    closed and pages for free: a small table is read as a whole, whatever indexes it has, or by any of them. In a
    scratch database of pgproof's, the other indexes of the table are hidden, too, if it then costs no more.
    """
    known = _known(index, (yield Statement(literal.fill(_query(), {"name": index}))))
    ordered = has_order(_PLACEHOLDER.sub("$1", query)) or bool(_WITHIN.search(query))
    for settings in (QUIET,) if strict else (QUIET, {**QUIET, **_SMALL}):
        for name, value in settings.items():
            yield Statement(f"SET LOCAL {name} = '{value}'")
        root = plan.read(_document((yield Plan())))
        use = judged(root, known.index, known.members, ordered=ordered, own=settings is QUIET, strict=strict)
        if use.holds:
            return use
    if strict or not known.rivals or not use.instead:
        return use
    yield Statement(hide(known.rivals))
    root = plan.read(_document((yield Plan())))
    alone = judged(root, known.index, known.members, ordered=ordered, own=False)
    return _compared(use, alone) if alone.holds else use


def _compared(beside: Use, alone: Use) -> Use:
    """What is to be said of an index that is used where there are no others."""
    ours, theirs = alone.root.cost, beside.root.cost
    if ours <= theirs * _AS_GOOD:
        return alone
    return replace(
        beside, reason=f"{beside.reason}, and without the others it costs {ours:.4g} instead of {theirs:.4g}"
    )


def judged(
    root: Node, index: Index, members: Sequence[Index], *, ordered: bool, own: bool = True, strict: bool = False
) -> Use:
    """Whether the plan has a scan of the index that is worth something. Pure.

    It is, if it bounds the first key, or gives an order that is wanted, or the index is partial or not a btree:
    any index can be read as a whole. With `strict` that counts, too, since the planner has chosen it. Of a
    partitioned table, all partitions have to be read so.
    """
    used = tuple(scans_of(root, members))
    reason = _why_not(root, index, members, used)
    if not reason and not strict and not any(_is_of_worth(root, index, scan, ordered) for scan in used):
        first = f", {index.keys[0].expression}" if index.keys else ""
        reason = f"it is only read as a whole: no condition of the query bounds its first key{first}"
    names = {each.name for each in members}
    instead = tuple(dict.fromkeys(text for text, indexes in _read(root) if reason and not indexes & names))
    return Use(
        index=index.name, holds=not reason, root=root, reason=reason, instead=instead, own=own, ordered=ordered
    )


def _read(root: Node) -> Iterator[tuple[str, frozenset[str]]]:
    """The scans of tables, and which indexes each is by: "Bitmap Heap Scan on jobs (idx_jobs_user)"."""
    for node, text in scans(root):
        if node.kind == "Bitmap Heap Scan":
            indexes = frozenset(each.index for each in node.walk() if each.index)
            yield f"{text} ({', '.join(sorted(indexes))})", indexes
        elif node.relation:
            yield text, frozenset({node.index})


def _why_not(root: Node, index: Index, members: Sequence[Index], used: Sequence[Node]) -> str:
    tables = {(each.schema, each.table) for each in members} | {(index.schema, index.table)}
    if not index.valid:
        return "it is invalid, so that the planner leaves it out"
    if matches_nothing(root):
        return "the query contradicts itself or a constraint, so that nothing is read at all"
    if not any((node.schema, node.relation) in tables for node in root.walk()):
        return f"the query does not read {index.table}"
    if not used:
        return "no scan of the plan uses it"
    left = next(_partitions_without(root, members), "")
    return f"not all partitions are read by it: {left}" if left else ""


def _partitions_without(root: Node, members: Sequence[Index]) -> Iterator[str]:
    """Scans of partitions without the index, beside others that have it."""
    tables = {(each.schema, each.table) for each in members}
    for node in root.walk():
        if node.kind not in ("Append", "Merge Append"):
            continue
        own = {id(child): tuple(scans_of(child, members)) for child in node.inputs}
        if any(own.values()):
            for child in node.inputs:
                is_one = any((each.schema, each.relation) in tables for each in child.walk())
                if is_one and not own[id(child)]:
                    yield from (text for text, _ in _read(child))


def _is_of_worth(root: Node, index: Index, scan: Node, ordered: bool) -> bool:
    first = index.keys[0].expression if index.keys else ""
    if index.predicate or index.method != "btree" or first in bounded(scan, index):
        return True
    wanting = [root] if ordered else []
    wanting += [each for node in root.walk() if _wants_order(node, ordered) for each in node.inputs]
    return any(scan == source for each in wanting for source in order_sources(each))


def _wants_order(node: Node, ordered: bool) -> bool:
    """True of a node that is there because its rows come in order. (max() is a LIMIT 1 in a plan of its own.)"""
    if node.kind == "Limit":
        return ordered or node.parent_relationship == "InitPlan"
    return node.kind in _WANT_ORDER or (node.kind == "Aggregate" and node.strategy == "Sorted")


@cache
def _query() -> str:
    return files("pgproof.explain.asserted").joinpath("index.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """An index, all its parts, and the other indexes of the table that may be hidden."""

    index: Index
    members: tuple[Index, ...]
    rivals: tuple[Index, ...]


def _known(name: str, answer: object) -> _Known:
    told: dict[str, Any] = json.loads(str(answer))
    found = told["found"]
    if found is None:
        meant = nearest(name, told["names"] or ())
        hint = f'did you mean "{meant}"?' if meant else "name one that the migrations make"
        raise NoIndexError(Problem(message=f'there is no index "{name}" in this database', hint=hint))
    keys = tuple(Key(*each) for each in found.pop("keys") or ())
    index = Index(**found, keys=keys, unique=False, include=(), constraint=None, parent=None)
    return _Known(
        index=index,
        members=tuple(_member(index, *each) for each in told["members"]),
        rivals=tuple(_member(index, *each) for each in told["rivals"] or ()) if told["is_scratch"] else (),
    )


def _member(of: Index, schema: str, table: str, name: str) -> Index:
    return Index(
        schema=schema,
        table=table,
        name=name,
        method=of.method,
        unique=of.unique,
        valid=of.valid,
        keys=of.keys,
        include=(),
        predicate=of.predicate,
        constraint=None,
        parent=None,
        definition="",
    )


def _document(answer: object) -> Any:
    """EXPLAIN's JSON: some drivers have parsed it already."""
    return json.loads(answer) if isinstance(answer, str | bytes) else answer
