"""A Redis that is emptied, and one that is gone."""

from __future__ import annotations

import time
from contextlib import ExitStack

from tests.faults.trial import Trial, fault, speed
from tests.live.patient import Browser, Crowd

PASSWORD = "a long password of the trial"
MAKE_COORDINATOR = f"""
from django.contrib.auth.models import Group, User
from immuno_site.accounts import second_factor
ruth = User.objects.create_user("ruth", "ruth@example.org", "{PASSWORD}", is_staff=True)
ruth.groups.set(Group.objects.filter(name="Coordinator"))
print(*second_factor.enroll(ruth).recovery_codes)
"""
ADDRESS = "/accounts/second-factor/"  # only for whoever is signed in


@fault(
    "X11",
    "Redis emptied, then gone for 15 s; a request with a 2 MB file every second",
    must_hold="requests and sign-in work; limits hold without it; pages are still served",
)
def redis_is_gone(trial: Trial) -> None:
    redis = trial.lab.redis
    site = trial.site(REDIS_URL=redis.url)
    codes = site.run("shell", "--verbosity", "0", "--command", MAKE_COORDINATOR).stdout.split()
    with site.serving() as server, Crowd(server.port) as crowd:
        _expect_signed_in(trial, server.port, 1, codes.pop())
        redis.client.flushall()
        time.sleep(3)
        redis.stop()
        try:
            time.sleep(2)
            _expect_signed_in(trial, server.port, 2, codes.pop())
            statuses = _guess(server.port, 3)
            trial.expect(statuses[-1] == 429, f"Six guesses were answered with {statuses}.")
            page = Browser(server.port, number=4).get("/")
            trial.expect(page.status == 200, f"The home page answered {page.status}.")
            time.sleep(8)
        finally:
            redis.start()
        crowd.close()
        after = trial.back(server.port)
        crowd.end()
        trial.note(speed(crowd.patients))
        trial.settle(site, [after], crowd=crowd, more=redis.dump())
        trial.expect(not trial.patients_met, "Somebody met an error.")


@fault(
    "X30",
    "Redis is gone while a release hands over: the new one starts without it, the old one leaves; then it comes back",
    must_hold="the new one starts and serves; nobody is turned away; nothing is lost",
)
def redis_is_gone_in_a_release(trial: Trial) -> None:
    redis = trial.lab.redis
    site = trial.site(REDIS_URL=redis.url)
    with ExitStack() as stack:
        old = stack.enter_context(ExitStack())
        first = old.enter_context(site.serving())
        crowd = stack.enter_context(Crowd(first.port))
        time.sleep(4)
        redis.stop()
        try:
            second = stack.enter_context(site.serving())
            others = stack.enter_context(Crowd(second.port, first=1001))
            time.sleep(4)
            crowd.end()
            old.close()
        finally:
            redis.start()
        time.sleep(2)
        others.close()
        after = trial.back(second.port)
        others.end()
    trial.note(speed([*crowd.patients, *others.patients]))
    trial.settle(site, [after, *others.patients], crowd=crowd, more=redis.dump())
    trial.expect_none(others.failures)
    trial.expect(not trial.patients_met, "Somebody met an error.")


def _sign_in(browser: Browser, password: str) -> int:
    browser.get(f"/accounts/login/?next={ADDRESS}")
    return browser.post("/accounts/login/", {"login": "ruth", "password": password, "next": ADDRESS}).status


def _expect_signed_in(trial: Trial, port: int, number: int, code: str) -> None:
    browser = Browser(port, number=50_000 + number)
    _sign_in(browser, PASSWORD)
    answer = browser.post(f"{ADDRESS}authenticate/", {"code": code})
    is_in = (answer.status, answer.address) == (200, ADDRESS)
    trial.expect(is_in, f"Sign-in ended at {answer.address} with {answer.status}.")


def _guess(port: int, number: int) -> list[int]:
    browser = Browser(port, number=50_000 + number)
    return [_sign_in(browser, "a wrong password") for _ in range(6)]
