"""What the documents say can be checked: links lead somewhere, the map shows the rooms that are there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from pgproof.cli.root import COMMANDS, root
from pgproof.drift.code import MEANINGS, Code
from pgproof.errors import CannotTell, DatabaseError, InputError
from pgproof.rules.registry import rules
from pgproof.settings.project import Project
from pgproof.settings.setting import SETTINGS
from tests.house.generated import DOCUMENTS, PARTS, refreshed
from tests.house.repository import PACKAGE, TOP, package_modules, tracked
from tests.house.test_commands import understood

README = TOP / "README.md"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ROOM_ROW = re.compile(r"^\| `(\w+)/` \|", re.MULTILINE)
FILE_NAME = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
FENCE = re.compile(r"^```(?:sh|console|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# behind words of a shell, of YAML (`- run: `) or of TOML (`build = "`); not in the middle of an address or a path
TYPED = re.compile(r"(?<![\w./-])pgproof (?!\w*\.)[a-z-](?:[^\n|;&>\"\']|\"[^\"]*\"|\'[^\']*\')*")
COMMAND = re.compile(r"^<!-- command: (\w+) -->\n```sh\n(.+)\n```$", re.MULTILINE)
# written with placeholders or of somebody else's repository
NOT_OURS = re.compile(r"^(https?|mailto):|^(usr|var|dev|etc|home)/|@|\.venv/")


def documents() -> list[str]:
    """The tracked Markdown files."""
    return [path for path in tracked() if path.endswith(".md")]


def headings(text: str) -> set[str]:
    """The anchors that a Markdown file's headings make."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def dead_links(path: Path) -> list[str]:
    """Links of a Markdown file to files, folders or headings that are not there."""
    dead = []
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        if NOT_OURS.match(link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in headings(target.read_text(encoding="utf-8"))):
            dead.append(link)
    return dead


def test_links_lead_somewhere() -> None:
    dead = {path: dead_links(TOP / path) for path in documents()}
    assert {path: links for path, links in dead.items() if links} == {}


def test_every_page_has_its_place_in_the_site() -> None:
    docs = TOP / "toolkit" / "docs"
    site = (TOP / "toolkit" / "mkdocs.yml").read_text(encoding="utf-8")
    pages = sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
    assert sorted(re.findall(r"[\w/-]+\.md\b", site.partition("\nnav:")[2])) == pages


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("# One two\n[a](#one-two) [b](#three) [c](a.md) [d](b.md) [e](https://example.com)")
    assert dead_links(document) == ["#three", "b.md"]


def test_the_map_shows_the_rooms_that_are_there() -> None:
    text = (TOP / "toolkit" / "README.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(ROOM_ROW.findall(text)) == rooms
    picture = text.partition("```")[2].partition("```")[0]
    assert {room for room in rooms if not re.search(rf"\b{room}\b", picture)} == set()


def typed(text: str) -> list[str]:
    """The commands of ours in blocks for a shell, and in those of files that have commands."""
    lines: list[str] = []
    for block in FENCE.finditer(text):
        if block[0].startswith("```console"):
            prompts = re.findall(r"^\$ ((?:.*\\\n)*.*)", block[1], re.MULTILINE)
            lines += [each.replace("\\\n", " ") for each in prompts]
        elif block[0].startswith(("```sh", "```yaml")):
            lines += re.sub(r"(?m)(^|\s)#.*", "", block[1].replace("\\\n", " ")).splitlines()
    return [command.strip() for line in lines for command in TYPED.findall(line)]


def test_commands_can_be_typed_as_documents_have_them() -> None:
    for path in documents():
        for line in typed((TOP / path).read_text(encoding="utf-8")):
            try:
                understood(line)
            except (click.ClickException, ValueError) as error:
                pytest.fail(f"{path}: {line}: {error}")


def test_a_command_that_cannot_be_typed_is_seen() -> None:
    text = "```sh\nA=1 pgproof check --strict && pgproof drift \\\n  --nonsense # pgproof no\n```\n"
    assert typed(text) == ["pgproof check --strict", "pgproof drift    --nonsense"]
    assert understood("pgproof check --strict | cat").name == "check"
    with pytest.raises(click.NoSuchOption):
        understood("pgproof drift   --nonsense")


@pytest.mark.parametrize("document", ["README.md", "toolkit/README.md", "tests/README.md"])
def test_files_that_are_named_are_there(document: str) -> None:
    text = (TOP / document).read_text(encoding="utf-8")
    places = (TOP, PACKAGE, (TOP / document).parent)
    named = {name for name in FILE_NAME.findall(text) if not NOT_OURS.search(name)}
    assert {name for name in named if not any((place / name).exists() for place in places)} == set()


def test_generated_parts_are_as_they_have_to_be_now() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    stale = [path for path, text in texts.items() if refreshed(text) != text]
    assert stale == [], "write them anew: python -m tests.house.generated"
    every = "".join(texts.values())
    assert {part for part in PARTS if f"<!-- generated: {part} -->" not in every} == set()


def test_settings_are_what_is_read_and_what_can_be_typed() -> None:
    assert {each.name for each in fields(Project)} - {"folder", "file", "origins", "places"} == {
        each.field for each in SETTINGS
    }
    options = {option for name in COMMANDS for option in command_options(name)}
    assert {each.flag for each in SETTINGS if each.flag} - options == set()
    text = README.read_text(encoding="utf-8")
    options |= options_for_pytest()
    assert set(re.findall(r"--[a-z][a-z-]*", text)) - options == set()


def command_options(name: str) -> set[str]:
    """The options of a command."""
    command = root.get_command(click.Context(root), name)
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


def options_for_pytest() -> set[str]:
    """The options that the plugin adds to those of pytest."""
    (plugin,) = (each for each in package_modules() if each.name == "pytest_plugin/__init__.py")
    return set(re.findall(r'"(--[a-z-]+)"', plugin.text))


def test_documents_have_the_variables_that_there_are() -> None:
    read = {name for each in package_modules() for name in re.findall(r"\bPGPROOF_[A-Z_]+", each.text)}
    told = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert set(re.findall(r"\bPGPROOF_[A-Z_]+", told)) == read


def test_every_difference_has_its_meaning_and_a_code_of_its_own() -> None:
    assert list(MEANINGS) == list(Code)
    assert not set(Code) & {rule.code for rule in rules()}


def test_readme_has_the_exit_codes_that_there_are() -> None:
    section = README.read_text(encoding="utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    codes = {InputError.exit_code, DatabaseError.exit_code, CannotTell.exit_code, 0, 1}
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)] == sorted(codes)


def test_readme_has_the_two_commands_in_one_line_each() -> None:
    commands = dict(COMMAND.findall((TOP / "README.md").read_text(encoding="utf-8")))
    assert commands.keys() == {"main", "tests"}
    assert "pgproof check" in commands["main"]
    assert "pytest" in commands["tests"]
    assert [command for command in commands.values() if "\n" in command] == []
