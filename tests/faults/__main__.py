"""Runs the trials and prints what held; ends with 1 if anything did not."""

import argparse
import shutil
import sys
import tempfile
import textwrap
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.faults import (  # noqa: F401 - each registers its trials
    cache,
    crashes,
    databases,
    disks,
    keys,
    letters,
    scanner,
    slow,
    store,
)
from tests.faults.trial import FAULTS, Fault, Lab, Trial
from tests.live.services import Missing, own_postgres, own_redis


def conduct(fault: Fault, lab: Lab) -> Trial:
    trial = Trial(fault.name, lab)
    shutil.rmtree(trial.folder, ignore_errors=True)
    trial.say(fault.what)
    began = time.monotonic()
    try:
        fault.run(trial)
    except Missing as missing:
        trial.failures.append(str(missing))
    except Exception:  # one trial that breaks down does not end the others
        trial.failures.append(traceback.format_exc())
    trial.seconds = time.monotonic() - began
    trial.say(f"{'held' if not trial.failures else 'DID NOT HOLD'}, {trial.seconds:.0f} s")
    return trial


def show(fault: Fault, trial: Trial) -> str:
    held = "held" if not trial.failures else "DID NOT HOLD"
    lines = [f"{fault.name:<9}{fault.what}", f"must: {fault.must_hold}", f"{held} ({trial.seconds:.0f} s)"]
    lines += trial.figures + [f"!! {failure}" for failure in trial.failures[:20]]
    first, *others = lines
    return "\n".join(
        [
            first,
            *(
                textwrap.indent(textwrap.fill(line, 108, replace_whitespace=False), " " * 9)
                for line in others
            ),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which: {' '.join(fault.name for fault in FAULTS)} (all)")
    parser.add_argument("--runs", type=int, default=200, help="submissions of the crash test (200)")
    parser.add_argument("--at-once", type=int, default=2, help="trials side by side; most of them wait (2)")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="leave sites and logs there, and use the prepared site again",
    )
    options = parser.parse_args()
    chosen = [fault for fault in FAULTS if not options.names or fault.name in options.names]
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL runs as its own user and has to get in
        postgres = stack.enter_context(own_postgres(folder / "postgres"))
        lab = Lab(folder, postgres, stack.enter_context(own_redis(folder / "redis")), runs=options.runs)
        print("Preparing a site ...", flush=True)
        lab.prepare()
        with ThreadPoolExecutor(options.at_once) as lanes:
            trials = list(zip(chosen, lanes.map(lambda fault: conduct(fault, lab), chosen), strict=True))
    print("\n" + "\n\n".join(show(fault, trial) for fault, trial in trials))
    return 1 if any(trial.failures for _fault, trial in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
