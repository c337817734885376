"""What of others is in the package is what the manifest says, whole, and under a licence that lets us have it."""

from __future__ import annotations

from tests.house.repository import tracked
from tests.house.vendored import FOLDER, digest, packages

_FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0"}


def test_each_file_is_the_one_that_was_taken() -> None:
    listed = {name: each["sha256"] for package in packages() for name, each in package["files"].items()}
    assert {name: digest((FOLDER / name).read_bytes()) for name in listed} == listed


def test_there_are_no_others() -> None:
    here = {path.rpartition("/")[2] for path in tracked() if "/report/html/vendor/" in path}
    assert here == {"manifest.json", *(name for package in packages() for name in package["files"])}


def test_each_package_has_a_licence_that_lets_it_be_here() -> None:
    for package in packages():
        (text,) = [(FOLDER / name).read_text() for name in package["files"] if name.endswith(".LICENSE")]
        assert package["licence"] in _FREE
        assert "Permission is hereby granted, free of charge" in text
        assert package["integrity"].startswith("sha512-")
