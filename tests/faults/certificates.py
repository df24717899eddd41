"""A certificate that has ended."""

from __future__ import annotations

import subprocess
import time

from tests.deploy.nginx import NGINX, certify, nginx_before
from tests.faults.trial import Trial, fault
from tests.live.services import Missing


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
