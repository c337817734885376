"""What a command has to tell: verdicts, and on what they were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from pgproof.errors import Problem
from pgproof.finding import Finding, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """On what the verdicts were found.

    `server` is the server's name and version ("PostgreSQL 15.14"), `provider` where it came from ("local
    binaries in /usr/lib/postgresql/15/bin"), `mode` is "scratch" or "live", `database` its name or address without
    a password. `counts` are what was looked at, with nouns in the singular: ("migration", 5). `said` are
    sentences about what the verdicts rest on.
    """

    server: str
    mode: str
    provider: str = ""
    database: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What there is to read about the findings of one code: the first sentence is what should be."""

    code: str
    name: str
    text: str

    @property
    def title(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.partition("\n\n")[0].split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many verdicts of each kind: open ones that fail or are unknown, accepted ones, those that hold.

    In a strict report accepted findings are open too, and counted in both.
    """

    fails: int
    unknown: int
    accepted: int
    holds: int

    @property
    def open(self) -> int:
        """Findings that somebody has to act on."""
        return self.fails + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What ended a command before it was done, and the exit code that it ended with."""

    problems: tuple[Problem, ...]
    exit_code: int


class State(StrEnum):
    """How a finding stands to those of before; SARIF has these words for it (3.27.24)."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What was found before, by fingerprints; `path` is the file that says so."""

    path: str
    findings: Mapping[str, Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that `command` found, by place and code. With `strict`, accepted findings are shown as open.

    `pages` explain the codes, for formats that have room for that. With `by_object`, all that is said of an object
    is one test, whatever the codes; `seconds` are how long objects took, as far as that is known. With a
    `failure`, findings are what was found until then. `base` is what was found before, to be compared with.
    Passwords in findings are masked.
    """

    command: str
    about: About
    findings: tuple[Finding, ...]
    strict: bool = False
    pages: tuple[Page, ...] = ()
    by_object: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    base: Base | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "findings", tuple(sorted((each.hidden() for each in self.findings), key=_order)))

    @property
    def open(self) -> tuple[Finding, ...]:
        """Findings that somebody has to act on."""
        return tuple(f for f in self.findings if f.verdict is not Verdict.HOLDS and (self.strict or f.is_open))

    @property
    def verdict(self) -> str:
        """What it comes to, for a headline: "3 open", "nothing is open", "nothing is open but 1 note"."""
        if self.is_only_noted:
            return f"nothing is open but {counted(len(self.open), Severity.NOTE.value)}"
        return f"{len(self.open)} open" if self.open else "nothing is open"

    @property
    def is_only_noted(self) -> bool:
        """True if there are notes, and nothing that counts for the exit code."""
        return bool(self.open) and all(each.severity is Severity.NOTE for each in self.open)

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """Findings that are shown as accepted: none in a strict report."""
        return () if self.strict else self._accepted

    @property
    def holds(self) -> tuple[Finding, ...]:
        """What was judged and holds."""
        return tuple(f for f in self.findings if f.verdict is Verdict.HOLDS)

    @property
    def summary(self) -> Summary:
        """The verdicts, counted."""
        fails = sum(f.verdict is Verdict.FAILS for f in self.open)
        return Summary(
            fails=fails,
            unknown=len(self.open) - fails,
            accepted=len(self._accepted),
            holds=len(self.holds),
        )

    @property
    def marked(self) -> tuple[tuple[Finding, str], ...]:
        """What fails or could not be told, each with what identifies it from one run to the next.

        That is "39fa2ee980eb94b0:1", made of code and object: it does not change when lines move or a message is
        worded in another way. Of several with the same the number behind the colon tells which.
        """
        return tuple(fingerprinted(f for f in self.findings if f.verdict is not Verdict.HOLDS))

    def state(self, finding: Finding, mark: str) -> State | None:
        """How a finding stands to what was found before; None where there is nothing to compare with."""
        if self.base is None:
            return None
        before = self.base.findings.get(mark)
        if before is None:
            return State.NEW
        return State.UNCHANGED if _said(before) == _said(finding) else State.UPDATED

    @property
    def new(self) -> tuple[Finding, ...]:
        """What is open and was not found before."""
        found = {id(each) for each, mark in self.marked if self.state(each, mark) is State.NEW}
        return tuple(each for each in self.open if id(each) in found)

    @property
    def fixed(self) -> tuple[tuple[Finding, str], ...]:
        """What was found before, accepted or not, and is not any more."""
        if self.base is None:
            return ()
        found = {mark for _, mark in self.marked}
        return tuple((each, mark) for mark, each in self.base.findings.items() if mark not in found)

    @property
    def compared(self) -> str:
        """What is new, still there and gone, in one line; "" where there is nothing to compare with."""
        if self.base is None:
            return ""
        new, gone = len(self.new), len(self.fixed)
        return f"compared with {self.base.path}: {new} new, {len(self.open) - new} still there, {gone} gone"

    @property
    def _accepted(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.verdict is not Verdict.HOLDS and f.accepted is not None)


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 index", "2 indexes", "3 queries"."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The regular English plural."""
    if noun.endswith(("x", "s", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def severities(findings: tuple[Finding, ...]) -> tuple[tuple[Severity, int], ...]:
    """How many failing findings there are of each severity, worst first, without zeros."""
    failing = [f.severity for f in findings if f.verdict is Verdict.FAILS]
    return tuple((severity, failing.count(severity)) for severity in Severity if severity in failing)


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Findings, each with its fingerprint (`Report.marked`)."""
    seen: Counter[str] = Counter()
    for finding in findings:
        digest = sha256(f"{finding.code}\0{finding.object}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[digest] += 1
        yield finding, f"{digest}:{seen[digest]}"


def _said(finding: Finding) -> tuple[object, ...]:
    return finding.verdict, finding.severity, finding.message, finding.accepted is None


def _order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    place = finding.place
    return place.path, place.line, place.column, finding.code, finding.object, finding.message
