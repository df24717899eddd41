"""A clock that jumps, as after a pause of the machine, or when it hears the time for the first time in weeks."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

from tests.consultations.smtp_sink import smtp_sink
from tests.faults.letters import ALL_LEFT, EACH, SEND
from tests.faults.trial import Trial, fault, speed
from tests.live.patient import Crowd
from tests.live.services import Missing

# What processes ask the kernel for, moved by the seconds that stand in a file; intervals are not touched.
MOVED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long moved(void) {
    long by = 0;
    FILE *file = fopen(getenv("CLOCK_MOVED_BY"), "r");
    if (file) { if (fscanf(file, "%ld", &by) != 1) by = 0; fclose(file); }
    return by;
}

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, now);
    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += moved();
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (into) *into = exact.tv_sec;
    return exact.tv_sec;
}
"""
MINUTE = 60
JUMPS = (40 * MINUTE, -30 * MINUTE, 0)  # seconds from the right time
NOW = "import time; print(time.time())"


@fault(
    "X31",
    "the clock jumps 40 minutes ahead, 70 back, and is right again; a request with a 2 MB file every second",
    must_hold="nobody meets an error, nothing is lost or doubled, each letter leaves once",
)
def clock_jumps(trial: Trial) -> None:
    trial.folder.mkdir(exist_ok=True)
    by = trial.folder / "moved-by"
    by.write_text("0")
    with smtp_sink() as sink:
        site = trial.site(
            EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
            LD_PRELOAD=str(_library(trial.folder)),
            CLOCK_MOVED_BY=str(by),
        )
        with site.serving(workers=[SEND]) as server, Crowd(server.port) as crowd:
            time.sleep(4)
            for seconds in JUMPS:
                by.write_text(str(seconds))
                told = float(site.run("shell", "--verbosity", "0", "--command", NOW).stdout)
                trial.expect(abs(told - time.time() - seconds) < MINUTE, "The clock did not move.")
                time.sleep(8)
            crowd.end()
            after = trial.back(server.port)
            expected = EACH * sum(bool(patient.reference) for patient in [*crowd.patients, after])
            trial.wait_for("All letters leave", lambda: len(sink.letters) >= expected, seconds=ALL_LEFT)
            times = Counter(letter["Message-ID"] for letter in sink.letters)
            trial.expect(set(times.values()) == {1}, "A letter was sent more than once.")
        trial.note(speed(crowd.patients))
        trial.settle(site, [after], crowd=crowd, letters=sink.letters)
        trial.expect(not trial.patients_met, "Somebody met an error.")


def _library(folder: Path) -> Path:
    if not (compiler := shutil.which("cc")):
        raise Missing("A C compiler is missing: apt-get install -y gcc libc6-dev")
    built = folder / "moved.so"
    command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", str(built), "-ldl"]
    subprocess.run(command, input=MOVED, text=True, check=True, capture_output=True)
    return built
