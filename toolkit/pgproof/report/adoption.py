"""What `adopt` came to, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.migrate.adopt import Adopted, Adoption

_MOST = 20
_FEW = 5


def adoption_text(result: Adoption) -> str:
    """For people: what was taken over and by whose word, what was proved, what is next."""
    width = max((len(each.migration.label) for each in result.adopted), default=0)
    lines = [result.database, f"by {result.source}:"]
    lines += [f"  {each.migration.label:{width}}{_when(each)}".rstrip() for each in result.adopted]
    if result.unlike:
        return "\n".join([*lines, *_unlike(result), ""])
    if result.proof:
        lines.append(f"proved: these files build just this catalog, on {result.proof}")
        lines += _aside(result)
    count = f"{_count(len(result.adopted))} {'adopted' if result.written else 'would be adopted'}"
    if not result.written:
        return "\n".join(
            [*lines, f"{count}, {len(result.pending)} pending", "nothing was changed (--dry-run)", ""]
        )
    following = "pgproof upgrade" if result.pending else "pgproof status"
    return "\n".join([*lines, f"{count}, {len(result.pending)} pending; next: {following}", ""])


def _unlike(result: Adoption) -> list[str]:
    lines = [f"not so: these files build another catalog, on {result.proof}"]
    lines += [f"  {each}" for each in result.unlike[:_MOST]]
    if len(result.unlike) > _MOST:
        lines.append(f"  and {len(result.unlike) - _MOST} more")
    return [
        *lines,
        "nothing was changed; bring the two together, name another version with --to, or take it so with --trust",
    ]


def _aside(result: Adoption) -> Iterator[str]:
    """What differs and keeps nobody from anything."""
    for what, lines in result.aside.items():
        yield f"but for {what}:"
        yield from (f"  {each}" for each in lines[:_FEW])
        if len(lines) > _FEW:
            yield f"  and {len(lines) - _FEW} more"


def _when(adopted: Adopted) -> str:
    if adopted.record is None or not adopted.record.at:
        return ""
    by = f" by {adopted.record.by}" if adopted.record.by else ""
    return f"  applied {adopted.record.at[:10]}{by}"


def _count(number: int) -> str:
    return "1 migration" if number == 1 else f"{number} migrations"
