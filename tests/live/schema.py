"""Holds open data against its own documentation: schemathesis asks every address with right and wrong questions.

`make schema`. It is no dependency of ours: uv fetches it into a place of its own (its packages would be thirty more).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.entry_pages import FILL
from tests.live.server import run, serving

SCHEMATHESIS = "schemathesis==4.32.5"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        for arguments in (*FILL, ("write_open_data",)):
            run(data, "manage.py", *arguments)
        with serving(data) as server:
            site = f"http://127.0.0.1:{server.port}"
            command = [Path(sys.executable).with_name("uvx"), "--from", SCHEMATHESIS, "schemathesis", "run"]
            return subprocess.call(
                [*command, f"{site}/api/v1/openapi.json", "--checks=all", "--seed=1", *sys.argv[1:]],
                cwd=folder,  # what it writes for itself goes with it
            )


if __name__ == "__main__":
    sys.exit(main())
