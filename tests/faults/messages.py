"""Web workers that die while a patient writes inside their request."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.faults.crashes import kill_workers
from tests.faults.trial import Trial, fault
from tests.live.patient import MARK, NoAnswer, Patient, Unexpected
from tests.live.server import Server
from tests.live.site import Site

HOME = "/consultation/return/request/"
LONGEST = 1.0  # seconds: about what a message takes
IN_THE_ROOM = 5
STORED = (
    "import json; from immuno_site.consultations.models import Message, OutgoingMail;"
    "print(json.dumps([[message.text for message in Message.objects.all()],"
    " OutgoingMail.objects.filter(kind='new_message').count()]))"
)


class Writer(Patient):
    """Comes back with reference and code, and writes; the same form again until it is taken."""

    @property
    def words(self) -> str:
        return f"{MARK} writes as number {self.number}."

    def come_back(self) -> None:
        code = re.search(r"<code>([^<]+)</code>", self.browser.page.text)
        typed = {"reference": self.reference, "code": code[1] if code else ""}
        path = "/consultation/return/"
        self._see(path)
        self._insist(path, lambda: self.browser.post(path, typed))

    def write(self) -> None:
        form = re.search(r'name="form" value="([^"]+)"', self.browser.page.text)
        typed = {"form": form[1] if form else "", "words": self.words}
        self._insist(HOME, lambda: self.browser.post(HOME, typed))
        if self.words not in self.browser.page.text:
            self.complaints.append("My message is not on the page that took it.")


@fault(
    "crash-messages",
    "kill -9 of all web workers at a random moment of each message",
    must_hold="each acknowledged message stored once, with one letter",
)
def crash_in_a_message(trial: Trial) -> None:
    for on_postgres in (False, True):
        site = trial.site(on_postgres=on_postgres)
        with site.serving() as server:
            numbers = range(10, 10 + trial.lab.runs // 2)
            writers = [Writer(server.port, number, with_file=False) for number in numbers]
            with ThreadPoolExecutor(IN_THE_ROOM) as room:
                list(room.map(lambda writer: _write(trial, server, writer), writers))
            _compare(trial, site, writers)
            trial.settle(site, writers)


def _write(trial: Trial, server: Server, writer: Writer) -> None:
    strike = threading.Timer(random.uniform(0, LONGEST), kill_workers, [server])  # noqa: S311
    try:
        writer.ask()
        writer.come_back()
        strike.start()
        writer.write()
        strike.join()
    except (NoAnswer, Unexpected) as error:
        trial.expect(False, f"{writer.name}: {error}")


def _compare(trial: Trial, site: Site, writers: list[Writer]) -> None:
    texts, letters = json.loads(site.run("shell", "-v", "0", "--command", STORED).stdout.splitlines()[-1])
    trial.expect_none(
        f"“{words}” is stored {times} times."
        for words, times in ((writer.words, Counter(texts)[writer.words]) for writer in writers)
        if times != 1
    )
    trial.expect(letters == len(writers), f"{letters} letters for {len(writers)} messages.")
    trial.note(f"{len(texts)} messages, {letters} letters")
