"""Readers who never stop asking, twenty times a second, and write down every answer that was not the page."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.live.patient import Browser, NoAnswer

# Kept by nginx, past it (each question is a page of its own), built for one visitor.
ASKED = (
    "/", "/drugs/pembrolizumab/", "/search/?q=number{}", "/consultation/", "/glossary/", "/search/?q=rash{}",
    "/callback/",
)  # fmt: skip


class Readers:
    """`met` counts (address, status); what is not 200 went wrong, 0 is no answer at all."""

    def __init__(self, port: int, certificate: str, *, per_second: float) -> None:
        self.met: Counter[tuple[str, int]] = Counter()
        self.seconds: list[float] = []
        self._port, self._certificate, self._every = port, certificate, 1 / per_second
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._send_out, daemon=True)

    def __enter__(self) -> Readers:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def failures(self) -> dict[tuple[str, int], int]:
        return {what: number for what, number in self.met.items() if what[1] != 200}

    def _send_out(self) -> None:
        begun = time.monotonic()
        with ThreadPoolExecutor(64) as crowd:
            for number in itertools.count():
                if self._is_over.wait(max(0.0, begun + number * self._every - time.monotonic())):
                    return
                crowd.submit(self._read, ASKED[number % len(ASKED)], number)

    def _read(self, address: str, number: int) -> None:
        begun = time.monotonic()
        try:
            # Each from a network of its own: nobody is held up for what others do.
            browser = Browser(self._port, number=number % 5000, certificate=self._certificate)
            status = browser.get(address.format(number)).status
        except NoAnswer:
            status = 0
        self.met[address, status] += 1
        self.seconds.append(time.monotonic() - begun)
