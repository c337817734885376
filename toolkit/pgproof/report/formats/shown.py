"""What formats have alike: what a finding says in one text, what identifies it, and which characters are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from pgproof.finding import Finding, Verdict


def visible(text: str) -> str:
    r"""`text` with what cannot be seen as escapes: `\u202e` would turn round what stands behind it.

    Line feeds and tabs stay. What is left can stand in XML 1.0 (https://www.w3.org/TR/xml/#charsets).
    """
    return "".join(char if char in "\t\n" or char.isprintable() else _escape(char) for char in text)


def on_one_line(text: str) -> str:
    """`text` as `visible` has it, with all white space as blanks."""
    return " ".join(visible(text).split())


def headline(finding: Finding) -> str:
    """The message on one line; of what could not be told, that comes first."""
    words = on_one_line(finding.message)
    return f"cannot tell: {words}" if finding.verdict is Verdict.UNKNOWN else words


def body(finding: Finding) -> str:
    """Detail, hint, further places and why it is accepted, a paragraph each; "" if there is none of them."""
    parts = [visible(finding.detail)] if finding.detail else []
    if finding.hint:
        parts.append(f"hint: {visible(finding.hint)}")
    parts += [f"see {on_one_line(str(place))}" for place in finding.related]
    if finding.accepted:
        at = on_one_line(str(finding.accepted.place))
        parts.append(f"accepted: {visible(finding.accepted.because)} ({at})")
    return "\n".join(parts)


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Findings, each with what identifies it from one run to the next: "39fa2ee980eb94b0:1".

    It is made of code and object, and does not change when lines move or a message is worded in another way. Of
    several with the same the number behind the colon tells which.
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        digest = sha256(f"{finding.code}\0{finding.object}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[digest] += 1
        yield finding, f"{digest}:{seen[digest]}"


def _escape(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
