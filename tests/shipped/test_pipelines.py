"""The action for GitHub and the template for GitLab: their files by both's schemas, their scripts run as there.

A runner substitutes `${{ ... }}` in what it gives to a step; here that is done for the few expressions that stand
in the action, and whatever else stands there fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.house.repository import TOP
from tests.shipped.test_pre_commit import BROKEN

yaml = pytest.importorskip("yaml", reason="PyYAML comes with pre-commit, which is in the extra test")

ACTION = TOP / ".github" / "actions" / "pgproof" / "action.yml"
TEMPLATE = TOP / ".gitlab" / "pgproof.yml"
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
FILES = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")


def read(path: Path) -> Any:
    """The YAML of a file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def step(name: str) -> dict[str, Any]:
    """A step of the action."""
    (found,) = (each for each in read(ACTION)["runs"]["steps"] if each["name"] == name)
    assert isinstance(found, dict)
    return found


@dataclass(frozen=True)
class Runner:
    """What a runner gives to a step: folders and files of its own, and an environment without the person's."""

    project: Path
    temporary: Path
    path: str
    more: dict[str, str] = field(default_factory=dict)

    def run(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step of the action with these inputs."""
        said = step(name)
        script = self.temporary / "step.sh"
        script.write_text(said["run"])
        for each in FILES:
            (self.temporary / each).write_text("")
        given = {key: self._substituted(value, inputs) for key, value in said["env"].items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.project,
            env={**self.environment(), **given},
            capture_output=True,
            text=True,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        kept = ("HOME", "PYTHONPATH", "PGPROOF_PG_DIR", "XDG_CACHE_HOME", "PIP_CONFIG_FILE", "PIP_INDEX_URL")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **{name: str(self.temporary / name) for name in FILES},
            "PATH": self.path,
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "PIP_COMPILE": "0",  # what is run here once is compiled then
            **self.more,
        }

    def _substituted(self, text: str, inputs: dict[str, str]) -> str:
        defaults = {name: str(each["default"]) for name, each in read(ACTION)["inputs"].items()}
        values = {f"inputs.{name}": value for name, value in {**defaults, **inputs}.items()}
        return EXPRESSION.sub(lambda found: {**values, "github.action_path": str(ACTION.parent)}[found[1]], text)

    def told(self, name: str) -> str:
        """What a step has written into one of the runner's files."""
        return (self.temporary / name).read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """One with this pgproof in its PATH, and a project in which one query cannot find anything."""
    project, temporary = tmp_path / "shop", tmp_path / "temporary"
    temporary.mkdir()
    subprocess.run([sys.executable, "-m", "pgproof", "init", str(project)], check=True, capture_output=True)
    with (project / "checks" / "notes.sql").open("a") as file:
        file.write(BROKEN)
    return Runner(project, temporary, f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.mark.parametrize("schema", ["github-actions", "gitlab-ci"])
def test_the_files_are_what_they_have_to_be(schema: str, tmp_path: Path) -> None:
    """Of GitLab's the job as it is with what it extends: hidden ones are not looked at by the schema."""
    program = Path(sys.executable).with_name("check-jsonschema")
    if not program.exists():
        pytest.skip("check-jsonschema is in the extra test")
    text = ACTION.read_text(encoding="utf-8")
    if schema == "gitlab-ci":
        said = read(TEMPLATE)
        assert said["pgproof"] == {"extends": ".pgproof"}
        text = yaml.safe_dump({"pgproof": said[".pgproof"]})
    file = tmp_path / "file.yml"
    codes = []
    for each in (text, text.replace("runs:", "run:").replace("when: always", "when: whenever")):
        file.write_text(each)
        command = [str(program), "--builtin-schema", f"vendor.{schema}", str(file)]
        codes.append(subprocess.run(command, capture_output=True, check=False).returncode)
    assert codes == [0, 1]


def test_no_input_is_written_into_a_script() -> None:
    """Who gives it could write commands; in the environment it is text."""
    assert [each["name"] for each in read(ACTION)["runs"]["steps"] if "${{" in each["run"]] == []


def test_the_scripts_have_no_slips(tmp_path: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    for number, each in enumerate(read(ACTION)["runs"]["steps"]):
        (tmp_path / f"{number}.bash").write_text("#!/bin/bash\n" + each["run"])
    lines = read(TEMPLATE)[".pgproof"]["script"]
    (tmp_path / "job.sh").write_text("#!/bin/sh\n# shellcheck disable=SC2086\n" + "\n".join(lines) + "\n")
    ran = subprocess.run(
        ["shellcheck", "--severity=style", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_findings_are_where_github_looks_for_them(runner: Runner) -> None:
    ran = runner.run("Run pgproof", sarif="pgproof.sarif")
    assert ran.returncode == 1, ran.stderr
    assert re.search(r"^::error file=checks/notes\.sql,line=\d+,.*QRY102", ran.stdout, re.MULTILINE), ran.stdout
    assert runner.told("GITHUB_OUTPUT") == "exit-code=1\nsarif=pgproof.sarif\n"
    assert "nobody never returns a row" in runner.told("GITHUB_STEP_SUMMARY")
    log = json.loads((runner.project / "pgproof.sarif").read_text())
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["QRY102"]


def test_what_the_inputs_change(runner: Runner) -> None:
    ran = runner.run("Run pgproof", fail="false", summary="false", format="text", args="--checks 'no folder'")
    assert (ran.returncode, runner.told("GITHUB_OUTPUT")) == (0, "exit-code=2\n")
    assert "no such folder: no folder" in ran.stderr
    assert runner.told("GITHUB_STEP_SUMMARY") == ""
    (runner.project / "checks" / "notes.sql").unlink()
    ran = runner.run("Run pgproof", command="verify", args="--rows 0 \n --strict")
    assert (ran.returncode, runner.told("GITHUB_OUTPUT")) == (0, "exit-code=0\n"), ran.stdout + ran.stderr
    ran = runner.run("Run pgproof", command="sum", args="$(touch hacked) `touch hacked`; touch hacked")
    assert ran.returncode == 2
    assert not (runner.project / "hacked").exists()
    assert runner.run("Run pgproof", command="sum").returncode == 0


def test_a_python_that_is_too_old_is_told(runner: Runner, tmp_path: Path) -> None:
    """Any that says so of itself; it is asked no more."""
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    ran = runner.run("Install pgproof", python=str(old))
    assert (ran.returncode, ran.stdout[:9]) == (2, "::error::")


@pytest.mark.slow
def test_it_is_installed_from_the_revision_that_is_used(runner: Runner) -> None:
    ran = runner.run("Install pgproof", python=sys.executable)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (place,) = runner.told("GITHUB_PATH").split()
    alone = Runner(runner.project, runner.temporary, f"{place}:/usr/bin:/bin", {"PYTHONPATH": ""})
    assert alone.run("Run pgproof").returncode == 1
    assert "QRY102" in alone.told("GITHUB_STEP_SUMMARY")


def test_findings_are_where_gitlab_looks_for_them(runner: Runner) -> None:
    job = read(TEMPLATE)[".pgproof"]
    given = {**job["variables"], "PROOF_INSTALL": "", "PROOF_ARGS": "--verbose"}
    script = "set -eo pipefail\n" + "\n".join(job["script"])  # as the runner's shell has it
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=runner.project,
        env={**runner.environment(), **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert "nobody never returns a row" in ran.stdout
    reports = job["artifacts"]["reports"]
    assert set(reports.values()) == set(job["artifacts"]["paths"])
    quality = json.loads((runner.project / reports["codequality"]).read_text())
    assert [each["check_name"] for each in quality] == ["query-never-matches"]
    assert "<failure" in (runner.project / reports["junit"]).read_text()
