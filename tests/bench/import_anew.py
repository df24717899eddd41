"""CPU seconds of an import into a database that holds nothing yet.

python -m tests.bench.import_anew FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import django

from tests.bench.import_again import cost_of

if __name__ == "__main__":
    django.setup()
    print(cost_of(Path(sys.argv[1]), expected=" created, 0 updated"))
