"""That a query does not use an index, in words."""

from __future__ import annotations

import textwrap

from pgproof.explain.asserted.use import Use
from pgproof.explain.telling import told
from pgproof.report.tree import render


def unused(found: Use) -> str:
    """Why it does not, what is read instead, and the plan."""
    under = "as the server makes it now" if found.own else "with sequential scans closed and pages for free"
    lines = [f"the query does not use {found.index}: {found.reason}"]
    if found.instead:
        lines.append(f"instead: {', '.join(found.instead)}")
    tree = render(told(found.root, ordered=found.ordered))
    return "\n".join([*lines, f"the plan, {under}:", textwrap.indent(tree.rstrip(), "  ")])
