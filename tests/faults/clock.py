"""A clock that jumps, and a certificate that has ended."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.deploy.nginx import NGINX, certify, nginx_before
from tests.faults.trial import Trial, fault, speed
from tests.live.patient import Crowd
from tests.live.services import Missing

FAKE_CLOCK = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@fault(
    "X28",
    "the clock jumps three hours ahead, and two days back, while requests with a 2 MB file come each second",
    must_hold="0 lost or doubled; whoever is in the middle of a form goes on; nothing is erased",
)
def clock_jumps(trial: Trial) -> None:
    if not FAKE_CLOCK.exists():
        raise Missing("libfaketime is missing: apt-get install -y faketime")
    clock = trial.folder / "clock"
    clock.parent.mkdir(parents=True, exist_ok=True)
    clock.write_text("+0")
    site = trial.site(
        LD_PRELOAD=str(FAKE_CLOCK),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    with site.serving() as server, Crowd(server.port) as crowd:
        for jump in ("+3h", "-2d", "+0"):
            time.sleep(6)
            clock.write_text(jump)
            site.run("erase_expired")
        crowd.close()
        after = trial.back(server.port)
        crowd.end()
    trial.note(speed(crowd.patients))
    trial.settle(site, [after], crowd=crowd)
    trial.expect(not trial.patients_met, "Somebody met an error.")


@fault(
    "X29",
    "the certificate has ended; then a new one is loaded",
    must_hold="`watch` says so and what to do, and says nothing once it is renewed",
)
def certificate_has_ended(trial: Trial) -> None:
    if not NGINX:
        raise Missing("nginx is missing: apt-get install -y nginx-light")
    site, front = trial.site(), trial.folder / "nginx"
    with site.serving() as server, nginx_before(server.port, folder=front, data=site.data) as proxy:
        watching = {**site.variables, "CERTIFICATE_AT": f"127.0.0.1:{proxy.https}"}
        site.variables = watching
        for days, is_told in ((-2, True), (60, False)):
            certify(front, days=days)
            reload = [NGINX, "-p", str(front), "-c", str(front / "nginx.conf"), "-s", "reload"]
            subprocess.run(reload, check=True, capture_output=True)
            time.sleep(2)
            said = site.run("watch", check=False).stderr
            trial.expect(
                ("certificate has ended" in said) is is_told, f"{days} days left, and `watch` said: {said}"
            )
