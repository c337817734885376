"""What of other people's JavaScript is in the package, and how it came there.

`python -m tests.house.vendored` fetches the versions that `manifest.json` names with `npm pack`, checks the digest
of each package against the one that is written there, and copies the files. For another version, write that and
the digest that the registry has (`npm view uplot@VERSION dist.integrity`), and run it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tests.house.repository import PACKAGE

FOLDER = PACKAGE / "report" / "html" / "vendor"
MANIFEST = FOLDER / "manifest.json"


def packages() -> list[dict[str, Any]]:
    """The packages of the manifest: name, version, licence, `integrity`, and `files` with where they are in it."""
    found: list[dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8"))["packages"]
    return found


def digest(data: bytes) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def integrity(data: bytes) -> str:
    """The digest of a package as npm writes it (https://www.w3.org/TR/SRI/)."""
    return f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"


def fetched(package: dict[str, Any], folder: Path) -> dict[str, bytes]:
    """The files of a package, by the names that they have here. Exits where the package is not the one meant."""
    wanted = f"{package['name']}@{package['version']}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), wanted]
    packed = folder / subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    if integrity(packed.read_bytes()) != package["integrity"]:
        sys.exit(f"{wanted} is not the package whose digest is in {MANIFEST.name}")
    with tarfile.open(packed) as archive:
        members = {name: archive.extractfile(f"package/{each['from']}") for name, each in package["files"].items()}
        return {name: member.read() for name, member in members.items() if member}


def main() -> None:
    """Fetches everything, and writes down the digests of the files."""
    found = packages()
    with tempfile.TemporaryDirectory() as folder:
        for package in found:
            for name, data in fetched(package, Path(folder)).items():
                (FOLDER / name).write_bytes(data)
                package["files"][name]["sha256"] = digest(data)
    MANIFEST.write_text(json.dumps({"packages": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
