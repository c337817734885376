"""The recipe of the container image: built in a Docker engine, and run there as a person would.

The engine of the tests reaches no registry and no index: the image that the recipe begins with is made of this
machine's Python (`.ci/docker/python-image`), and what pip installs lies in the folder as wheels.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import OPTIONS
from tests.house.repository import TOP, tracked
from tests.shipped.test_pre_commit import BROKEN

pytestmark = [pytest.mark.docker, pytest.mark.slow]

BASE, IMAGE = "pgproof-test-python", "pgproof-test-image"
MOST = 250 * 1024 * 1024
"""Bytes that the image may have beyond the one that it begins with."""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a program."""
    return subprocess.run(words, capture_output=True, text=True, check=False)


def done(*words: str) -> str:
    """What a program prints that has to succeed."""
    ran = run(*words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def needed() -> list[str]:
    """What the image installs beside pgproof, and what builds that."""
    declared = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    project = declared["project"]
    return [
        *declared["build-system"]["requires"],
        *project["dependencies"],
        *project["optional-dependencies"]["embedded"],
    ]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The image, built by the recipe; it goes again."""
    docker = shutil.which("docker")
    if docker is None or run(docker, "version").returncode != 0:
        pytest.skip(f"no Docker engine answers ({OPTIONS.docker_host or 'the default socket'})")
    made = run(str(TOP / ".ci" / "docker" / "python-image"), BASE, sys.executable)
    if made.returncode != 0:
        pytest.skip(f"no image with Python: {made.stderr.strip()}")
    context = tmp_path_factory.mktemp("context")
    for path in tracked():
        if path.startswith("toolkit/") or path in {"pyproject.toml", "README.md", "LICENSE", ".dockerignore"}:
            (context / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / path, context / path)
    wheels = ("-m", "pip", "wheel", "-q", "--wheel-dir", str(context / "wheels"))
    done(sys.executable, *wheels, *needed())  # pgproof's own is made in the image, of the sources
    arguments = {"BASE": BASE, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/src/wheels"}
    given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    done(docker, "build", *given, "-f", str(TOP / ".docker" / "Dockerfile"), "-t", IMAGE, str(context))
    yield IMAGE
    run(docker, "rmi", "--force", IMAGE, BASE)
    run(docker, "image", "prune", "--force", "--filter", "label=pgproof=build")


@pytest.fixture
def project() -> Iterator[Path]:
    """A project that whoever runs in the container can read (pytest's own folders are closed)."""
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        done(sys.executable, "-m", "pgproof", "init", place)
        for path in (top, *top.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield top


def test_the_image(image: str, project: Path) -> None:
    """One test, since it takes a while until there is an image."""
    assert done("docker", "run", "--rm", image, "--version") == "pgproof, version 0.1.0\n"
    identity = done("docker", "run", "--rm", "--entrypoint", "id", image)
    assert identity == "uid=10001(pgproof) gid=10001(pgproof) groups=10001(pgproof)\n"

    in_project = ("docker", "run", "--rm", "--volume", f"{project}:/project:ro", image)
    checked = done(*in_project, "check")
    assert "(embedded wheel, /opt/pgproof/" in checked
    assert checked.endswith("✓ 0 open · 0 accepted · 14 hold\n")
    assert "planned with notes_author_created_at_idx at 1e4 to 1e10 rows" in checked
    with (project / "checks" / "notes.sql").open("a") as file:
        file.write(BROKEN)
    found = run(*in_project, "check", "--format", "github")
    assert (found.returncode, "QRY102" in found.stdout) == (1, True)

    sizes = [int(done("docker", "image", "inspect", "--format", "{{.Size}}", each)) for each in (image, BASE)]
    print(f"{image}: {sizes[0] / 1e6:.0f} MB, {(sizes[0] - sizes[1]) / 1e6:.0f} MB beyond its base")
    assert sizes[0] - sizes[1] < MOST


def test_nothing_of_the_machine_is_in_it(image: str) -> None:
    """Neither the sources nor the wheels nor pip."""
    said = run("docker", "run", "--rm", "--entrypoint", "ls", image, "/src", "/wheels", "/opt/pgproof/bin/pip")
    assert (said.stdout, said.stderr.count("No such file or directory")) == ("", 3)
