"""Everybody who uses a site walks through it: readers all its pages, a patient the forms, an editor and a coordinator
whatever the admin offers them. What two workers hold afterwards is what a machine needs.

Always two people at a time, so that both workers meet everything.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

from tests.bench.asked import OPEN_DATA, SEARCHES
from tests.bench.entry_pages import FILL
from tests.live.patient import Browser, Patient
from tests.live.server import ROOT, Server, environment, run, serving
from tests.live.site import HOST

ROLES = ("Editor", "Coordinator")
PASSWORD = "a long password of the bench"
MAKE_STAFF = f"""
from django.contrib.auth.models import Group, User
from immuno_site.accounts import second_factor
for role in {ROLES}:
    user = User.objects.create_user(role.lower(), role.lower() + "@example.org", "{PASSWORD}", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    print(*second_factor.enroll(user).recovery_codes)
"""
PREPARE = (*FILL, ("apply_roles",), ("load_reply_templates",))
SIGNING_IN = "/accounts/second-factor/"
ADDRESS = re.compile(r"<loc>https?://[^/]+(/[^<]*)</loc>")
LINK = re.compile(r'href="(/admin/[^"?#]*)')
NO_WAY = ("logout", "jsi18n", "delete")  # leads out, is none, or spoils the walk of the next one
SEEN_BY_STAFF = ("/", "/drugs/", "/drugs/pembrolizumab/", "/cancers/melanoma/")
ROUNDS = 3

Turn = tuple[float, float]  # MiB (PSS) of both workers, here and there


def of_stock(against: Path, folder: Path, rounds: int) -> Iterator[Turn]:
    """What two workers hold here and there, each round from a fresh start."""
    sites = {ROOT: folder / "walked-here", against: folder / "walked-there"}
    codes = {code: _prepare(code, data) for code, data in sites.items()}
    for _ in range(rounds):
        here, there = (_after_walks(code, data, codes[code]) for code, data in sites.items())
        yield here, there


def _prepare(code: Path, data: Path) -> list[list[str]]:
    """The recovery codes of each member of the staff; each is good for one sign-in."""
    data.mkdir()
    for arguments in PREPARE:
        run(data, "manage.py", *arguments, code=code)
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "shell", "--verbosity", "0", "--command", MAKE_STAFF],
        cwd=code,
        env=environment(data),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [line.split() for line in said.splitlines()]


def _after_walks(code: Path, data: Path, codes: list[list[str]]) -> float:
    with serving(data, code=code, ALLOWED_HOSTS=f"{HOST},127.0.0.1") as server:
        Patient(server.port, 1).ask()
        staff = [
            _signed_in(server, number, role.lower(), kept.pop())
            for number, (role, kept) in enumerate(zip(ROLES, codes, strict=True), start=2)
        ]
        for _ in range(ROUNDS):
            _at_once(lambda: _read(server), lambda: _read(server))
            _at_once(*(lambda browser=browser: _work(browser) for browser in staff))
        return sum(server.pss())


def _at_once(*walks: Callable[[], None]) -> None:
    with ThreadPoolExecutor(len(walks)) as pool:
        for walk in [pool.submit(walk) for walk in walks]:
            walk.result()


def _read(server: Server) -> None:
    sitemap = server.get("/sitemap.xml", **{"Accept-Encoding": "identity"}).body.decode()
    for path in [*map(unescape, ADDRESS.findall(sitemap)), *SEARCHES, *OPEN_DATA]:
        if (status := server.get(path).status) != 200:
            raise RuntimeError(f"{path} answered {status}")


def _signed_in(server: Server, number: int, name: str, code: str) -> Browser:
    browser = Browser(server.port, number=number)
    browser.get(f"/accounts/login/?next={SIGNING_IN}")
    browser.post("/accounts/login/", {"login": name, "password": PASSWORD, "next": SIGNING_IN})
    if browser.post(f"{SIGNING_IN}authenticate/", {"code": code}).address != SIGNING_IN:
        raise RuntimeError(f"{name} could not sign in.")
    return browser


def _work(browser: Browser) -> None:
    """One of each kind of page that links of the admin lead to, and public pages with the toolbar."""
    to_see, seen = ["/admin/", *SEEN_BY_STAFF], set[str]()
    while to_see:
        path = to_see.pop(0)
        if path.startswith("/admin/") and (shape := re.sub(r"\d+", "1", path)) in seen:
            continue
        seen.add(shape)
        answer = browser.get(path)
        if answer.status >= 500:  # django CMS also offers what not everybody may
            raise RuntimeError(f"{path} answered {answer.status}")
        to_see += [link for link in LINK.findall(answer.text) if not any(word in link for word in NO_WAY)]
