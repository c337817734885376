"""A schema as it is when what has another name in the target has that name: renamed on a clone, and read there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgproof.catalog.fact import Facts
from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.database.scratch import ScratchServer
from pgproof.drift.planner.plan import Repair, Statement
from pgproof.drift.planner.renames import Rename, decided, in_turn, is_name_alone, proposals
from pgproof.errors import DatabaseError
from pgproof.flows.clone import Clone, clone, ownerless, read
from pgproof.flows.sides import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """The facts with the new names, what has been renamed, and what else may be a renaming."""

    facts: Facts
    renames: tuple[Rename, ...] = ()
    proposals: tuple[Rename, ...] = ()

    def before(self, plan: Repair) -> Repair:
        """The plan with the renamings in front of it."""
        first = [Statement(sql=each.sql, about=each.about) for each in self.renames]
        if not first:
            return plan
        apart = 0 if plan.is_one_transaction else 1
        return replace(plan, statements=(*first, *(_moved(each, apart) for each in plan.statements)))

    def behind(self, plan: Repair) -> Repair:
        """The plan of the way back, which ends with the old names."""
        last = max((each.transaction or 0 for each in plan.statements), default=1)
        number = last if plan.is_one_transaction else last + 1
        back = [
            Statement(sql=each.back, about=each.about, transaction=number or 1) for each in reversed(self.renames)
        ]
        return replace(plan, statements=(*plan.statements, *back))


def renamed(server: ScratchServer, source: Side, target: Facts, words: Sequence[str]) -> Renamed:
    """Rename what `words` say ("public.t.a=b"), then indexes and constraints that have another name alone.

    Raises InputError where the words do not fit the two schemas, DatabaseError where the server refuses.
    """
    may_be = proposals(source.facts, target)
    if not words and not any(is_name_alone(each) for each in may_be):
        return Renamed(facts=source.facts, proposals=may_be)
    facts = source.facts
    asked: list[Rename] = []
    with clone(server, source.facts, source.template) as copy:
        for word in in_turn(words):
            asked.append(decided(word, facts, target, asked))
            with failure.told():
                copy.conn.execute(asked[-1].sql.encode())
            facts = _facts(copy, source)
        along = [each for each in proposals(facts, target) if is_name_alone(each) and _goes(copy.conn, each)]
        if along:
            facts = _facts(copy, source)
    left = tuple(each for each in proposals(facts, target) if not is_name_alone(each))
    return Renamed(facts=facts, renames=(*asked, *along), proposals=left)


def _goes(conn: Connection, rename: Rename) -> bool:
    """True if the server does it; else it is made anew."""
    try:
        with failure.told():
            conn.execute(rename.sql.encode())
    except DatabaseError:
        return False
    return True


def _facts(copy: Clone, source: Side) -> Facts:
    """What the clone holds now, and what it could not hold as the source does."""
    found = read(copy.conn)
    if _is_ownerless(source.facts):
        found = ownerless(found)
    elif source.role:
        found = ownerless(found, lambda fact: found.value(fact, "owner") == source.role)
    kept = {key: fact for key, fact in source.facts.facts.items() if key in copy.lacking}
    facts = {key: fact for key, fact in found.facts.items() if key not in copy.lacking or key in kept}
    needs = {**found.needs, **{key: source.facts.needs[key] for key in kept if key in source.facts.needs}}
    return replace(found, facts={**facts, **kept}, needs=needs)


def _is_ownerless(facts: Facts) -> bool:
    return all(
        facts.value(fact, "owner") is None for fact in facts if "owner" in facts.words.get(fact.catalog, ())
    )


def _moved(statement: Statement, apart: int) -> Statement:
    number = statement.transaction
    return statement if number is None else replace(statement, transaction=number + apart)
