"""Puts the page together: `assets/page.html` with the styles, the data and the scripts in it.

Nothing that a user has named can become markup or code. The data is JSON in which all signs outside of ASCII are
escapes, and so are `<`, `>` and `&` (a `</script>` or `<!--` in it would end the element: "Restrictions for
contents of script elements" of the HTML standard). What cannot be seen, or turns the direction of text, is shown
as an escape. Where there is very much data it is packed, and the browser unpacks it (`DecompressionStream`,
https://compression.spec.whatwg.org: Chrome 80, Firefox 113, Safari 16.4). The page's own policy forbids every
request, and every script but those whose digests it has (https://www.w3.org/TR/CSP3/).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any
from zlib import compress

from pgproof.report.formats.shown import on_one_line, visible
from pgproof.report.html.data import data
from pgproof.report.html.document import Document

_LIBRARIES = (("dagre", "dagre.min.js"), ("uPlot", "uPlot.iife.min.js"))
_SCRIPTS = "elements layout diagram table_panel charts promises story drift findings search page".split()
_MOST = 1_000_000
"""So many characters of data are on the page as they are; thousands of tables have ten times as many."""
_AWAY = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def render(document: Document) -> str:
    """The page, with a final line feed: the same document gives the same bytes."""
    return page(data(document), document.report.command)


def page(content: dict[str, Any], title: str) -> str:
    """The page that shows this `content`, as `data` has made it."""
    scripts = list(_scripts())
    policy = " ".join(f"'sha256-{_digest(each)}'" for each in scripts)
    parts = {
        "title": escape(on_one_line(title)),
        "policy": escape(f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {policy}"),
        "styles": f"{_text('vendor/uPlot.min.css')}\n{_text('assets/page.css')}",
        "data": _element(written(content)),
        "scripts": "\n".join(f"<script>{each}</script>" for each in scripts),
    }
    text = _text("assets/page.html")
    found = []
    for piece in text.split("{{"):
        name, end, rest = piece.partition("}}")
        found.append(parts[name.strip()] + rest if end else piece)
    return "".join(found)


def _element(text: str) -> str:
    """The script element with the data: as JSON, or in zlib's format (RFC 1950) as base64."""
    if len(text) <= _MOST:
        return f'<script type="application/json" id="data">{text}</script>'
    packed = b64encode(compress(text.encode("ascii"), 9)).decode()
    return f'<script type="text/plain" id="data" data-packed="deflate">{packed}</script>'


def written(content: object) -> str:
    """The data as JSON that can stand in a script element."""
    text = json.dumps(_seen(content), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.translate(_AWAY)


def _seen(content: object) -> object:
    """The same with all that cannot be seen in texts as escapes."""
    if isinstance(content, str):
        return visible(content)
    if isinstance(content, dict):
        return {key: _seen(value) for key, value in content.items()}
    return [_seen(each) for each in content] if isinstance(content, list) else content


def _scripts() -> Iterator[str]:
    """The texts of the script elements: each library under its licence, then the page's own."""
    for name, file in _LIBRARIES:
        licence = _text(f"vendor/{name}.LICENSE").strip()
        yield f"\n/*! {name}\n\n{licence}\n*/\n{_text(f'vendor/{file}')}"
    own = "\n".join(_text(f"assets/{name}.js") for name in _SCRIPTS)
    yield f'\n(async () => {{\n"use strict";\n{own}\n}})();\n'


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


@cache
def _text(name: str) -> str:
    return files("pgproof.report.html").joinpath(name).read_text(encoding="utf-8")
