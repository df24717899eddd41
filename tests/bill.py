"""What the site is made of, from its lock file: `deploy/sbom.cdx.json` (CycloneDX), and what a new lock changed.

`make lock` writes the one and prints the other.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK, BILL = "requirements.lock", "immuno_site/deploy/sbom.cdx.json"
_PACKAGE = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE | re.IGNORECASE)


def packages(lock: str) -> dict[str, str]:
    """Name -> version."""
    return dict(_PACKAGE.findall(lock))


def bill(lock: str) -> str:
    """The same lock file gives the same text: no day, no random number."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    components = [
        {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
        for name, version in sorted(packages(lock).items())
    ]
    application = {"type": "application", "name": project["name"], "version": project["version"]}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": application},
        "components": components,
    }
    return json.dumps(document, indent=1) + "\n"


def report(before: str, after: str) -> list[str]:
    """A line for each package that came, went or changed; a new first number stands out: read its notes."""
    old, new = packages(before), packages(after)
    lines = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name, "-"), new.get(name, "-")
        if was != now:
            is_large = was.partition(".")[0] != now.partition(".")[0]
            lines.append(f"{name:<32} {was:>12} -> {now:<12}{' read its notes' if is_large else ''}")
    return lines


def main() -> None:
    lock = (ROOT / LOCK).read_text()
    (ROOT / BILL).write_text(bill(lock))
    before = subprocess.run(["git", "show", f"HEAD:{LOCK}"], cwd=ROOT, capture_output=True, text=True)
    print("\n".join(report(before.stdout, lock)) or "Nothing changed.")


if __name__ == "__main__":
    main()
