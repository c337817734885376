"""All rules, found by looking: a rule is a module of this package that holds a `RULE`."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from inspect import cleandoc

import pgproof.rules
from pgproof.contract.clause import Clauses
from pgproof.finding import Finding
from pgproof.rules.rule import Evidence, Rule


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    modules = [
        import_module(f"pgproof.rules.{info.name}") for info in pkgutil.iter_modules(pgproof.rules.__path__)
    ]
    return tuple(sorted((m.RULE for m in modules if hasattr(m, "RULE")), key=lambda rule: rule.code))


@lru_cache(maxsize=1)
def clauses() -> Clauses:
    """Every promise that a rule judges."""
    return Clauses(tuple(clause for rule in rules() for clause in rule.clauses))


def words(family: str) -> frozenset[str]:
    """Codes and names of the rules whose codes begin so."""
    return frozenset(word for rule in rules() if rule.code.startswith(family) for word in (rule.code, rule.name))


def page(rule: Rule) -> str:
    """What there is to read about a rule: the docstring of its module."""
    return cleandoc(import_module(rule.judge.__module__).__doc__ or "")


def judge(evidence: Evidence) -> Iterator[Finding]:
    """What all rules find."""
    for rule in rules():
        yield from rule.judge(evidence)
