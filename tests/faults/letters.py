"""Mail servers that refuse, hang or die, and a worker that dies with a letter in its hands."""

from __future__ import annotations

import time
from collections import Counter

from tests.consultations.smtp_sink import SmtpSink, smtp_sink
from tests.faults.trial import Trial, fault, speed
from tests.live import ledger
from tests.live.patient import Crowd, Patient
from tests.live.server import free_port
from tests.live.site import Site

SEND = ("send_mail", "--every", "1")
EACH = 2  # letters of a request: one to the patient, one to the clinic
# A letter that was tried once or twice comes again after one and after two minutes.
ALL_LEFT = 240
# What X9-mail promises. A worker needs 3 s of CPU to start, which beside other trials have lasted more than 30 s.
TAKEN_UP_AGAIN = 600


@fault(
    "X1",
    "10 s no mail server, then 10 s one that answers 451; a request with a 2 MB file every second",
    must_hold="requests saved; letters wait, and each is sent once afterwards",
)
def mail_server_refuses(trial: Trial) -> None:
    port = free_port()
    site = trial.site(EMAIL_URL=f"smtp://127.0.0.1:{port}")
    with site.serving(workers=[SEND]) as server, Crowd(server.port) as crowd:
        time.sleep(10)
        with smtp_sink(port=port) as sink:
            sink.manner = "refuse"
            time.sleep(10)
            crowd.end()
            trial.expect(not sink.letters, "A letter left although the server refused it.")
            sink.manner = "take"
            _wait_for_letters(trial, sink, crowd.patients)
            times = Counter(letter["Message-ID"] for letter in sink.letters)
            trial.expect(set(times.values()) == {1}, "A letter was sent more than once.")
            trial.settle(site, [trial.back(server.port)], crowd=crowd, letters=sink.letters)
            _all_are_sent(trial, site)


@fault(
    "X2",
    "15 s a mail server that says nothing, then 5 s one that hangs up after DATA; a request every second",
    must_hold="web unaffected; 10 s for one letter; sent again under the same Message-ID",
)
def mail_server_hangs(trial: Trial) -> None:
    with smtp_sink() as sink:
        site = trial.site(EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
        sink.manner = "hang"
        with site.serving(workers=[SEND]) as server, Crowd(server.port) as crowd:
            time.sleep(15)
            sink.manner = "die"
            time.sleep(5)
            crowd.end()
            died = len(sink.letters)
            sink.manner = "take"
            _wait_for_letters(trial, sink, crowd.patients, but_for=died)
            trial.note(speed(crowd.patients))
            trial.settle(site, [trial.back(server.port)], crowd=crowd, letters=sink.letters)
            _all_are_sent(trial, site)
            ours = {letter["id"] for letter in ledger.stored(site)["letters"]}
            times = Counter(letter["Message-ID"][1:].partition("@")[0] for letter in sink.letters)
            trial.expect(set(times) <= ours, "A letter came under a Message-ID of its own.")
            again = sum(number > 1 for number in times.values())
            trial.expect(again > 0, "No letter was in the hands of the server when it died.")
            trial.note(f"{again} letters came again, under their own Message-ID")


def _wait_for_letters(
    trial: Trial, sink: SmtpSink, patients: list[Patient], *, but_for: int = 0, seconds: int = ALL_LEFT
) -> None:
    """All of theirs, not counting the first ones, which the server took and forgot."""
    expected = EACH * sum(bool(patient.reference) for patient in patients)

    def have_come() -> bool:
        return len({letter["Message-ID"] for letter in sink.letters[but_for:]}) >= expected

    took = trial.wait_for(f"{expected} letters", have_come, seconds=seconds)
    trial.note(f"{expected} letters, the last one {took:.0f} s after the server was back")


def _all_are_sent(trial: Trial, site: Site) -> None:
    """But for those of the last patient, who has only just come."""
    waiting = [letter["error"] for letter in ledger.stored(site)["letters"] if not letter["is_sent"]]
    trial.expect(len(waiting) <= EACH, f"Letters are left: {waiting}")


@fault(
    "X9-mail",
    "kill -9 of the mail worker while a letter is on its way",
    must_hold="another worker takes it up again within 10 minutes",
)
def kill_mail_worker(trial: Trial) -> None:
    with smtp_sink() as sink:
        site = trial.site(EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
        sink.manner = "hang"
        with site.serving() as server, site.worker(*SEND) as worker:
            patient = Patient(server.port, 1)
            patient.ask()
            started = trial.wait_for("The worker", sink.is_asked.is_set, seconds=TAKEN_UP_AGAIN)
            trial.note(f"the first worker had a letter in its hands after {started:.0f} s")
            worker.kill()
            sink.manner = "take"
            _wait_for_letters(trial, sink, [patient], seconds=TAKEN_UP_AGAIN)
            trial.expect(worker.starts == 2, f"The worker was started {worker.starts} times.")
            trial.settle(site, [patient], letters=sink.letters)
