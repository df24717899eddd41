"""CPU seconds of an import after one file changed, in a process that has its addresses already.

python -m tests.bench.import_again FOLDER       (in a site that has imported FOLDER)
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import django

CHANGED = "drugs/pembrolizumab.md"


def once(folder: Path) -> float:
    from django.urls import reverse

    reverse("content:search")  # loads the addresses, as the checks of a command line do
    path = folder / CHANGED
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(
            f'route = "Drip {time.time_ns()}"\n' if line.startswith("route = ") else line for line in lines
        ),
        encoding="utf-8",
    )
    return cost_of(folder, expected="1 updated")


def cost_of(folder: Path, *, expected: str) -> float:
    """CPU seconds of the command, which has to report what is expected."""
    from django.core.management import call_command

    said, before = io.StringIO(), time.process_time()
    call_command("import_library", str(folder), stdout=said, stderr=io.StringIO())
    if expected not in said.getvalue():
        raise RuntimeError(said.getvalue())
    return time.process_time() - before


if __name__ == "__main__":
    django.setup()
    print(once(Path(sys.argv[1])))
