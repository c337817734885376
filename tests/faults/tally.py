"""How many faults were injected, and how many of them were survived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

PROPERTY = "faults"


@dataclass(slots=True)
class Tally:
    """Counts by kind of fault, and what went wrong, in words."""

    injected: Counter[str] = field(default_factory=Counter)
    survived: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def note(self, kind: str, wrong: str, times: int = 1) -> None:
        """A fault was injected; `wrong` is empty if it was survived."""
        kind = str(kind)  # of exactly this type: pytest-xdist sends no other
        self.injected[kind] += times
        if wrong:
            self.failures.append(f"{kind}: {wrong}")
        else:
            self.survived[kind] += times

    def check(self) -> None:
        """Fail with all that went wrong."""
        shown = "\n\n".join(self.failures[:12])
        assert not self.failures, f"{len(self.failures)} of {self.injected.total()} not survived\n\n{shown}"

    def properties(self) -> list[tuple[str, tuple[str, int, int]]]:
        """For pytest's reports, which also come from other processes."""
        return [(PROPERTY, (kind, count, self.survived[kind])) for kind, count in self.injected.items()]


def table(properties: Iterable[tuple[str, object]]) -> list[str]:
    """The lines of the table of all that was counted."""
    injected: Counter[str] = Counter()
    survived: Counter[str] = Counter()
    for name, value in properties:
        if name == PROPERTY and isinstance(value, tuple | list):
            kind, count, good = value
            injected[kind] += count
            survived[kind] += good
    if not injected:
        return []
    width = max(map(len, injected))
    lines = [
        f"{kind:{width}}  {count:6} injected  {survived[kind]:6} survived"
        for kind, count in sorted(injected.items())
    ]
    return [*lines, f"{'in all':{width}}  {injected.total():6} injected  {survived.total():6} survived"]
