"""checks/profile.toml: tests/cases/profile/*.toml beside what is read from them, or what is said against them.

`python -m tests.contract.test_profile` writes the second halves; read them before you commit them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgproof.contract import profile
from pgproof.contract.profile import SIZES, Profile
from pgproof.errors import InputError

_CASES = sorted((Path(__file__).parents[1] / "cases" / "profile").glob("*.toml"))


def shown(path: Path) -> str:
    """What is read from a profile, a figure a line, or its mistakes."""
    try:
        return "\n".join(_lines(profile.read(path.name, path.read_text()))) + "\n"
    except InputError as error:
        return f"{error}\n"


def _lines(read: Profile) -> Iterator[str]:
    yield f"sizes {' '.join(f'{size:g}' for size in read.sizes)}"
    yield from [f"statistics {read.statistics}"] if read.statistics else []
    for name, figures in read.figures.items():
        for each in figures:
            yield f"{name} {each.of.text} {' '.join(f'{v:g}' for v in each.values)}  {each.of.place}"
    for share in read.shares:
        yield f"share {share.of.text} {share.value.text} {share.share:g}  {share.value.place}"
    for setting in read.settings:
        yield f"setting {setting.name.text} {setting.value}  {setting.name.place}"


@pytest.mark.parametrize("path", _CASES, ids=lambda path: path.stem)
def test_what_is_read(path: Path) -> None:
    assert shown(path) == path.with_suffix(".txt").read_text()


def test_nothing_has_to_be_said(tmp_path: Path) -> None:
    assert profile.load(tmp_path / profile.NAME) == Profile()
    assert Profile().sizes == SIZES


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("sizes = [1,\n", 2, 1),
        ("a = 1\n\nb ! 2\n", 3, 3),
        ("[rows\n", 1, 6),
        ("[rows]\njobs = 1\njobs = 2\n", 3, 9),
    ],
)
def test_what_is_no_toml_is_placed(text: str, line: int, column: int) -> None:
    with pytest.raises(InputError) as raised:
        profile.read("p.toml", text)
    place = raised.value.problems[0].place
    assert place is not None
    assert (place.line, place.column) == (line, column)


def test_a_key_within_an_inline_table_is_placed_at_it() -> None:
    with pytest.raises(InputError, match=r"p\.toml:2:1: rows"):
        profile.read("p.toml", "\nrows = { jobs = -1 }\n")


def test_a_folder_or_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        profile.load(tmp_path)
    (tmp_path / "p.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not UTF-8"):
        profile.load(tmp_path / "p.toml")


def test_figures_between_two_sizes_lie_between_theirs() -> None:
    read = profile.read("p.toml", 'sizes = [1e4, 1e6]\n[rows]\na = [10, 1000]\n[fan_out]\n"j.a" = 7')
    for size, place, rows in ((1e5, 1, 100.0), (1e3, 0, 10.0), (1e8, 2, 1000.0)):
        found = read.with_size(size)
        assert found.sizes[place] == size
        assert found.rows[0].values[place] == pytest.approx(rows)
        assert found.fan_out[0].values == (7, 7, 7)
    assert read.with_size(1e6) is read


if __name__ == "__main__":
    for case in _CASES:
        case.with_suffix(".txt").write_text(shown(case))
