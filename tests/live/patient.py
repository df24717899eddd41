"""Patients who ask over HTTP as their browsers do, try again when nobody answers, and remember what they were told."""

from __future__ import annotations

import hashlib
import random
import re
import ssl
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from tests.consultations.sample_files import padded_pdf
from tests.live.site import HOST

# Stands in everything these people type and send: wherever it is found in the clear, something leaks.
MARK = "songbird"
SIZE = 2_000_000
# Whoever is faster counts as a program: stored all the same, but without letters.
HONEST_SECONDS = 3.5
REFERENCE = re.compile(r"IM-\w{4}-\w{2}")


class NoAnswer(Exception):
    """The connection broke, or nobody took it."""


class Unexpected(Exception):
    """An answer that no patient should ever see."""


@dataclass(frozen=True)
class Answer:
    status: int
    address: str
    text: str


class Browser:
    """Keeps cookies, follows redirects, sends forms. One connection for each request, as behind nginx.

    The site is asked in plain HTTP as nginx would ask it, or over https with a `certificate`. Each browser has
    an address of its own, for what is counted by address.
    """

    def __init__(self, port: int, *, number: int = 1, certificate: str = "", timeout: float = 90) -> None:
        self.cookies: dict[str, str] = {}
        self.page = Answer(0, "/", "")
        self.port, self._timeout = port, timeout
        self._context = ssl.create_default_context(cafile=certificate) if certificate else None
        self._source = (f"127.{1 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}", 0)

    def get(self, path: str) -> Answer:
        return self._follow(self._ask("GET", path))

    def post(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        file: tuple[str, bytes] | None = None,
        slowly: float = 0,
    ) -> Answer:
        """Sends a form with the token of the page that is open."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page.text)
        fields = {"csrfmiddlewaretoken": token[1] if token else "", **fields}
        kind, body = _multipart(fields, file) if file else (FORM, urlencode(fields).encode())
        return self._follow(self._ask("POST", path, body=body, slowly=slowly, **{"Content-Type": kind}))

    def _follow(self, answer: Answer) -> Answer:
        while answer.status in (301, 302, 303):
            answer = self._ask("GET", answer.text)
        self.page = answer
        return answer

    def _ask(self, method: str, path: str, *, body: bytes = b"", slowly: float = 0, **headers: str) -> Answer:
        connection = self._connection()
        try:
            self._send(connection, method, path, body, slowly, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if response.status in (301, 302, 303):
            text = urlsplit(urljoin(path, response.headers["Location"])).path
        return Answer(response.status, path, unescape(text))

    def _connection(self) -> HTTPConnection:
        if self._context is None:
            return HTTPConnection("127.0.0.1", self.port, timeout=self._timeout, source_address=self._source)
        return _Https(
            "127.0.0.1", self.port, timeout=self._timeout, source_address=self._source, context=self._context
        )

    def _send(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: bytes,
        slowly: float,
        headers: Mapping[str, str],
    ) -> None:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        own = {"Host": HOST, "Connection": "close", "Referer": f"https://{HOST}{path}"}
        own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self._context is None:
            own["X-Forwarded-Proto"] = "https"
        if method == "POST":
            own["Content-Length"] = str(len(body))
        for name, value in (own | headers).items():
            connection.putheader(name, value)
        connection.endheaders()
        if not slowly:
            connection.send(body)
            return
        step = len(body) // 20 + 1
        for start in range(0, len(body), step):
            connection.send(body[start : start + step])
            time.sleep(slowly / 20)


class _Https(HTTPSConnection):
    """Asks this machine, and expects the certificate of the site's name."""

    def connect(self) -> None:
        HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=HOST)


FORM = "application/x-www-form-urlencoded"


def _multipart(fields: Mapping[str, str], file: tuple[str, bytes]) -> tuple[str, bytes]:
    border = uuid.uuid4().hex
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    name, content = file
    head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    parts += [head.encode(), content, f"\r\n--{border}--\r\n".encode()]
    return f"multipart/form-data; boundary={border}", b"".join(parts)


@dataclass(eq=False)
class Patient:
    """One person with one request. `ask` goes the whole way and returns the reference."""

    port: int
    number: int
    certificate: str = ""
    with_file: bool = True
    size: int = SIZE
    patience: float = 120  # seconds of trying again before giving up
    slowly: float = 0  # seconds the upload takes
    reference: str = ""
    began: float = 0.0
    # What they met on their way: (page, status), where "no answer" is status 0.
    met: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # how long each answer took
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.browser = Browser(self.port, number=self.number, certificate=self.certificate)
        self.name = f"{MARK.title()} {self.number}"
        self.email = f"{MARK}-{self.number}@example.org"
        self.question = f"What can I do? {MARK} asks for the {self.number}th time."
        self.file = (
            (f"{MARK}-{self.number}.pdf", padded_pdf(self.size, title=MARK)) if self.with_file else None
        )

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.file[1]).hexdigest() if self.file else ""

    def ask(self) -> str:
        self.fill_in()
        self.hesitate()
        return self.hand_in()

    def begin(self) -> None:
        """The first thing that is stored."""
        self.began = time.monotonic()
        self._see("/consultation/")
        self._send("", {"about": ""})

    def fill_in(self) -> None:
        """Everything up to the documents."""
        self.begin()
        self._see("/consultation/about/")
        self._send("about", {"for_whom": "me", "cancer": "not-sure", "country": "US"})
        self._send("question", {"question": self.question})
        self._send("tests", {})

    def move_to(self, port: int) -> None:
        """The load balancer sends them to another machine."""
        self.port = self.browser.port = port

    def hesitate(self) -> None:
        time.sleep(max(0.0, self.began + HONEST_SECONDS - time.monotonic()))

    def hand_in(self) -> str:
        """The documents and all that follows; the reference that was shown."""
        if self.file:
            self._send("documents", {"go_on": "yes"}, file=self.file)
        else:
            self._send("documents", {"go_on": "yes"})
        self._send("contact", CONTACT | {"name": self.name, "email": self.email})
        self._send("consent", {"consent_use": "yes"})
        self._send("check", {"more_words": ""})
        self.reference = self._shown_reference()
        return self.reference

    def _shown_reference(self) -> str:
        page = self.browser.page
        found = REFERENCE.search(page.text)
        if page.address != "/consultation/received/" or not found:
            raise Unexpected(f"{page.address} shows no reference.")
        if self.file and self.file[0] not in page.text:
            self.complaints.append("My file is not among those received.")
        return found[0]

    def _see(self, path: str) -> None:
        self._insist(path, lambda: self.browser.get(path))

    def _send(self, page: str, fields: Mapping[str, str], *, file: tuple[str, bytes] | None = None) -> None:
        """The same form again, with the same cookie and token, until the site has taken it."""
        path = f"/consultation/{page}/" if page else "/consultation/"
        slowly = self.slowly if file else 0
        self._insist(
            path, lambda: self.browser.post(path, fields, file=file, slowly=slowly), typed=[*fields.values()]
        )

    def _insist(self, path: str, ask: Callable[[], Answer], *, typed: list[str] | None = None) -> None:
        page_before, until = self.browser.page, time.monotonic() + self.patience
        while True:
            began = time.monotonic()
            try:
                answer = ask()
            except NoAnswer:
                self.met[path, 0] += 1
                self.browser.page = page_before
            else:
                self.met[path, answer.status] += 1
                self.seconds.append(time.monotonic() - began)
                if answer.status == 200:
                    return
                if answer.status not in (502, 503):
                    raise Unexpected(f"{path} answered {answer.status}.")
                self._read_refusal(answer, typed or [])
                self.browser.page = page_before
            if time.monotonic() > until:
                raise NoAnswer(f"{path} was not taken in {self.patience:.0f} seconds.")
            time.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - people, not secrets

    def _read_refusal(self, answer: Answer, typed: list[str]) -> None:
        """It must not sound like a success, and what was typed must still be there."""
        if REFERENCE.search(answer.text) or "have received" in answer.text:
            self.complaints.append(f"{answer.address} refused and sounded as if it had received.")
        is_ours = "What you typed is still here" in answer.text or not any(typed)
        lost = [words for words in typed if words not in answer.text]
        if answer.status == 503 and is_ours and lost:
            self.complaints.append(f"{answer.address} refused and forgot what was typed.")


CONTACT = {
    "phone": "+1 555 010 0000",
    "contact_by": "email",
    "language": "en",
    "contact_when": "any",
    "may_leave_message": "no",
}


class Crowd:
    """A new patient every so many seconds, for as long as the block runs; its end waits for them all.

    `failures` says who did not get a reference, and why.
    """

    def __init__(self, port: int, *, every: float = 1.0, first: int = 1, **about_them: object) -> None:
        self.patients: list[Patient] = []
        self.failures: list[str] = []
        self._port, self._every, self._next, self._about_them = port, every, first, about_them
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Crowd:
        self._gate = threading.Thread(target=self._let_in, daemon=True)
        self._gate.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def close(self) -> None:
        """Nobody comes any more; whoever is here goes on."""
        self._is_over.set()

    def end(self) -> None:
        self.close()
        self._gate.join()
        for thread in self._threads:
            thread.join()

    def _let_in(self) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            patient = Patient(self._port, self._next, **self._about_them)
            self._next += 1
            self.patients.append(patient)
            thread = threading.Thread(target=self._attend, args=(patient,), daemon=True)
            self._threads.append(thread)
            thread.start()
            self._is_over.wait(max(0.0, self._every - (time.monotonic() - began)))

    def _attend(self, patient: Patient) -> None:
        try:
            patient.ask()
        except (NoAnswer, Unexpected) as error:
            self.failures.append(f"{patient.name}: {error}")


def met(patients: Iterable[Patient]) -> Counter[int]:
    """How often they met which status; 0 is no answer."""
    counted: Counter[int] = Counter()
    for patient in patients:
        for (_page, status), times in patient.met.items():
            counted[status] += times
    return counted
