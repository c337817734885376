"""The report as a person reads it: what fails first, then what was accepted, what holds, and how many of each.

Everything is said in words; symbols and colours only repeat it. Text of users is never read as markup.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from pgproof.finding import Finding, Verdict
from pgproof.place import Place
from pgproof.report.model import Report, counted, severities

_FAMILIES = {
    "MIG": "Migrations",
    "HIS": "History",
    "LCK": "Locks",
    "REV": "Reversibility",
    "CAT": "Tables, columns and indexes",
    "CON": "Constraints",
    "DOC": "Comments",
    "QRY": "Queries",
    "PLN": "Queries",
    "DRF": "Drift",
}
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan", "unknown": "bold magenta"}
_SYMBOLS = {"error": "✗", "warning": "▲", "note": "•", "unknown": "?", "accepted": "~", "holds": "✓", "bar": "│"}
_PLAIN = {"error": "x", "warning": "!", "note": "-", "unknown": "?", "accepted": "~", "holds": "+", "bar": "|"}
_COLUMN = "CAT103"
_MOST_OF_A_FAMILY = 24
_WIDEST_PROSE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the text may look: colours or not, wrapped at `width` columns or (None) not at all, and its encoding."""

    color: bool = False
    width: int | None = None
    encoding: str = "utf-8"

    @property
    def is_unicode(self) -> bool:
        """Whether symbols beyond ASCII can be shown."""
        return self.encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig", "utf16", "utf32")


def render(report: Report, look: Look, *, everything: bool = False) -> str:
    """The report as text for a terminal or a pipe, ending with a line feed.

    Without `everything`, at most 24 objects of each kind that holds are named; the others are counted.
    """
    return _printed(_View(look, everything).lines(report), look)


def render_finding(finding: Finding, look: Look) -> str:
    """One open finding, as it stands in a report: place, message, the author's line with carets, detail, hint."""
    return _printed(_View(look, everything=True).finding(finding), look)


def _printed(lines: Iterable[Text], look: Look) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=look.color,
        color_system="standard" if look.color else None,
        no_color=not look.color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        width=look.width or 10_000,
        _environ={},
    )
    for line in lines:
        line.rstrip()
        console.print(line, soft_wrap=True)
    return stream.getvalue()


class _View:
    """Lays out one report for one look."""

    def __init__(self, look: Look, everything: bool) -> None:
        self._width = look.width
        self._prose = look.width and min(look.width, _WIDEST_PROSE)
        self._symbols = _SYMBOLS if look.is_unicode else _PLAIN
        self._dot = " · " if look.is_unicode else ", "
        self._ellipsis = "…" if look.is_unicode else "..."
        self._everything = everything
        self._encoding = look.encoding

    def lines(self, report: Report) -> Iterator[Text]:
        yield from self._head(report)
        for path, findings in groupby(report.open, key=lambda finding: finding.place.path):
            yield Text()
            yield Text(self._clean(path), "bold")
            for finding in findings:
                yield Text()
                yield from self.finding(finding)
        yield from self._accepted(report.accepted)
        yield from self._holds(report.holds)
        yield Text()
        yield self._closing(report)

    def _head(self, report: Report) -> Iterator[Text]:
        about = report.about
        first = Text.assemble((f"pgproof {report.command}", "bold"), self._dot, self._clean(about.server))
        if about.provider:
            first.append(f" ({self._clean(about.provider)})")
        yield from self._wrapped(first, "  ")
        counts = [counted(number, noun) for noun, number in about.counts]
        target = [about.database] if about.database else []
        if counts or target:
            yield from self._wrapped(Text(self._dot.join([*target, *counts]), "dim"), "  ")
        for sentence in about.said:
            yield from self._wrapped(Text(self._clean(sentence), "dim"), "  ")

    def finding(self, finding: Finding) -> Iterator[Text]:
        kind = "unknown" if finding.verdict is Verdict.UNKNOWN else finding.severity.value
        yield Text.assemble(
            (f"{self._symbols[kind]} {kind}", _STYLES[kind]),
            "  ",
            (self._clean(str(finding.place)), "cyan"),
            "  ",
            (finding.code, "bold"),
            f" {finding.name}",
        )
        yield from self._wrapped(Text(f"  {self._clean(finding.message)}", "bold"), "  ")
        yield from self._source(finding.place, _STYLES[kind])
        yield from self._paragraph("", finding.detail)
        yield from self._paragraph("hint: ", finding.hint)
        for place in finding.related:
            yield from self._related(place)
        if finding.accepted:
            yield from self._paragraph("accepted: ", f"{finding.accepted.because} ({finding.accepted.place})")

    def _source(self, place: Place, style: str) -> Iterator[Text]:
        """The author's line with carets below, cut to the width around them."""
        if not place.text:
            return
        before, under, behind = _cut(place, self._clean, self._width and self._width - 4, self._ellipsis)
        bar = (f"  {self._symbols['bar']} ", "dim")
        yield Text.assemble(bar, before, under, behind)
        carets = "^" * max(1, cell_len(under))
        yield Text.assemble(bar, " " * cell_len(before), (carets, style))

    def _related(self, place: Place) -> Iterator[Text]:
        text = f"  see {place}"
        if place.text:
            text += f"  {place.text.strip()}"
        line = Text(self._clean(text), "dim")
        if self._width:
            line.truncate(self._width, overflow="ellipsis" if self._ellipsis == "…" else "crop")
        yield line

    def _accepted(self, findings: Sequence[Finding]) -> Iterator[Text]:
        if not findings:
            return
        yield Text()
        yield Text(f"Accepted ({len(findings)})", "bold")
        for finding in findings:
            assert finding.accepted is not None
            line = Text.assemble(
                (f"  {self._symbols['accepted']} ", "yellow"),
                (f"{finding.code} {self._clean(finding.object)}", "bold"),
                f" at {self._clean(str(finding.place))}, because {self._clean(finding.accepted.because)}",
            )
            yield from self._wrapped(line, "      ")

    def _holds(self, findings: Sequence[Finding]) -> Iterator[Text]:
        if not findings:
            return
        yield Text()
        yield Text(f"Holds ({len(findings)})", "bold")
        families = sorted(findings, key=lambda finding: _rank(finding.code))
        for rank, group in groupby(families, key=lambda finding: _rank(finding.code)):
            yield Text(f"  {rank[1]}", "dim")
            yield from self._family(list(group))

    def _family(self, findings: list[Finding]) -> Iterator[Text]:
        lines = _sentences(findings) if self._everything else _sentences(_by_table(findings))
        most = len(lines) if self._everything else _MOST_OF_A_FAMILY
        for sentence in lines[:most]:
            line = Text.assemble((f"  {self._symbols['holds']} ", "green"), self._clean(sentence))
            yield from self._wrapped(line, "      ")
        if len(lines) > most:
            yield Text(f"    {self._ellipsis} and {len(lines) - most} more (named with --verbose)", "dim")

    def _closing(self, report: Report) -> Text:
        summary = report.summary
        kinds = [counted(number, severity.value) for severity, number in severities(report.open)]
        if summary.unknown:
            kinds.append(f"{summary.unknown} unknown")
        words = f"{summary.open} open" + (f" ({', '.join(kinds)})" if kinds else "")
        accepted = f"{summary.accepted} accepted" + (
            " (shown as open)" if report.strict and summary.accepted else ""
        )
        symbol = self._symbols["error" if summary.fails else "unknown" if summary.unknown else "holds"]
        style = _STYLES["error" if summary.fails else "unknown"] if summary.open else "bold green"
        if report.is_only_noted:
            symbol, style = self._symbols["note"], _STYLES["note"]
        hold = f"{summary.holds} {'holds' if summary.holds == 1 else 'hold'}"
        return Text.assemble((f"{symbol} {words}", style), self._dot, accepted, self._dot, hold)

    def _paragraph(self, label: str, text: str) -> Iterator[Text]:
        """Text under a finding; lines that the author of the text has broken stay broken."""
        for number, part in enumerate(self._clean(text).replace("\t", "    ").splitlines()):
            line = Text(f"  {label if not number else ' ' * len(label)}{part}")
            if label and not number:
                line.stylize("bold", 2, 2 + len(label))
            yield from self._wrapped(line, "  " + " " * len(label))

    def _wrapped(self, line: Text, indent: str) -> Iterator[Text]:
        """The line broken at blanks to fit the width, further lines indented; styles are kept."""
        plain = line.plain
        if self._prose is None or cell_len(plain) <= self._prose:
            yield line
            return
        lead = len(plain) - len(plain.lstrip())
        rows = textwrap.wrap(
            plain[lead:],
            max(20, self._prose - max(lead, len(indent))),
            break_long_words=False,
            expand_tabs=False,
            replace_whitespace=False,
            break_on_hyphens=False,
        )
        at = lead
        for number, row in enumerate(rows):
            at = plain.index(row[:1], at) if row else at
            piece = line[at : at + len(row)]
            yield Text.assemble(plain[:lead] if not number else indent, piece)
            at += len(row)

    def _clean(self, text: str) -> str:
        """`text` without what would steer a terminal or what the encoding lacks: both are shown as escapes."""
        shown = text.encode(self._encoding, "backslashreplace").decode(self._encoding)
        return "".join(char if char in "\t\n" or char.isprintable() else f"\\x{ord(char):02x}" for char in shown)


def _rank(code: str) -> tuple[int, str]:
    """Where findings of a code's family stand, and under which heading."""
    titles = list(dict.fromkeys(_FAMILIES.values()))
    title = _FAMILIES.get(code[:3], code[:3])
    return (titles.index(title) if title in titles else len(titles), title)


def _by_table(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, with those that say of each column of a table that it is as declared put into one."""
    columns: dict[str, list[str]] = {}
    kept: dict[str, Finding] = {}
    for finding in findings:
        table, _, column = finding.object.rpartition(".")
        if finding.code != _COLUMN or not table:
            kept[f"{finding.code} {finding.object} {finding.message}"] = finding
            continue
        kept.setdefault(table, finding)
        columns.setdefault(table, []).append(column)
    for key, finding in kept.items():
        if key not in columns or len(columns[key]) == 1:
            yield finding
        else:
            message = f"columns of {key} are as declared: {', '.join(columns[key])}"
            yield replace(finding, object=key, message=message)


def _sentences(findings: Iterable[Finding]) -> list[str]:
    """One sentence an object: what is said of it, without saying its name again."""
    by_object: dict[str, list[str]] = {}
    for finding in findings:
        messages = by_object.setdefault(finding.object, [])
        if finding.message not in messages:
            messages.append(finding.message)
    return [_sentence(messages) for messages in by_object.values()]


def _sentence(messages: list[str]) -> str:
    words = [message.split(" ") for message in messages]
    same = 0
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        same += 1
    return "; ".join([messages[0], *(" ".join(rest[same:]) for rest in words[1:])])


def _cut(place: Place, clean: Callable[[str], str], width: int | None, ellipsis: str) -> tuple[str, str, str]:
    """The line before, under and behind the carets, with tabs as blanks, cut to `width` columns if given."""
    text = place.text
    start = min(place.column - 1, len(text))
    end = min(start + place.width, len(text))
    before, under, behind = (
        clean(part).replace("\t", "    ") for part in (text[:start], text[start:end], text[end:])
    )
    lead = len(before) - len(before.lstrip())
    before = before[lead:] if before.strip() else before[: min(lead, 4)]
    if width is None or cell_len(before + under + behind) <= width:
        return before, under, behind
    if cell_len(under) > width - 8:
        under, behind = under[: width - 8], ellipsis
    room = max(0, width - cell_len(under) - 2 * len(ellipsis))
    keep = min(len(before), max(room // 2, room - len(behind)))
    if keep < len(before):
        before = ellipsis + before[len(before) - keep :]
    room -= keep
    if len(behind) > room + len(ellipsis):
        behind = behind[:room] + ellipsis
    return before, under, behind
