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
    certificates,
    clock,
    crashes,
    databases,
    disks,
    keys,
    letters,
    machines,
    messages,
    pooler,
    releases,
    scanner,
    slow,
    store,
    sweeps,
    withdrawn,
)
from tests.faults.trial import FAULTS, Fault, Lab, Trial
from tests.live.services import Missing, own_postgres, own_redis

MARGIN = 16


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
    lines = [
        f"{fault.name:<{MARGIN}}{fault.what}",
        f"must: {fault.must_hold}",
        f"{held} ({trial.seconds:.0f} s)",
    ]
    lines += trial.figures() + [f"!! {failure}" for failure in trial.failures[:20]]
    first, *others = lines
    return "\n".join(
        [
            first,
            *(
                textwrap.indent(textwrap.fill(line, 108, replace_whitespace=False), " " * MARGIN)
                for line in others
            ),
        ]
    )


def choose(names: list[str]) -> list[Fault]:
    """All of them; or those of these names, "X9" meaning both "X9-mail" and "X9-scan"."""
    in_order = sorted(FAULTS, key=lambda fault: (fault.is_alone, fault.number))
    return [
        fault
        for fault in in_order
        if not names or fault.name in names or fault.name.partition("-")[0] in names
    ]


def conduct_all(chosen: list[Fault], lab: Lab, *, at_once: int) -> list[tuple[Fault, Trial]]:
    together = [fault for fault in chosen if not fault.is_alone]
    alone = [fault for fault in chosen if fault.is_alone]
    with ThreadPoolExecutor(at_once) as lanes:
        trials = list(lanes.map(lambda fault: conduct(fault, lab), together))
    trials += [conduct(fault, lab) for fault in alone]
    return list(zip(chosen, trials, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(fault.name for fault in choose([]))}")
    parser.add_argument("--runs", type=int, default=200, help="submissions of each crash test (200)")
    parser.add_argument("--at-once", type=int, default=3, help="trials side by side; most of them wait (3)")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="leave sites and logs there; a prepared site is used again",
    )
    options = parser.parse_args()
    chosen = choose(options.names)
    if not chosen:
        parser.error(f"There is no {' or '.join(options.names)}.")
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL runs as its own user and has to get in
        postgres = stack.enter_context(own_postgres(folder / "postgres"))
        lab = Lab(folder, postgres, stack.enter_context(own_redis(folder / "redis")), runs=options.runs)
        print("Preparing a site ...", flush=True)
        lab.prepare()
        trials = conduct_all(chosen, lab, at_once=options.at_once)
    print("\n" + "\n\n".join(show(fault, trial) for fault, trial in trials))
    broken = [fault.name for fault, trial in trials if trial.failures]
    print(f"\nDid not hold: {', '.join(broken)}." if broken else f"\nAll {len(trials)} held.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
