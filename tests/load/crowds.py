"""Who comes at once: readers, people with large files, programs that flood the forms."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape

from tests.live.patient import Answer, Browser, NoAnswer, Patient, Unexpected

UPLOAD = 20_000_000
# Readers and programs have addresses of their own, apart from those of patients.
READERS, BOTS = 200_000, 300_000
CALLBACK = {
    "name": "Bot",
    "phone": "+1 555 010 0000",
    "contact_by": "phone",
    "language": "en",
    "consent_use": "yes",
}


def regularly(act: Callable[[int], None], *, every: float, until: Callable[[], bool], most: int) -> None:
    """Starts something at fixed moments, however long the ones before take; `most` of them at a time."""
    began, number = time.monotonic(), 0
    with ThreadPoolExecutor(most) as pool:
        while not until():
            pool.submit(act, number)
            number += 1
            time.sleep(max(0.0, began + number * every - time.monotonic()))


class Readers:
    """Open one public page after another for as long as the block runs. How long each waited is in `seconds`.

    Others have been here before them: nginx holds every page, as it does once a site has visitors.
    """

    def __init__(self, port: int, *, certificate: str, every: float = 0.1) -> None:
        self.seconds: list[float] = []
        self.failures: Counter[str] = Counter()
        self._every, self._is_over = every, threading.Event()
        self._browsers = [
            Browser(port, number=READERS + place, certificate=certificate, timeout=30) for place in range(50)
        ]
        sitemap = self._browsers[0].get("/sitemap.xml").text
        self.pages = [unescape(path) for path in re.findall(r"<loc>https://[^/]+(/[^<]*)</loc>", sitemap)]
        for path in self.pages:
            self._browsers[0].get(path)

    def __enter__(self) -> Readers:
        self._thread = threading.Thread(
            target=regularly,
            args=(self._read,),
            kwargs={"every": self._every, "until": self._is_over.is_set, "most": len(self._browsers)},
        )
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _read(self, number: int) -> None:
        path, began = self.pages[number % len(self.pages)], time.monotonic()
        try:
            answer = self._browsers[number % len(self._browsers)].get(path)
        except NoAnswer as error:
            self.failures[str(error)] += 1
        else:
            self.seconds.append(time.monotonic() - began)
            if answer.status != 200:
                self.failures[f"{path}: {answer.status}"] += 1


class Uploaders:
    """Patients who press the button at the same moment, each with a large file."""

    def __init__(self, port: int, *, certificate: str, number: int, first: int) -> None:
        self.patients = [
            Patient(port, first + place, certificate=certificate, size=UPLOAD) for place in range(number)
        ]
        self.failures: list[str] = []
        self._together = threading.Barrier(number)

    def send(self) -> None:
        threads = [threading.Thread(target=self._send, args=(patient,)) for patient in self.patients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, patient: Patient) -> None:
        try:
            patient.fill_in()
            patient.hesitate()
            self._together.wait(timeout=120)
            patient.hand_in()
        except (NoAnswer, Unexpected, threading.BrokenBarrierError) as error:
            self.failures.append(f"{patient.name}: {error}")


class Bot(Browser):
    """A program that has read a form once, sends it again and again, and does not look at the answers."""

    def _follow(self, answer: Answer) -> Answer:
        if not self.page.text:
            self.page = answer
        return answer

    def send(self, number: int) -> int:
        """Every other time it opens a new request instead: each leaves a row."""
        if number % 2:
            return self.post("/consultation/", {"about": ""}).status
        token = re.search(r'name="form" value="([^"]+)"', self.page.text)
        return self.post("/callback/", {**CALLBACK, "form": token[1] if token else ""}).status


@contextmanager
def flood(port: int, *, certificate: str, addresses: int, every: float) -> Iterator[Counter[int]]:
    """Counts the answers they get, 0 for none."""
    bots = [Bot(port, number=BOTS + place, certificate=certificate, timeout=10) for place in range(addresses)]
    for bot in bots:
        bot.get("/callback/")
    met: Counter[int] = Counter()
    is_over = threading.Event()

    def send(number: int) -> None:
        try:
            met[bots[number % addresses].send(number // addresses)] += 1
        except NoAnswer:
            met[0] += 1

    thread = threading.Thread(
        target=regularly, args=(send,), kwargs={"every": every, "until": is_over.is_set, "most": 300}
    )
    thread.start()
    try:
        yield met
    finally:
        is_over.set()
        thread.join()
