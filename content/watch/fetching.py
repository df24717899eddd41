"""Opens one address of the outside world: public hosts only, a small answer, little time.

An address is resolved once, what it resolves to is checked, and the connection goes to exactly that; the same again
for every redirect. Otherwise an address could lead into this machine's own network.
"""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Timeout, Url, parse_url

MOST_BYTES = 30 * 2**20  # the table of all medicines of the EMA has about 10 MB
LONGEST = 60.0  # seconds for all of it, redirects and name servers included
MOST_HOPS = 5
PORTS = {"http": 80, "https": 443}
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_GLOBAL = ipaddress.ip_network("2000::/3")  # else addresses of other ranges could hold a private one

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MayConnect = Callable[[Address, int], bool]


class NoAnswer(Exception):
    """Nobody answered, or not in time."""


class NotAllowed(Exception):
    """The address, or what came from it, is nothing that is opened here."""


class TooLong(Exception):
    """The clock of `within` has run out."""


@dataclass(frozen=True)
class Answer:
    """What came back at last, and from where."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved_to: str = ""  # where the address leads for good, if every step to it was a permanent redirect

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_public(address: Address, port: int) -> bool:
    """On the internet, at a port of the web."""
    if port not in PORTS.values() or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GLOBAL and address.sixtofour is None and address.teredo is None
    return True


def fetch(
    url: str, *, headers: Mapping[str, str] | None = None, may_connect: MayConnect = is_public
) -> Answer:
    """Opens the address and follows its redirects."""
    try:
        with within(LONGEST):
            return _follow(url, dict(headers or {}), may_connect)
    except TooLong as error:
        raise NoAnswer(f"It took longer than {LONGEST:.0f} seconds.") from error
    except (HTTPError, OSError, UnicodeError) as error:
        raise NoAnswer(type(error).__name__) from error


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Timeouts of a socket start anew with each byte: this one does not. Only in the main thread of a process."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _follow(url: str, headers: dict[str, str], may_connect: MayConnect) -> Answer:
    moved_to, is_permanent = "", True
    for _hop in range(MOST_HOPS + 1):
        answer = _open(url, headers, may_connect)
        target = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not target:
            return Answer(answer.status, url, answer.headers, answer.body, moved_to)
        url = urljoin(url, target)
        is_permanent = is_permanent and answer.status in _PERMANENT
        moved_to = url if is_permanent else moved_to
        # What another address said of its text says nothing of this one.
        headers = {name: value for name, value in headers.items() if not name.startswith("If-")}
    raise NotAllowed(f"It leads on more than {MOST_HOPS} times.")


def _open(url: str, headers: Mapping[str, str], may_connect: MayConnect) -> Answer:
    parts = _parsed(url)
    host, scheme = str(parts.host).strip("[]"), str(parts.scheme)
    port = parts.port or PORTS[scheme]
    address = _checked_address(host, port, may_connect)
    with _connection(scheme, host, address, port) as pool:
        response = pool.urlopen(
            "GET",
            parts.request_uri,
            headers={**headers, "Host": parts.netloc or host, "Accept-Encoding": "gzip"},
            redirect=False,
            assert_same_host=False,
            preload_content=False,
        )
        try:
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, url, found, _body(response))
        finally:
            response.close()


def _parsed(url: str) -> Url:
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise NotAllowed("It is no address.") from error
    if parts.scheme not in PORTS or not parts.host:
        raise NotAllowed("Only http and https addresses are opened.")
    if parts.auth:
        raise NotAllowed("It holds a name or password.")
    return parts


def _checked_address(host: str, port: int, may_connect: MayConnect) -> str:
    """Where the name leads now; refused if any of its addresses is not allowed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    if not addresses or not all(may_connect(address, port) for address in addresses):
        raise NotAllowed("It is not a public address of the web.")
    return str(addresses[0])


def _connection(scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
    """To this very address; the certificate must be the host's."""
    timeout = Timeout(connect=10, read=20)
    if scheme == "https":
        return urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, retries=False, server_hostname=host, assert_hostname=host
        )
    return urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)


def _body(response: urllib3.BaseHTTPResponse) -> bytes:
    parts, size = [], 0
    for part in response.stream(2**16, decode_content=True):
        size += len(part)
        if size > MOST_BYTES:
            raise NotAllowed(f"It is larger than {MOST_BYTES // 2**20} MB.")
        parts.append(part)
    return b"".join(parts)
