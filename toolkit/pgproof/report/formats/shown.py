"""What formats have alike: what a finding says in one text, and which characters are shown."""

from __future__ import annotations

from pgproof.finding import Finding, Verdict


def visible(text: str) -> str:
    r"""`text` with what cannot be seen as escapes: `\u202e` would turn round what stands behind it.

    Line feeds and tabs stay. What is left can stand in XML 1.0 (https://www.w3.org/TR/xml/#charsets).
    """
    if text.isprintable():
        return text
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


def _escape(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
