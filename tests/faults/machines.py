"""Two web machines on one PostgreSQL, Redis and S3, as deploy/README.md describes them; then one dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.faults.store import own_store
from tests.faults.trial import Trial, fault, speed
from tests.live.patient import Crowd, Patient
from tests.live.server import Server

PAGE = "/drugs/bcg/"
WITHDRAW = """
from content.library_import import library_user
from content.models import DrugContent
DrugContent.objects.get(entry__slug="bcg", language="en").versions.get().unpublish(library_user())
"""
MOVING = 10  # people who begin on one machine and end on the other


@fault(
    "X21",
    f"two machines share PostgreSQL, Redis and S3; {MOVING} people change machines half way, a page is withdrawn, "
    "one machine is killed",
    must_hold="one request each, whichever machine took it; a withdrawn page is gone from both within 1 s; the other "
    "machine serves everything",
)
def one_of_two_machines_dies(trial: Trial) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(own_store())
        one = trial.site(on_postgres=True, REDIS_URL=trial.lab.redis.url, **store.variables())
        one.run("import_library")
        two = one.copy(trial.folder / "second")
        servers = [stack.enter_context(site.serving()) for site in (one, two)]
        travelers = [_change_machines(servers, number) for number in range(1, MOVING + 1)]
        _expect_withdrawn_from_both(trial, servers, lambda: two.run("shell", "--command", WITHDRAW))
        crowd = stack.enter_context(Crowd(servers[1].port, first=1001))
        time.sleep(3)
        for pid in (servers[0].master, *servers[0].workers):
            os.kill(pid, signal.SIGKILL)
        time.sleep(10)
        crowd.close()
        after = trial.back(servers[1].port)
        crowd.end()
        trial.note(f"on the machine that is left: {speed(crowd.patients)}")
        trial.settle(two, [after, *travelers], crowd=crowd, more=store.dump() + trial.lab.redis.dump())
        trial.expect(not trial.patients_met, "Somebody met an error.")


def _change_machines(servers: list[Server], number: int) -> Patient:
    """Fills in on one machine, adds a file and sends on the other, as behind a load balancer."""
    patient = Patient(servers[number % 2].port, number)
    patient.fill_in()
    patient.move_to(servers[1 - number % 2].port)
    patient.hesitate()
    patient.hand_in()
    return patient


def _expect_withdrawn_from_both(trial: Trial, servers: list[Server], withdraw: Callable[[], object]) -> None:
    statuses = [_ask(server) for server in servers]
    trial.expect(statuses == [200, 200], f"Before, {PAGE} answered {statuses}.")
    withdraw()
    for server in servers:
        trial.wait_for(f"{PAGE} withdrawn", lambda server=server: _ask(server) == 404, seconds=1)


def _ask(server: Server) -> int:
    return server.get(PAGE, Host="www.example.org", **{"X-Forwarded-Proto": "https"}).status
