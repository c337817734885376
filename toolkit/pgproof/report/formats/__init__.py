"""One file per format of other people's tools: a report in, text out. None decides what is open; `model` does."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgproof.report.model import Report

FORMATS: Mapping[str, str] = {
    "text": "pgproof.report.terminal",
    "json": "pgproof.report.json",
    "junit": "pgproof.report.formats.junit",
    "sarif": "pgproof.report.formats.sarif",
    "github": "pgproof.report.formats.github",
    "gitlab": "pgproof.report.formats.gitlab",
    "markdown": "pgproof.report.formats.markdown",
    "html": "pgproof.report.formats.html",
}
"""The module that renders each format."""


def rendered(report: Report, form: str) -> str:
    """The report in a format of these, for whatever reads it: without colours, and as wide as it is."""
    module = import_module(FORMATS[form])
    text = module.render(report, module.Look()) if form == "text" else module.render(report)
    assert isinstance(text, str)
    return text
