"""All measurements, one after the other: python -m tests.bench [NAME...]"""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import tests.bench


def main() -> None:
    known = sorted(each.name for each in pkgutil.iter_modules(tests.bench.__path__) if each.name != "__main__")
    names = sys.argv[1:] or known
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"no such measurement: {', '.join(unknown)} (there are {', '.join(known)})")
    codes = []
    for name in names:
        print(f"\n=== {name}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode)
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
