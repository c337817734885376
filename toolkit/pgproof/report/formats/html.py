"""A page of HTML with the findings alone; `pgproof report` has the whole of it."""

from __future__ import annotations

from pgproof.report.html import render as page
from pgproof.report.html.document import Document
from pgproof.report.model import Report


def render(report: Report) -> str:
    """The report as one page that needs nothing but itself, with a final line feed."""
    return page.render(Document(report=report))
