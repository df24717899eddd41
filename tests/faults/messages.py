"""Web workers that die while a patient or a coordinator writes inside a request."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.faults.crashes import kill_workers
from tests.faults.trial import Trial, fault
from tests.live.patient import MARK, Browser, NoAnswer, Patient, Unexpected
from tests.live.server import Server
from tests.live.site import Site

HOME = "/consultation/return/request/"
LONGEST = 1.0  # seconds: about what a message takes
IN_THE_ROOM = 5
# The prepared site has only what patients ask for.
FOR_STAFF = (("apply_roles",), ("collectstatic", "--noinput", "--ignore=cms", "--ignore=ninja"))
PASSWORD = "long enough for a site that lives for minutes"
# A coordinator who has taken every request; prints their code of this half minute, and the address of each request.
COORDINATOR = f"""
import json, time
from django.contrib.auth.models import Group, User
from django.utils import timezone
from immuno_site.accounts import second_factor
from immuno_site.accounts.allauth_internals import format_hotp_value, hotp_value
from immuno_site.consultations.models import ConsultationRequest
ruth = User.objects.create_user("ruth", "ruth@example.org", {PASSWORD!r}, is_staff=True)
ruth.groups.add(Group.objects.get(name="Coordinator"))
secret = second_factor.enroll(ruth).secret
rows = list(ConsultationRequest.objects.all())
for row in rows:
    row.take(by=ruth, now=timezone.now())
code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
print(json.dumps([code, {{row.reference: row.pk for row in rows}}]))
"""
STORED = (
    "import json; from immuno_site.consultations.models import Draft, Message, OutgoingMail;"
    "print(json.dumps({'texts': [message.text for message in Message.objects.all()],"
    " 'drafts': Draft.objects.count(),"
    " 'letters': {kind: OutgoingMail.objects.filter(kind=kind).count() for kind in ('new_message', 'message')}}))"
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
        typed = {"form": hidden(self.browser, "form"), "words": self.words}
        self._insist(HOME, lambda: self.browser.post(HOME, typed))
        if self.words not in self.browser.page.text:
            self.complaints.append("My message is not on the page that took it.")


class Coordinator(Patient):
    """Somebody at the desk, one request each, all with the same account."""

    address: str = ""

    @property
    def words(self) -> str:
        return f"{MARK} is answered as number {self.number}."

    def sign_in(self, code: str) -> None:
        for path, typed in (
            ("/accounts/login/", {"login": "ruth", "password": PASSWORD}),
            ("/accounts/second-factor/authenticate/", {"code": code}),
        ):
            self._see(path)
            self._insist(path, lambda path=path, typed=typed: self.browser.post(path, typed))

    def open(self) -> None:
        self._see(f"{self.address}change/")

    def write(self) -> None:
        typed = {
            "seen": hidden(self.browser, "seen"),
            "form": hidden(self.browser, "form"),
            "words": self.words,
        }
        path = f"{self.address}send/"
        self._insist(path, lambda: self.browser.post(path, typed))
        if self.words not in self.browser.page.text:
            self.complaints.append("My answer is not on the page that took it.")


def hidden(browser: Browser, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', browser.page.text)
    return found[1] if found else ""


@fault(
    "crash-messages",
    "kill -9 of all web workers at a random moment of each message, of patients and of staff",
    must_hold="each acknowledged message stored once, with one letter",
)
def crash_in_a_message(trial: Trial) -> None:
    for on_postgres in (False, True):
        site = trial.site(on_postgres=on_postgres)
        for command in FOR_STAFF:
            site.run(*command)
        with site.serving() as server:
            numbers = range(10, 10 + trial.lab.runs // 2)
            writers = [Writer(server.port, number, with_file=False) for number in numbers]
            _all_write(trial, server, writers, lambda writer: (writer.ask(), writer.come_back()))
            answering = _at_the_desk(site, server, writers)
            _all_write(trial, server, answering, lambda coordinator: coordinator.open())
            _compare(trial, site, writers, answering)
            trial.settle(site, writers)


def _at_the_desk(site: Site, server: Server, writers: Sequence[Writer]) -> list[Coordinator]:
    """One for each request, signed in once."""
    code, places = json.loads(_said(site, COORDINATOR))
    first = Coordinator(server.port, 1, with_file=False)
    first.sign_in(code)
    answering = [Coordinator(server.port, writer.number, with_file=False) for writer in writers]
    for coordinator, writer in zip(answering, writers, strict=True):
        coordinator.browser.cookies = dict(first.browser.cookies)
        coordinator.address = f"/admin/consultations/consultationrequest/{places[writer.reference]}/"
    return answering


def _all_write(
    trial: Trial, server: Server, people: Sequence[Patient], come: Callable[[Patient], object]
) -> None:
    with ThreadPoolExecutor(IN_THE_ROOM) as room:
        list(room.map(lambda one: _write(trial, server, one, come), people))
    broken = sum(any(code == 0 for _page, code in one.met) for one in people)
    trial.note(f"{len(people)} {type(people[0]).__name__.lower()}s, {broken} met a kill at least once")
    trial.expect_none(f"{one.name}: {words}" for one in people for words in one.complaints)


def _write(trial: Trial, server: Server, one: Patient, come: Callable[[Patient], object]) -> None:
    strike = threading.Timer(random.uniform(0, LONGEST), kill_workers, [server])  # noqa: S311
    try:
        come(one)
        strike.start()
        one.write()
        strike.join()
    except (NoAnswer, Unexpected) as error:
        trial.expect(False, f"{one.name}: {error}")


def _said(site: Site, program: str) -> str:
    return site.run("shell", "-v", "0", "--command", program).stdout.splitlines()[-1]


def _compare(trial: Trial, site: Site, writers: Sequence[Writer], answering: Sequence[Coordinator]) -> None:
    found = json.loads(_said(site, STORED))
    times = Counter(found["texts"])
    people: Iterable[Writer | Coordinator] = [*writers, *answering]
    trial.expect_none(
        f"“{one.words}” is stored {times[one.words]} times." for one in people if times[one.words] != 1
    )
    trial.expect(len(found["texts"]) == len(writers) + len(answering), f"{len(found['texts'])} messages.")
    letters = {"new_message": len(writers), "message": len(answering)}
    trial.expect(found["letters"] == letters, f"Letters: {found['letters']} instead of {letters}.")
    trial.note(f"{len(found['texts'])} messages, letters {found['letters']}")
