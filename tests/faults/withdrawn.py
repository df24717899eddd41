"""A page that is withdrawn while many read it, and the machine that dies right afterwards."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from tests.deploy.nginx import NGINX, Proxy, nginx_before
from tests.faults.trial import Trial, fault
from tests.live.services import Missing
from tests.live.site import Site

PATH, OTHER = "/drugs/tisagenlecleucel/", "/drugs/bcg/"
WORDS = b"tisagenlecleucel"
MINUTE = 62  # nginx counts whole seconds
WITHDRAW = (
    "from djangocms_versioning.models import Version;"
    "from content.library_import import library_user;"
    "from content.models import DrugContent;"
    "content = DrugContent.objects.get(entry__slug='tisagenlecleucel', language='en');"
    "Version.objects.get_for_content(content).unpublish(library_user())"
)


class Readers(threading.Thread):
    """Somebody asks for the page four times a second, so that it is never old to nginx for want of readers."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(daemon=True)
        self.read: list[tuple[float, int, bool]] = []  # when, the answer, are its words there?
        self._proxy, self._is_over = proxy, threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(0.25):
            answer = self._proxy.ask(PATH)
            self.read.append((time.monotonic(), answer.status, answer.status == 200 and WORDS in answer.body))

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def last_words(self, since: float) -> float:
        """Seconds after `since` at which somebody last read the page."""
        return max((moment - since for moment, _status, has_words in self.read if has_words), default=0)


@fault(
    "X20",
    "a page is withdrawn while it is read through nginx; a minute later the web server is stopped for good",
    must_hold="nobody reads it after its minute, however often it was asked for, nor when the server is gone",
)
def page_is_withdrawn(trial: Trial) -> None:
    if not NGINX:
        raise Missing("nginx is missing: apt-get install -y nginx-light")
    site = trial.site()
    with ExitStack() as stays, ExitStack() as web:
        server = web.enter_context(site.serving())
        proxy = stays.enter_context(nginx_before(server.port, folder=trial.folder / "nginx", data=site.data))
        trial.expect(proxy.ask(PATH).status == 200, "The page was not public to begin with.")
        trial.expect(proxy.ask(OTHER).status == 200, "The other page was not public.")
        _withdraw_while_it_is_read(trial, site, proxy)
        web.close()
        gone, other = proxy.ask(PATH).status, proxy.ask(OTHER).status
        trial.note(f"without the web server: {gone}, and {other} for a page that was not withdrawn")
        trial.expect(gone != 200, "Without the web server the page was read again.")
        trial.expect(other == 200, "Without the web server nothing was read.")


def _withdraw_while_it_is_read(trial: Trial, site: Site, proxy: Proxy) -> None:
    readers = Readers(proxy)
    readers.start()
    site.run("shell", "--command", WITHDRAW)
    withdrawn = time.monotonic()
    time.sleep(MINUTE + 5)
    readers.stop()
    seconds = readers.last_words(withdrawn)
    trial.note(f"last read {seconds:.1f} s after it was withdrawn, by {len(readers.read)} readers")
    trial.expect(seconds <= MINUTE, f"Read {seconds:.0f} s after it was withdrawn.")
    trial.expect(readers.read[-1][1] == 404, f"The last reader got {readers.read[-1][1]}.")
