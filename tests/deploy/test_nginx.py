"""nginx.conf, tried with the real nginx: what reaches Django, what is kept, what is refused, what is logged."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import RemoteDisconnected
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from immuno_site.consultations.spool import MAX_POST
from tests.deploy.nginx import DEPLOY, HOST, NGINX, Answer, Proxy, read_answer, real_nginx

pytestmark = pytest.mark.skipif(not NGINX, reason="needs nginx: apt-get install nginx-light")
SIZES = {"k": 2**10, "m": 2**20}
MOST_CONNECTIONS = 40  # of one address


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
    (data / "static" / "site.css").write_text("p {}")


def _got(answer: Answer, name: str) -> list[str]:
    """What Django was told under this name."""
    return [value for key, value in answer.told["headers"] if key.lower() == name.lower()]


# --- What reaches Django ----------------------------------------------------------------------------------


def test_host_arrives_with_its_port(nginx: Proxy) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {HOST}:8443\r\nConnection: close\r\n\r\n"
    assert _got(nginx.say(request.encode()), "Host") == [f"{HOST}:8443"]


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


def test_kept_page_outlives_a_server_that_is_away(nginx: Proxy) -> None:
    nginx.ask("/kept/away")
    nginx.site.status = 502
    try:
        assert nginx.ask("/kept/away").status == 200
    finally:
        nginx.site.status = 200


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
        r"documents\|return/request\).*?client_max_body_size (\d+)([km]);", text, re.DOTALL
    ).groups()
    assert MAX_POST < int(number) * SIZES[unit] < 1.1 * MAX_POST


@pytest.mark.parametrize("path", ["/consultation/documents/", "/ar/consultation/return/request/"])
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
    with nginx.connect() as connection:
        connection.sendall(request * 119 + last)
        with connection.makefile("rb") as file:
            statuses = re.findall(rb"HTTP/1.1 (\d+) ", file.read())
    assert statuses[0] == b"200"
    assert statuses.count(b"429") > 20
    assert nginx.ask("/kept/readers").status == 200
    time.sleep(5)  # the next test is another sender


@pytest.mark.corpus("B8")
def test_b8_nobody_is_waited_for_longer_than_a_minute() -> None:
    waits = re.findall(r"client_(?:header|body)_timeout (\d+)s;", (DEPLOY / "nginx.conf").read_text())
    assert len(waits) == 3
    assert max(map(int, waits)) <= 60


SLOW = f"POST /consultation/documents/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n".encode()


@pytest.mark.corpus("B8")
@pytest.mark.parametrize(
    "sent", [SLOW[:-2], SLOW, SLOW + b"x" * 999], ids=["header", "no body", "most of it"]
)
def test_b8_request_that_stalls_is_cut_and_reaches_no_worker(hasty: Proxy, sent: bytes) -> None:
    before = len(hasty.site.asked)
    with hasty.connect() as connection:
        connection.settimeout(30)
        connection.sendall(sent)
        assert b"200 OK" not in _heard_until_the_end(connection)
    assert len(hasty.site.asked) == before
    assert not [found for found in (hasty.folder / "bodies").rglob("*") if found.is_file()]


def _heard_until_the_end(connection: ssl.SSLSocket) -> bytes:
    heard = b""
    with suppress(ConnectionResetError, ssl.SSLError):
        while piece := connection.recv(1000):
            heard += piece
    return heard


@pytest.mark.corpus("B8")
def test_b8_header_that_trickles_is_cut(hasty: Proxy) -> None:
    with hasty.connect() as connection, pytest.raises(OSError, match=r"reset|EOF|closed|[Bb]roken"):
        _trickle(connection, SLOW * 10)


def _trickle(connection: ssl.SSLSocket, content: bytes) -> None:
    for letter in content:
        connection.sendall(bytes([letter]))
        time.sleep(0.1)


@pytest.mark.corpus("B8")
def test_b8_bodies_that_trickle_hold_no_worker_and_keep_nobody_else_waiting(hasty: Proxy) -> None:
    """nginx knows no least speed, and a longest time would cut patients with 20 MB on a poor line. So a slow body
    costs a connection of nginx, of which one address has 40, and Django never hears of it."""
    before = hasty.site.asked.count("POST /consultation/documents/")
    with ExitStack() as stack:
        slow = [stack.enter_context(hasty.connect()) for _ in range(MOST_CONNECTIONS)]
        for connection in slow:
            connection.sendall(SLOW)
        for _ in range(8):  # byte by byte, for longer than a stalled one is waited for
            for connection in slow:
                connection.sendall(b"x")
            time.sleep(0.5)
            assert hasty.ask("/consultation/", sender="127.0.0.2").status == 200
        assert hasty.ask("/consultation/").status == 429
        assert hasty.site.asked.count("POST /consultation/documents/") == before
        slow[0].sendall(b"x" * 992)  # whoever was only slow is served
        assert b"200 OK" in slow[0].recv(1000)


def test_limit_of_connections_is_the_one_that_is_tested() -> None:
    assert f"limit_conn connections {MOST_CONNECTIONS};" in (DEPLOY / "nginx.conf").read_text()


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
    assert plain.headers["cache-control"] == "public, max-age=60"
    assert plain.headers["x-content-type-options"] == "nosniff"


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
    assert "GET /kept/log 200" in logs
    assert "127.0.0.0 " in logs
    assert "CANARY" not in logs
    assert "127.0.0.1 " not in logs


def test_languages_of_the_configuration_are_those_of_the_site() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    codes = "|".join(code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)
    assert set(re.findall(r"\((?:\?:)?((?:\w\w\|)+\w\w)\)", text)) == {codes}
