"""nginx.conf, tried with the real nginx: what reaches Django, what is kept, what is refused, what is logged."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import RemoteDisconnected
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from immuno_site import addresses
from immuno_site.consultations.files.spool import MAX_POST
from tests.deploy.nginx import AWAY, DEPLOY, HOST, NGINX, Answer, Proxy, read_answer, real_nginx

pytestmark = pytest.mark.skipif(not NGINX, reason="needs nginx: apt-get install nginx-light")
SIZES = {"k": 2**10, "m": 2**20}
MOST_CONNECTIONS = 40  # of one address
OVER = 2.2  # seconds after which what may be kept for one is old: nginx counts whole ones


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with real_nginx(tmp_path_factory.mktemp("nginx")) as proxy:
        _fill(proxy.folder / "data")
        yield proxy


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """It waits three seconds for a client where the deployed one waits a minute at most."""
    with real_nginx(tmp_path_factory.mktemp("hasty"), seconds=3) as proxy:
        _fill(proxy.folder / "data")
        yield proxy


def _fill(data: Path) -> None:
    """What immuno-prepare puts there."""
    for language in ("en", "he"):
        for page in ("too_large", "unavailable", "too_many"):
            (data / "errors" / language / f"{page}.html").write_text(f"<p>{page} in {language}</p>")
    (data / "static" / "site.0123456789ab.css").write_text("p {}")
    (data / "static" / "site.0123456789ab.css.gz").write_bytes(gzip.compress(b"p {}"))
    (data / "static" / "site.css").write_text("p {}")


def _got(answer: Answer, name: str) -> list[str]:
    """What Django was told under this name."""
    return [value for key, value in answer.told["headers"] if key.lower() == name.lower()]


# --- What reaches Django ----------------------------------------------------------------------------------


def _say_host(nginx: Proxy, host: str, path: str = "/") -> Answer:
    return nginx.say(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())


@pytest.mark.parametrize("host", [f"{HOST}:8443", f"{HOST}:20001", f"{HOST}:", f"{HOST}.", f"{HOST}:443:443"])
def test_other_port_or_spelling_of_our_host_is_refused(nginx: Proxy, host: str) -> None:
    before = len(nginx.site.asked)
    assert _say_host(nginx, host).status == 400
    assert len(nginx.site.asked) == before


@pytest.mark.parametrize("host", [HOST, f"{HOST}:443", HOST.upper()])
def test_django_reads_one_name_and_pages_are_kept_under_it(nginx: Proxy, host: str) -> None:
    answer = _say_host(nginx, host, "/kept/host")
    assert _got(answer, "Host") == [HOST]
    assert answer.told["number"] == nginx.ask("/kept/host").told["number"]


@pytest.mark.corpus("H3")
def test_h3_made_up_proxy_headers_do_not_arrive(nginx: Proxy) -> None:
    answer = nginx.ask(
        "/", X_Forwarded_For="9.9.9.9", X_Forwarded_Proto="http", X_Forwarded_Host="evil.example",
        X_Forwarded_Port="1", X_Original_URL="/admin/", X_Rewrite_URL="/admin/", Forwarded="for=9.9.9.9",
        Proxy="http://evil.example",
    )  # fmt: skip
    assert _got(answer, "X-Forwarded-For") == ["127.0.0.1"]
    assert _got(answer, "X-Forwarded-Proto") == ["https"]
    assert "evil" not in str(answer.told["headers"])
    assert "9.9.9.9" not in str(answer.told["headers"])
    assert not [
        _got(answer, name) for name in ("X-Original-URL", "X-Rewrite-URL", "Forwarded") if _got(answer, name)
    ]


@pytest.mark.corpus("H7")
def test_h7_foreign_host_gets_nothing(nginx: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", nginx.http), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert connection.recv(100) == b""
    with pytest.raises(ssl.SSLError):
        nginx.connect("evil.example")
    before = len(nginx.site.asked)
    with pytest.raises(RemoteDisconnected):  # on a connection made for our own name
        nginx.say(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert len(nginx.site.asked) == before


@pytest.mark.corpus("H8")
@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1\r\nHost: www.example.org\r\nHost: evil.example\r\n",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"GET https://www.example.org/ HTTP/1.1\r\nHost: evil.example\r\n",
        b"GET https://www.example.org/ HTTP/1.1\r\nHost: www.example.org.evil.example\r\n",
    ],
)
def test_h8_two_hosts_none_or_two_lengths_are_refused(nginx: Proxy, request_line: bytes) -> None:
    before = len(nginx.site.asked)
    assert nginx.say(request_line + b"Connection: close\r\n\r\n").status == 400
    assert len(nginx.site.asked) == before


@pytest.mark.corpus("H8")
def test_h8_other_host_in_the_request_line_gets_nothing(nginx: Proxy) -> None:
    before = len(nginx.site.asked)
    with pytest.raises(RemoteDisconnected):
        nginx.say(b"GET https://evil.example/ HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n\r\n")
    assert len(nginx.site.asked) == before


@pytest.mark.corpus("H9")
@pytest.mark.parametrize(
    ("method", "path"), [("TRACE", "/"), ("TRACE", "/consultation/"), ("MADEUP", "/static/site.css")]
)
def test_h9_trace_is_refused(nginx: Proxy, method: str, path: str) -> None:
    """What is made up otherwise goes on to Django, which refuses it: tests/site/test_headers.py."""
    assert nginx.ask(path, method=method).status == 405


def test_plain_http_goes_to_the_same_host_first(nginx: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", nginx.http), timeout=5) as connection:
        answer = read_answer(connection, f"GET /a?b=c HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}/a?b=c")


def test_only_new_tls_is_spoken(nginx: Proxy) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("AES128-GCM-SHA256:AES256-SHA")  # without forward secrecy
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", nginx.https)) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname=HOST)


# --- What is kept -----------------------------------------------------------------------------------------


def test_public_page_is_asked_for_once(nginx: Proxy) -> None:
    numbers = {nginx.ask("/kept/once").told["number"] for _ in range(3)}
    assert len(numbers) == 1


@pytest.mark.corpus("H2")
@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "__Host-sessionid=x"},
        {"Cookie": "a=b; __Host-csrftoken=x"},
        {"Cookie": "messages=x"},
        {"Authorization": "Basic x"},
    ],
)
def test_h2_page_of_somebody_is_neither_taken_from_the_cache_nor_put_into_it(
    nginx: Proxy, headers: dict[str, str]
) -> None:
    path = f"/kept/{abs(hash(str(headers)))}"
    own = nginx.ask(path, **headers).told["number"]
    others = nginx.ask(path).told["number"]
    assert own != others
    assert nginx.ask(path, **headers).told["number"] not in (own, others)


@pytest.mark.corpus("H1")
@pytest.mark.parametrize(
    "path", ["/consultation/", "/he/consultation/check/", "/admin/", "/callback/", "/accounts/x"]
)
def test_h1_personal_pages_are_never_kept(nginx: Proxy, path: str) -> None:
    nginx.site.asked.clear()
    nginx.ask(path)
    nginx.ask(path)
    assert nginx.site.asked == [f"GET {path}"] * 2


def test_encodings_have_copies_of_their_own(nginx: Proxy) -> None:
    numbers = [
        nginx.ask("/kept/e", Accept_Encoding=said).told["number"] for said in ("br", "gzip", "gzip, br")
    ]
    assert numbers[0] == numbers[2] != numbers[1]


@dataclass
class Aging:
    """What readers got of pages that grow old side by side: at first, when their time is over, and when it is again."""

    new: dict[str, Answer]
    old: dict[str, Answer]
    older: dict[str, Answer]
    after_withdrawal: list[Answer]


@pytest.fixture(scope="module")
def aging(nginx: Proxy) -> Aging:
    pages = ["/outage/withdrawn", "/outage/public"]
    pages += [f"/brief/{name}" for name in ("withdrawn", "changed", "long", "away")]
    site = nginx.site
    new = {path: nginx.ask(path) for path in pages}
    site.statuses = {
        "/brief/away": AWAY, "/brief/long": AWAY, "/brief/withdrawn": 404, "/outage/withdrawn": 404,
    }  # fmt: skip
    time.sleep(OVER)
    old = {
        path: nginx.ask(path)
        for path in ("/brief/away", "/brief/long", "/brief/changed", "/outage/withdrawn")
    }
    after_withdrawal = [nginx.ask("/brief/withdrawn") for _ in range(3)]
    site.statuses |= {"/brief/withdrawn": 200, "/outage/withdrawn": AWAY, "/outage/public": AWAY}
    for _ in range(4):
        time.sleep(OVER / 4)
        nginx.ask("/brief/long")  # asking does not make it younger
    older = {path: nginx.ask(path) for path in pages}
    site.statuses = {}
    return Aging(new, old, older, after_withdrawal)


def test_kept_page_outlives_a_server_that_is_away(aging: Aging) -> None:
    assert aging.old["/brief/away"].status == 200


def test_kept_page_is_not_shown_for_ever_while_the_server_is_away(aging: Aging) -> None:
    answer = aging.older["/brief/long"]
    assert (answer.status, answer.body) == (503, b"<p>unavailable in en</p>")


def test_withdrawn_page_is_gone_when_its_time_is_over(aging: Aging) -> None:
    assert [answer.status for answer in aging.after_withdrawal] == [404] * 3
    assert aging.older["/brief/withdrawn"].status == 200  # it has come back


def test_withdrawn_page_does_not_come_back_while_the_server_is_away(aging: Aging) -> None:
    assert aging.older["/outage/withdrawn"].status != 200
    assert aging.older["/outage/public"].status == 200


def test_changed_page_is_read_by_the_first_after_its_time(aging: Aging) -> None:
    assert aging.old["/brief/changed"].told["number"] > aging.new["/brief/changed"].told["number"]


def test_question_that_changes_nothing_makes_no_page_of_its_own(nginx: Proxy) -> None:
    asked = ["/kept/q", "/kept/q?fbclid=1", "/kept/q?a=2&b=3", "/kept/q?"]
    assert len({nginx.ask(path).told["number"] for path in asked}) == 1


def test_question_that_changes_the_page_has_a_page_of_its_own(nginx: Proxy) -> None:
    asked = ["/search/?q=rash", "/search/?q=cough", "/search/", "/drugs/?letter=k", "/drugs/"]
    assert len({nginx.ask(path).told["number"] for path in asked}) == len(asked)


def test_nginx_knows_every_address_whose_question_counts() -> None:
    """A parameter that Django reads and nginx does not would show everybody the first one's answer."""
    rules = re.findall(r"^ +~(\S+) \$request_uri;", (DEPLOY / "nginx.conf").read_text(), re.M)
    for path in [*addresses.parameters(), *addresses.PARAMETERS_BELOW]:
        for language in ("", "/he", "/en", "/EN"):
            for typed in (path, path.upper()):
                assert any(re.match(rule, f"{language}{typed}?a=b") for rule in rules), typed


def test_odd_spelling_of_an_address_makes_no_page_of_its_own(nginx: Proxy) -> None:
    nginx.site.asked.clear()
    nginx.ask("/kept/%73pelled")
    nginx.ask("/kept/%73pelled")
    assert len(nginx.site.asked) == 2  # Django has the page, and nginx only the one


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0.0, br;q=0", ""),
        ("x-gzip", ""),
        ("gzip;q=0.5", "gzip"),
        ("deflate, gzip, br;q=1.0", "br"),
        ("identity", ""),
    ],
)
def test_encoding_that_is_refused_is_not_asked_for(nginx: Proxy, said: str, encoding: str) -> None:
    got = _got(nginx.ask("/consultation/", Accept_Encoding=said), "Accept-Encoding")
    assert got == ([encoding] if encoding else [])


@pytest.mark.parametrize("headers", [{"Cookie": "__Host-sessionid=made-up"}, {"Authorization": "Basic x"}])
def test_reading_past_the_kept_pages_has_a_limit_of_its_own(nginx: Proxy, headers: dict[str, str]) -> None:
    sender = f"127.0.3.{1 + len(headers.get('Cookie', ''))}"
    statuses = [nginx.ask("/kept/own", sender=sender, **headers).status for _ in range(60)]
    assert statuses[:30] == [200] * 30
    assert 429 in statuses
    assert nginx.ask("/kept/own", sender=sender).status == 200
    assert nginx.ask("/kept/own", sender="127.0.3.200", **headers).status == 200


# --- Limits -----------------------------------------------------------------------------------------------


def _announce(nginx: Proxy, path: str, length: int) -> Answer:
    request = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\n"
    return nginx.say(request.encode())


@pytest.mark.corpus("F19")
@pytest.mark.parametrize("path", ["/consultation/documents/", "/consultation/contact/", "/"])
def test_f19_gigabyte_is_refused_before_it_is_sent(nginx: Proxy, path: str) -> None:
    before = len(nginx.site.asked)
    answer = _announce(nginx, path, 2**30)
    assert (answer.status, answer.body) == (413, b"<p>too_large in en</p>")
    assert len(nginx.site.asked) == before
    assert not any((nginx.folder / "bodies").rglob("*"))


@pytest.mark.corpus("F19")
def test_f19_body_that_says_no_length_ends_at_the_limit(nginx: Proxy) -> None:
    before = len(nginx.site.asked)
    head = f"POST /consultation/contact/ HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + b"x" * 2**16 + b"\r\n"
    assert nginx.say(head.encode() + piece * 40).status == 413
    assert len(nginx.site.asked) == before
    assert not any((nginx.folder / "bodies").rglob("*"))


def test_documents_may_be_as_large_as_django_takes() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    number, unit = re.search(
        r"documents\|return/request\)[^{]*{\s*client_max_body_size (\d+)([km]);", text, re.DOTALL
    ).groups()
    assert MAX_POST < int(number) * SIZES[unit] < 1.1 * MAX_POST


@pytest.mark.parametrize(
    "path",
    [
        "/consultation/documents/",
        "/ar/consultation/return/request/",
        "/admin/consultations/consultationrequest/7/send-wait/",
        "/admin/consultations/consultationrequest/7/came/",
    ],
)
def test_upload_arrives_and_leaves_nothing(nginx: Proxy, path: str) -> None:
    body = b"x" * 3 * 2**20
    answer = nginx.ask(path, method="POST", body=body)
    assert _got(answer, "Content-Length") == [str(len(body))]
    assert not [found for found in (nginx.folder / "bodies").rglob("*") if found.is_file()]


def test_x4_body_there_is_no_room_for_gets_the_page_that_says_so(nginx: Proxy) -> None:
    bodies, elsewhere = nginx.folder / "bodies", nginx.folder / "elsewhere"
    bodies.rename(elsewhere)
    try:
        answer = nginx.ask("/consultation/documents/", method="POST", body=b"x" * 3 * 2**20)
    finally:
        elsewhere.rename(bodies)
    assert (answer.status, answer.body) == (503, b"<p>unavailable in en</p>")
    assert answer.headers["retry-after"] == "60"


def test_small_forms_take_no_large_bodies(nginx: Proxy) -> None:
    assert _announce(nginx, "/consultation/contact/", 2 * 2**20).status == 413


def test_flood_of_one_sender_is_held_up_and_readers_are_not(nginx: Proxy) -> None:
    request = f"POST /callback/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n".encode()
    last = request.replace(b"Content-Length", b"Connection: close\r\nContent-Length")
    sender = "127.0.5.1"
    with nginx.connect(sender=sender) as connection:
        connection.sendall(request * 119 + last)
        with connection.makefile("rb") as file:
            statuses = re.findall(rb"HTTP/1.1 (\d+) ", file.read())
    assert statuses[0] == b"200"
    assert statuses.count(b"429") > 20
    assert nginx.ask("/kept/readers", sender=sender).status == 200


@pytest.mark.corpus("B8")
def test_b8_nobody_is_waited_for_longer_than_a_minute() -> None:
    waits = re.findall(r"client_(?:header|body)_timeout (\d+)s;", (DEPLOY / "nginx.conf").read_text())
    assert len(waits) == 3
    assert max(map(int, waits)) <= 60


SLOW = f"POST /consultation/documents/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n".encode()


@pytest.mark.corpus("B8")
def test_b8_request_that_stalls_is_cut_and_reaches_no_worker(hasty: Proxy) -> None:
    """Within the header, before the body, and short of its end; and a header that trickles."""
    before = len(hasty.site.asked)
    with ExitStack() as stack:
        stalled = [stack.enter_context(hasty.connect()) for _ in range(3)]
        for connection, sent in zip(stalled, (SLOW[:-2], SLOW, SLOW + b"x" * 999), strict=True):
            connection.settimeout(30)
            connection.sendall(sent)
        trickling = stack.enter_context(hasty.connect())
        with pytest.raises(OSError, match=r"reset|EOF|closed|[Bb]roken"):
            _trickle(trickling, SLOW * 10)
        for connection in stalled:
            assert b"200 OK" not in _heard_until_the_end(connection)
    assert len(hasty.site.asked) == before
    assert not [found for found in (hasty.folder / "bodies").rglob("*") if found.is_file()]


def _heard_until_the_end(connection: ssl.SSLSocket) -> bytes:
    heard = b""
    with suppress(ConnectionResetError, ssl.SSLError):
        while piece := connection.recv(1000):
            heard += piece
    return heard


def _trickle(connection: ssl.SSLSocket, content: bytes) -> None:
    for letter in content:
        connection.sendall(bytes([letter]))
        time.sleep(0.1)


@pytest.mark.corpus("B8")
def test_b8_bodies_that_trickle_hold_no_worker_and_keep_nobody_else_waiting(hasty: Proxy) -> None:
    """nginx knows no least speed, and a longest time would cut patients with 20 MB on a poor line. So a slow body
    costs a connection of nginx, of which one address has 40, and Django never hears of it."""
    before = hasty.site.asked.count("POST /consultation/contact/")
    slow_form = SLOW.replace(b"documents", b"contact")  # of files, fewer are waited for: below
    with ExitStack() as stack:
        slow = []
        for _ in range(MOST_CONNECTIONS):
            slow.append(stack.enter_context(hasty.connect()))
            slow[-1].sendall(
                slow_form
            )  # at once: all of them together may take longer than a header is waited for
        for _ in range(8):  # byte by byte, for longer than a stalled one is waited for
            for connection in slow:
                connection.sendall(b"x")
            time.sleep(0.5)
            assert hasty.ask("/consultation/", sender="127.0.0.2").status == 200
        assert hasty.ask("/consultation/").status == 429
        assert hasty.site.asked.count("POST /consultation/contact/") == before
        slow[0].sendall(b"x" * 992)  # whoever was only slow is served
        assert b"200 OK" in slow[0].recv(1000)


def test_limit_of_connections_is_the_one_that_is_tested() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert set(re.findall(r"limit_conn connections (\d+);", text)) == {str(MOST_CONNECTIONS)}


LARGE = SLOW.replace(b"Length: 1000", b"Length: 100000000")
NO_LENGTH = SLOW.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("head", "most", "sender"),
    [(SLOW, 4, "127.0.4.1"), (LARGE, 2, "127.0.4.2"), (NO_LENGTH, 2, "127.0.4.3")],
    ids=["small", "large", "?"],
)
def test_one_address_sends_few_files_at_a_time_and_keeps_no_other_from_sending(
    nginx: Proxy, head: bytes, most: int, sender: str
) -> None:
    """`nginx` waits a minute: none of these is cut meanwhile."""
    with ExitStack() as stack:
        for _ in range(most):
            connection = stack.enter_context(nginx.connect(sender=sender))
            connection.sendall(head)
        time.sleep(0.5)
        with nginx.connect(sender=sender) as one_more:
            assert read_answer(one_more, head).status == 429
        body = b"x" * 2**20
        assert (
            nginx.ask("/consultation/documents/", method="POST", body=body, sender="127.0.4.9").status == 200
        )
        assert nginx.ask("/consultation/documents/", sender=sender).status == 200  # reading the page goes on


def test_memory_for_bodies_has_room_for_several_addresses_at_their_limit() -> None:
    unit = (DEPLOY / "systemd" / "run-immunobodies.mount").read_text()
    gigabytes = int(re.search(r"size=(\d+)G,", unit)[1])
    of_one_address = 2 * 105 + 2 * 30
    assert gigabytes * 1024 / of_one_address > 7


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff:1:2:3", True),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("198.51.100.7", "198.51.100.8", False),
    ],
)
def test_addresses_of_one_network_are_counted_together(
    tmp_path: Path, one: str, other: str, are_one: bool
) -> None:
    behind = (
        "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"  # a load balancer, as in the handbook
    )
    with real_nginx(tmp_path, more=behind) as proxy:
        _fill(proxy.folder / "data")
        headers = {"Cookie": "__Host-sessionid=made-up"}
        statuses = [proxy.ask("/kept/x", X_Forwarded_For=one, **headers).status for _ in range(60)]
        assert 429 in statuses
        assert (proxy.ask("/kept/x", X_Forwarded_For=other, **headers).status == 429) is are_one


@pytest.mark.corpus("B9")
def test_b9_endless_header_is_refused(nginx: Proxy) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Long: {'x' * 40_000}\r\n\r\n".encode()
    assert nginx.say(request).status in (400, 494)


# --- What nginx answers itself ----------------------------------------------------------------------------


@pytest.mark.corpus("H6")
@pytest.mark.parametrize(("path", "language"), [("/x", "en"), ("/he/consultation/", "he")])
def test_h6_error_pages_speak_the_language_and_carry_the_headers(
    nginx: Proxy, path: str, language: str
) -> None:
    answer = _announce(nginx, path, 2**30)
    assert answer.body == f"<p>too_large in {language}</p>".encode()
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    for name in (
        "strict-transport-security",
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
    ):
        assert name in answer.headers


def test_answers_of_django_carry_each_header_once(nginx: Proxy) -> None:
    answer = nginx.ask("/kept/headers")
    assert answer.headers["x-frame-options"] == "DENY"
    assert "content-security-policy" not in answer.headers  # Django's own, which this server does not send
    assert answer.headers["server"] == "nginx"


@pytest.mark.django_db
def test_own_headers_say_what_django_says() -> None:
    said = dict(
        re.findall(
            r'^add_header (\S+) "?([^"]+?)"? always;', (DEPLOY / "nginx-headers.conf").read_text(), re.M
        )
    )
    theirs = Client().get("/robots.txt", secure=True).headers
    protecting = {name for name in theirs if name.startswith(("Cross-Origin-", "Strict-", "X-", "Referrer-"))}
    assert set(said) == protecting | {"Content-Security-Policy"}
    for name in protecting:
        assert said[name] == theirs[name], name


def test_server_that_is_away_is_said_politely(tmp_path: Path) -> None:
    with real_nginx(tmp_path) as proxy:
        (proxy.folder / "data/errors/en/unavailable.html").write_text("away")
        proxy.site.shutdown()
        proxy.site.server_close()
        answers = [proxy.ask("/consultation/", method=method) for method in ("GET", "POST")]
        # Allowed to be this large: whoever sends it is not told that it is too large.
        answers.append(proxy.ask("/consultation/documents/", method="POST", body=b"x" * 3 * 2**20))
    for answer in answers:
        assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b"away", "60")


def test_static_files_are_served_without_django(nginx: Proxy) -> None:
    before = len(nginx.site.asked)
    hashed, plain = nginx.ask("/static/site.0123456789ab.css"), nginx.ask("/static/site.css")
    assert (hashed.status, plain.status, len(nginx.site.asked)) == (200, 200, before)
    assert "immutable" in hashed.headers["cache-control"]
    assert hashed.headers["vary"] == "Accept-Encoding"
    assert plain.headers["cache-control"] == "public, max-age=60"
    assert plain.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/site.aaaaaaaaaaaa.css", {}),
        ("/static/missing.css", {}),
        ("/static/", {}),
        ("/static/site.0123456789ab.css", {"Range": "bytes=9999-"}),
        ("/static/site.css", {"Range": "bytes=9999-"}),
    ],
)
def test_file_that_is_not_there_is_not_remembered_as_missing(
    nginx: Proxy, path: str, headers: dict[str, str]
) -> None:
    answer = nginx.ask(path, **headers)
    assert answer.status == 200 or answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/wp-login.php", "/apple-touch-icon-57.png", "/media/x.png", "/he/a.JPG", "/.env"]
)
def test_files_that_every_site_is_asked_for_are_refused_without_django(nginx: Proxy, path: str) -> None:
    before = len(nginx.site.asked)
    answer = nginx.ask(path)
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
    assert len(nginx.site.asked) == before


@pytest.mark.parametrize(
    "path",
    [
        "/sitemap.xml", "/robots.txt", "/api/v1/openapi.json", "/.well-known/security.txt", "/favicon.ico",
        "/apple-touch-icon.png", "/site.webmanifest",
        "/offline-worker.js", "/api/v1/all.zip", "/clinicians/3.webp", "/he/clinicians/3.webp",
        "/pictures/3-480.webp", "/leaflets/3.pdf",
    ],
)  # fmt: skip
def test_files_of_ours_are_handed_on(nginx: Proxy, path: str) -> None:
    assert nginx.ask(path).status == 200


def test_authority_for_certificates_sees_its_token_without_tls(nginx: Proxy) -> None:
    place = nginx.folder / "acme" / ".well-known" / "acme-challenge"
    place.mkdir(parents=True, exist_ok=True)
    (place / "token").write_text("seen")
    with socket.create_connection(("127.0.0.1", nginx.http), timeout=5) as plain:
        request = (
            f"GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        )
        answer = read_answer(plain, request.encode())
    assert (answer.status, answer.body) == (200, b"seen")


@pytest.mark.corpus("A4")
@pytest.mark.parametrize(
    "path", ["/static/../private/a", "/static/%2e%2e/site.sqlite3", "/private/a", "/media/a"]
)
def test_a4_guessed_paths_reach_no_file(nginx: Proxy, path: str) -> None:
    (nginx.folder / "data" / "private").mkdir(exist_ok=True)
    (nginx.folder / "data" / "private" / "a").write_text("secret")
    assert b"secret" not in nginx.ask(path).body


# --- What is written down ---------------------------------------------------------------------------------


@pytest.mark.corpus("P1")
def test_p1_log_knows_no_query_no_address_and_no_browser(nginx: Proxy) -> None:
    nginx.ask("/kept/log?q=CANARY-query", Referer="https://x/?CANARY-referrer", User_Agent="CANARY-browser")
    nginx.ask("/consultation/contact/", method="POST", body=b"name=CANARY-body", Cookie="x=CANARY-cookie")
    time.sleep(0.2)
    logs = "".join(path.read_text() for path in (nginx.folder / "log").iterdir())
    line = next(line for line in map(json.loads, logs.splitlines()) if line["path"] == "/kept/log")
    assert line.keys() == {
        "time", "request", "from", "method", "path", "status", "bytes", "seconds", "kept",
    }  # fmt: skip
    assert (line["from"], line["method"], line["status"]) == ("127.0.0.0", "GET", 200)
    assert "CANARY" not in logs
    assert '"127.0.0.1"' not in logs


def test_request_has_one_number_in_the_log_and_in_django(nginx: Proxy) -> None:
    told = dict(nginx.ask("/kept/numbered", X_Request_ID="made up").told["headers"])
    time.sleep(0.2)
    log = (nginx.folder / "log" / "immuno.log").read_text()
    assert re.fullmatch("[0-9a-f]{32}", told["X-Request-ID"])
    assert f'"request":"{told["X-Request-ID"]}"' in log


def test_numbers_of_this_machine_are_for_this_machine() -> None:
    place = re.search(
        r"location ~ \^/\(\?:readyz\|metrics\)\$ \{(.*?)\}", (DEPLOY / "nginx.conf").read_text(), re.S
    )
    assert re.findall(r"(allow|deny) (\S+);", place[1]) == [
        ("allow", "127.0.0.1"),
        ("allow", "::1"),
        ("deny", "all"),
    ]


@pytest.mark.corpus("P1")
def test_p1_no_log_has_an_address_when_something_goes_wrong(tmp_path: Path) -> None:
    with real_nginx(tmp_path) as proxy:
        _fill(proxy.folder / "data")
        shutil.rmtree(proxy.folder / "bodies")
        (proxy.folder / "bodies").write_text("no folder: as if there were no room")
        sender = {"Referer": "https://x/?CANARY-referrer"}
        proxy.ask("/consultation/documents/", method="POST", body=b"x" * 3 * 2**20, **sender)
        proxy.site.status = AWAY
        proxy.ask("/search/?q=CANARY-query", **sender)
        time.sleep(0.2)
        logs = "".join(path.read_text() for path in (proxy.folder / "log").iterdir())
    assert logs.count('"status":503') == 2
    assert "CANARY" not in logs
    assert "127.0.0.1" not in logs


def test_languages_of_the_configuration_are_those_of_the_site() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    codes = "|".join(code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)
    named = re.findall(r"\((?:\?:)?((?:\w\w\|)+\w\w)\)", text)
    assert {one.removeprefix(f"{settings.LANGUAGE_CODE}|") for one in named} == {codes}  # /en/ leads to ours
