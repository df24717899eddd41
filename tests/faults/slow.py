"""Clients that send a byte a second."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

from tests.deploy.nginx import NGINX, Proxy, nginx_before
from tests.faults.trial import Trial, fault, p95, speed
from tests.live.patient import Crowd
from tests.live.services import Missing
from tests.live.site import HOST

SLOW = 200
HEAD = f"POST /consultation/documents/ HTTP/1.1\r\nHost: {HOST}\r\n"
SENDS_BODY = f"{HEAD}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2000000\r\n\r\n"
SECONDS = 25


class SlowClients(threading.Thread):
    """Half of them never finish a header, half never a body. Whoever is cut off comes again."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(daemon=True)
        self.cut_off = 0
        self._proxy, self._is_over = proxy, threading.Event()
        self._open: dict[int, socket.socket] = {}

    def run(self) -> None:
        while not self._is_over.wait(1):
            for number in range(SLOW):
                self._say_a_little(number)

    def _say_a_little(self, number: int) -> None:
        try:
            if number not in self._open:
                connection = self._proxy.connect(sender=f"127.9.{number // 250}.{number % 250 + 1}")
                self._open[number] = connection
                connection.sendall((HEAD if number % 2 else SENDS_BODY).encode())
            self._open[number].sendall(b"X-" if number % 2 else b"x")
        except OSError:
            self.cut_off += 1
            self._open.pop(number, None)

    def stop(self) -> None:
        self._is_over.set()
        self.join()
        for connection in self._open.values():
            with suppress(OSError):
                connection.close()


@fault(
    "X5",
    f"{SLOW} clients from {SLOW} addresses that send a byte a second, behind nginx",
    must_hold="p95 of patients at most twice that of a quiet hour",
    is_alone=True,
)
def clients_are_slow(trial: Trial) -> None:
    if not NGINX:
        raise Missing("nginx is missing: apt-get install -y nginx-light")
    site = trial.site()
    with (
        site.serving() as server,
        nginx_before(server.port, folder=trial.folder / "nginx", data=site.data) as proxy,
    ):
        over_tls = {"certificate": str(proxy.certificate)}
        with Crowd(proxy.https, **over_tls) as quiet:
            time.sleep(SECONDS)
        slow = SlowClients(proxy)
        slow.start()
        time.sleep(2)
        with Crowd(proxy.https, first=1001, **over_tls) as disturbed:
            time.sleep(SECONDS)
        slow.stop()
        trial.note(f"quiet: {speed(quiet.patients)}")
        trial.note(f"disturbed: {speed(disturbed.patients)}; slow clients were cut off {slow.cut_off} times")
        before, during = p95(quiet.patients), p95(disturbed.patients)
        # Below a tenth of a second it is the machine that is measured, not the site.
        trial.expect(during <= max(2 * before, 0.1), f"p95 went from {before:.2f} s to {during:.2f} s.")
        trial.settle(site, quiet.patients, crowd=disturbed)
        trial.expect_none(quiet.failures)
