"""Comments as the blocks that a reader sees."""

from __future__ import annotations

from pgproof.sql import comment, statement
from pgproof.sql.source import Source

TEXT = """\
-- ====
-- One é
--   indented
/* two,
 * boxed
 */
CREATE TABLE t ( -- beside
    -- before a
    a integer,

    -- apart

    -- before b
    b integer
);
-- last
"""


def test_blocks() -> None:
    source = Source("c.sql", TEXT)
    found = comment.blocks(statement.split(source))
    shown = [
        (
            [line.text for line in block.lines],
            TEXT[block.next : block.next + 6] if block.next else None,
            block.beside,
        )
        for block in found
    ]
    assert shown == [
        (["", "One é", "indented", "two,", "boxed", ""], "CREATE", False),
        (["beside"], "a inte", True),
        (["before a"], "a inte", False),
        (["apart"], "b inte", False),
        (["before b"], "b inte", False),
        (["last"], None, False),
    ]
    assert [str(line.place) for line in found[0].lines[1:5]] == [
        "c.sql:2:4",
        "c.sql:3:6",
        "c.sql:4:4",
        "c.sql:5:4",
    ]
    assert found[0].lines[2].place.width == len("indented")


def test_names() -> None:
    from pgproof.sql.name import apart, nearest, qualified, quote

    assert [quote(n) for n in ("a", "A", "order", 'q"q', "näme", "a b", "1a")] == [
        "a", '"A"', '"order"', '"q""q"', '"näme"', '"a b"', '"1a"',
    ]  # fmt: skip
    assert qualified("public", "Order") == 'public."Order"'
    assert apart("o.t") == ("o", "t")
    assert apart('"O.p"."say ""hi"""') == ("O.p", 'say "hi"')
    assert apart("integer") == ("integer",)
    assert nearest("idx_jobs_agent_id", ["idx_jobs_agents", "idx_jobs_agent_id_created_at"]) == (
        "idx_jobs_agent_id_created_at"
    )
    assert nearest("xyz", ["abc"]) is None
