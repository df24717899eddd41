"""The watch over sources: what it opens, what it finds, what editors are told. Servers here speak what those out
there speak; what the openFDA and the EMA send is made up in their form."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command
from django.test import Client

from content.models import Source, SourceLook
from content.watch import fetching, looking, reading
from content.watch.fetching import Answer, NoAnswer, NotAllowed
from tests.factories import create_page
from tests.staff import create_staff

DAY = datetime.timedelta(days=1)
READ_ON = datetime.date(2026, 11, 1)
FIRST_LOOK = datetime.datetime(2026, 11, 5, 12, tzinfo=datetime.UTC)


class Site:
    """A site out there. `pages` are (status, headers, body) by path, or what makes them."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple | Callable[[dict], tuple]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                page = site.pages.get(self.path, (404, {}, b""))
                status, headers, body = page(dict(self.headers)) if callable(page) else page
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for part in body if not isinstance(body, bytes) else [body]:
                    try:
                        self.wfile.write(part)
                        self.wfile.flush()
                    except OSError:
                        return

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def page(self, path: str, words: str, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (200, {"Content-Type": "text/html", **named}, f"<main>{words}</main>".encode())

    def data(self, path: str, data: object) -> None:
        self.pages[path] = (200, {"Content-Type": "application/json"}, json.dumps(data).encode())

    @property
    def fetch(self) -> Callable[..., Answer]:
        """Opens this site as if it were public."""
        return partial(fetching.fetch, may_connect=lambda address, port: port == self.port)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


# --- What is opened


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://0x7f000001/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://10.0.0.7/", "http://192.168.1.1/", "http://169.254.169.254/latest/",
        "http://[fe80::1]/", "http://[fc00::1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
        "http://0.0.0.0/", "http://224.0.0.1/", "http://100.64.0.1/",
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "http:///x", "",
        "http://user:secret@93.184.215.14/", "http://93.184.215.14:22/", "http://93.184.215.14:6379/",
    ],
)  # fmt: skip
def test_only_public_addresses_of_the_web_are_opened(url: str) -> None:
    with pytest.raises(NotAllowed):
        fetching.fetch(url)


def test_public_addresses_may_be_opened() -> None:
    for address in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        assert fetching.is_public(ipaddress.ip_address(address), 443)


def test_redirect_to_an_inner_address_is_not_followed(site: Site) -> None:
    inner = Site()
    inner.page("/secret", "Nobody may see this.")
    site.pages["/"] = (302, {"Location": inner.url("/secret")}, b"")
    with pytest.raises(NotAllowed):
        site.fetch(site.url("/"))
    assert inner.asked == []
    inner.server.shutdown(), inner.server.server_close()


def test_connection_goes_to_the_address_that_was_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time changes nothing: it is not asked again."""
    site.page("/", "Words.")
    real, asked = socket.getaddrinfo, []

    def answer_once(host: str, *args: object, **kwargs: object) -> object:
        asked.append(host)
        return real("127.0.0.1" if host == "rebinding.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", answer_once)
    assert site.fetch(f"http://rebinding.example:{site.port}/").status == 200
    assert asked.count("rebinding.example") == 1


def test_circle_of_redirects_has_an_end(site: Site) -> None:
    site.pages["/"] = (302, {"Location": "/"}, b"")
    with pytest.raises(NotAllowed, match="leads on more than"):
        site.fetch(site.url("/"))
    assert len(site.asked) == fetching.MOST_HOPS + 1


def test_answer_without_end_or_of_a_bomb_is_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 200_000)
    site.pages["/endless"] = lambda headers: (200, {}, iter(lambda: b"x" * 65536, b""))
    site.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 50_000_000))
    for path in ("/endless", "/bomb"):
        with pytest.raises(NotAllowed, match="larger than"):
            site.fetch(site.url(path))


def test_answer_that_drips_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LONGEST", 0.4)

    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b"x"

    site.pages["/"] = lambda headers: (200, {}, drip())
    before = time.monotonic()
    with pytest.raises(NoAnswer):
        site.fetch(site.url("/"))
    assert time.monotonic() - before < 3


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"\0\xff" * 99, b"HTTP/9 x\r\n"]
)
def test_nonsense_is_no_answer(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def talk() -> None:
            caller, _address = listening.accept()
            caller.recv(1000)
            caller.sendall(said)
            caller.close()

        threading.Thread(target=talk, daemon=True).start()
        try:
            answer = fetching.fetch(f"http://127.0.0.1:{port}/", may_connect=lambda address, at: at == port)
        except (NoAnswer, NotAllowed):
            return
        assert answer.body == b""


def certificate(host: str, path: Path) -> Path:
    """One that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none)
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.mark.parametrize(("names", "is_let_in"), [("localhost", True), ("elsewhere.example", False)])
def test_certificate_must_be_the_hosts_own(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str, is_let_in: bool
) -> None:
    """Of the host in the address, though the connection goes to a number."""
    site.page("/", "Words.")
    pem = certificate(names, tmp_path / "site.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    asked = f"https://localhost:{site.port}/"
    with pytest.raises(NoAnswer):  # nobody vouches for it
        site.fetch(asked)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    if is_let_in:
        assert site.fetch(asked).status == 200
    else:
        with pytest.raises(NoAnswer):
            site.fetch(asked)


# --- What counts as its text


def page_of(html: str, media_type: str = "text/html; charset=utf-8") -> reading.Found:
    return reading.found_in(Answer(200, "", {"content-type": media_type}, html.encode()))


def test_words_of_a_page_count_and_not_what_stands_around_them() -> None:
    one = page_of("<nav>Home</nav><main><h1>Label</h1> <p>Say  it.</p></main><footer>Seen 10 times</footer>")
    two = page_of("<nav>Start</nav><main class=x><h1>Label</h1> <p>Say it.</p><script>1</script></main>12")
    assert one == two == page_of("<main>Label Say it.</main>")
    assert one != page_of("<main>Label Say it not.</main>")


@pytest.mark.parametrize(
    "html", ["", "<", "<main", "<!--", "</main></nav>", "<a " * 20_000, "<p>" * 20_000, "\0\ud83d"]
)
def test_broken_page_is_read_as_it_is(html: str) -> None:
    answer = Answer(200, "", {"content-type": "text/html"}, html.encode(errors="surrogatepass"))
    assert len(reading.found_in(answer).digest) == 64


def label(version: str, day: str, *, updated: str = "2026-11-01") -> dict:
    head = {"last_updated": updated, "results": {"skip": 0, "limit": 1, "total": 1}}
    return {
        "meta": head,
        "results": [{"set_id": "s", "id": f"i{version}", "version": version, "effective_time": day}],
    }


def test_label_of_the_openfda_has_its_version_and_day() -> None:
    found = page_of(json.dumps(label("7", "20260811")), "application/json")
    assert (found.edition, found.edition_on) == (
        "version 7, effective 2026-08-11",
        datetime.date(2026, 8, 11),
    )
    other_day = page_of(
        json.dumps(label("7", "20260811", updated="2026-11-09")), "application/json; charset=utf-8"
    )
    assert other_day == found
    assert page_of(json.dumps(label("8", "20261102")), "application/json") != found


def test_application_of_the_openfda_has_its_newest_submission() -> None:
    rows = [
        {"submission_type": "SUPPL", "submission_number": number, "submission_status_date": day}
        for number, day in (("41", "20260811"), ("7", "20200102"))
    ]
    found = page_of(json.dumps({"results": [{"submissions": rows}]}), "application/json")
    assert (found.edition, found.edition_on) == (
        "submission SUPPL 41, 2026-08-11",
        datetime.date(2026, 8, 11),
    )


@pytest.mark.parametrize(
    "data", [{}, [], {"results": {}}, {"results": [{"version": None, "effective_time": "x"}]}, 7]
)
def test_other_data_is_held_against_itself(data: object) -> None:
    assert page_of(json.dumps(data), "application/json") == page_of(json.dumps(data), "application/json")


def ema(revision: str, day: str) -> dict:
    rows = [
        {
            "category": "Human", "name_of_medicine": "Testuda", "medicine_status": "Authorised",
            "revision_number": revision, "last_updated_date": day,
            "medicine_url": "https://www.ema.europa.eu/en/medicines/human/EPAR/testuda",
        },
        {"medicine_url": "https://www.ema.europa.eu/en/medicines/veterinary/EPAR/dogs"}, None, 7,
    ]  # fmt: skip
    return {"meta": {"total_records": 1}, "data": rows}


def test_medicines_of_the_ema_have_their_revision() -> None:
    table = reading.ema_table(json.dumps(ema("41", "12/08/2026")).encode())
    assert list(table) == ["testuda"]
    assert (table["testuda"].edition, table["testuda"].edition_on) == (
        "revision 41",
        datetime.date(2026, 8, 12),
    )
    assert reading.ema_table(b"<html>") == {}


# --- Going round


def create(key: str, url: str) -> Source:
    return Source.objects.create(
        key=key, title=f"The {key} label", publisher="P", url=url, kind="label", checked_on=READ_ON
    )


@pytest.fixture
def source(site: Site, db: None) -> Source:
    return create("watched", site.url("/label"))


def look(site: Site, source: Source, *, days: int = 0, also: tuple[Source, ...] = ()) -> SourceLook | None:
    now = FIRST_LOOK + days * DAY
    fresh = Source.objects.filter(pk__in=[source.pk, *(one.pk for one in also)]).select_related("look")
    looking.look_at(fresh.order_by("pk"), fetch=site.fetch, clock=lambda: now, pause=0)
    return SourceLook.objects.filter(source=source).first()


def told(source: Source) -> list[str]:
    return list(SourceLook.objects.telling().filter(source=source).values_list("finding", flat=True))


def test_page_that_says_the_same_is_no_news(site: Site, source: Source) -> None:
    site.page("/label", "Words", ETag='"1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")
    first = look(site, source)
    assert (first.status, first.etag, first.last_modified) == (200, '"1"', "Mon, 02 Nov 2026 10:00:00 GMT")
    site.pages["/label"] = lambda headers: (304 if headers.get("If-None-Match") == '"1"' else 500, {}, b"")
    second = look(site, source, days=7)
    assert second.looked_at == FIRST_LOOK + 7 * DAY
    assert told(source) == []


def test_change_is_told_until_a_person_has_read_the_source_again(site: Site, source: Source) -> None:
    site.page("/label", "Words")
    look(site, source)
    site.page("/label", "Other words")
    assert look(site, source, days=7).since == datetime.date(2026, 11, 12)
    assert told(source) == ["changed"]
    assert look(site, source, days=14).since == datetime.date(2026, 11, 12)  # the first day of it
    Source.objects.filter(pk=source.pk).update(checked_on=datetime.date(2026, 11, 20))
    assert told(source) == []
    look(site, source, days=21)
    assert told(source) == []
    site.page("/label", "Words")  # not what was read the second time
    look(site, source, days=28)
    assert told(source) == ["changed"]


def test_page_that_went_back_to_what_was_read_is_no_news_any_more(site: Site, source: Source) -> None:
    for days, words in enumerate(("Words", "Other", "Words")):
        site.page("/label", words)
        look(site, source, days=7 * days)
    assert told(source) == []


def test_page_that_says_something_else_each_time_is_not_told_of(site: Site, source: Source) -> None:
    number = iter(range(99))
    site.pages["/label"] = lambda headers: (
        200,
        {"Content-Type": "text/html"},
        b"<main>%d</main>" % next(number),
    )
    assert look(site, source).is_restless
    look(site, source, days=7)
    assert told(source) == []


def test_new_version_of_a_label_is_told(site: Site, source: Source) -> None:
    site.data("/label", label("7", "20261020"))
    look(site, source)
    assert told(source) == []
    site.data("/label", label("8", "20261109"))
    assert look(site, source, days=7).edition == "version 8, effective 2026-11-09"
    assert told(source) == ["changed"]


def test_label_that_is_younger_than_its_reading_is_told_at_the_first_look(site: Site, source: Source) -> None:
    site.data("/label", label("8", "20261103"))
    look(site, source)
    assert told(source) == ["changed"]


def test_medicines_of_the_ema_are_looked_up_in_one_table(site: Site, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(url=site.url("/en/medicines/human/EPAR/testuda"))
    other = Source.objects.create(
        key="other",
        title="O",
        publisher="P",
        url=site.url("/de/medicines/human/EPAR/testuda"),
        kind="label",
        checked_on=READ_ON,
    )
    site.data(reading.EMA_TABLE, ema("41", "12/08/2026"))
    look(site, source, also=(other,))
    assert site.asked == ["/robots.txt", reading.EMA_TABLE]
    site.pages[reading.EMA_TABLE] = (500, {}, b"")
    look(site, source, days=7)
    assert told(source) == []  # without the table nothing is known
    site.data(reading.EMA_TABLE, ema("42", "10/11/2026"))
    assert look(site, source, days=14).edition == "revision 42"
    assert told(source) == ["changed"]


@pytest.mark.parametrize("status", [404, 410])
def test_page_that_is_gone_is_told(site: Site, source: Source, status: int) -> None:
    site.page("/label", "Words")
    look(site, source)
    site.pages["/label"] = (status, {}, b"")
    look(site, source, days=7)
    assert told(source) == ["gone"]


def test_page_that_moved_for_good_is_told_with_its_new_address(site: Site, source: Source) -> None:
    site.pages["/label"] = (301, {"Location": "/new"}, b"")
    site.page("/new", "Words")
    assert look(site, source).moved_to == site.url("/new")
    assert told(source) == ["moved"]
    Source.objects.filter(pk=source.pk).update(url=site.url("/new"))
    assert told(source) == []
    look(site, source, days=7)
    assert told(source) == []


def test_page_that_leads_on_for_now_or_to_its_own_slash_has_not_moved(site: Site, source: Source) -> None:
    site.pages["/label"] = (302, {"Location": "/label/"}, b"")
    site.page("/label/", "Words")
    look(site, source)
    site.pages["/label"] = (301, {"Location": "/label/"}, b"")
    look(site, source, days=7)
    assert told(source) == []


def test_source_that_is_silent_is_told_only_when_others_answer(site: Site, source: Source) -> None:
    other = create("other", site.url("/other"))
    for path in ("/label", "/other"):
        site.pages[path] = (502, {}, b"")
    for days in range(5):  # nobody answers: we are offline
        row = look(site, source, days=days, also=(other,))
    assert (row.failures, row.looked_at, told(source)) == (0, None, [])
    site.page("/other", "Words")
    for days in range(5, 8):
        assert told(source) == []
        look(site, source, days=days, also=(other,))
    assert told(source) == ["silent"]


def test_host_that_asks_programs_to_stay_away_is_left_alone(site: Site, source: Source) -> None:
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /")
    site.page("/label", "Words")
    assert "stay away" in look(site, source).why_not
    assert site.asked == ["/robots.txt"]
    assert told(source) == []


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "http://[nowhere/"}, b""),
        (200, {"Content-Type": "application/json"}, b"[" * 200_000),
    ],
    ids=["no address", "no end of brackets"],
)
def test_answer_that_cannot_be_read_keeps_nobody_else_waiting(
    site: Site, source: Source, answer: tuple
) -> None:
    other = create("other", site.url("/other"))
    site.pages["/label"] = answer
    site.page("/other", "Words")
    assert "cannot be read" in look(site, source, also=(other,)).why_not
    assert SourceLook.objects.get(source=other).digest


def test_host_that_asks_for_rest_at_the_second_look_is_not_restless(site: Site, source: Source) -> None:
    answers = iter([(200, {"Content-Type": "text/html"}, b"<main>Words</main>"), (429, {}, b"Slower.")])
    site.pages["/label"] = lambda headers: next(answers)
    assert not look(site, source).is_restless


def test_host_that_asks_for_rest_is_not_asked_again_in_this_round(site: Site, source: Source) -> None:
    other = create("other", site.url("/other"))
    site.pages["/label"] = (429, {"Retry-After": "60"}, b"")
    look(site, source, also=(other,))
    assert site.asked == ["/robots.txt", "/label"]


def test_host_is_asked_slowly_and_told_who_asks(site: Site, source: Source, settings) -> None:
    seen: list[dict] = []
    site.pages["/label"] = lambda headers: (seen.append(headers), (200, {}, b"x"))[1]
    before = time.monotonic()
    looking.look_at([source], fetch=site.fetch, clock=lambda: FIRST_LOOK, pause=0.1)
    assert time.monotonic() - before >= 0.2  # robots, the page, and once more whether it is restless
    assert seen[0]["User-Agent"] == f"ImmunoSourceWatch/1.0 (+{settings.SITE_URL})"


def test_each_source_is_looked_at_once_a_week_the_longest_first(site: Site, source: Source) -> None:
    site.page("/label", "Words")
    look(site, source)
    assert source.key not in {one.key for one in looking.due(FIRST_LOOK + 6 * DAY)}
    assert source.key in {one.key for one in looking.due(FIRST_LOOK + 7 * DAY)}
    assert looking.due(FIRST_LOOK + 7 * DAY)[-1].key == source.key  # the others never were


# --- The command, and what editors see


def said(*keys: str) -> str:
    out = StringIO()
    call_command("look_at_sources", *keys, stdout=out)
    return out.getvalue()


def test_watch_is_off_until_the_operator_turns_it_on(site: Site, source: Source, settings) -> None:
    assert settings.SOURCE_WATCH is False
    assert "nothing was opened" in said("watched")
    assert not SourceLook.objects.exists()
    settings.SOURCE_WATCH = True
    said("watched")  # on, but 127.0.0.1 is no public address
    assert site.asked == []
    assert "not a public address" in SourceLook.objects.get(source=source).why_not
    with pytest.raises(CommandError, match="There is no source nowhere"):
        said("nowhere")


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    client.force_login(create_staff("noa", "view_signoff", "view_source", "change_source", "view_bulkchange"))
    return client


def test_change_stands_on_the_desk_and_leads_to_the_texts_that_rest_on_it(
    site: Site, source: Source, desk: Client
) -> None:
    create_page(slug="restumab", name="Restumab", unknowns="Words [@watched].")
    site.data("/label", label("8", "20261103"))
    look(site, source)
    page = desk.get("/admin/day/?show=sources").content.decode()
    assert "Changed since it was read" in page
    where = f"/admin/content/bulkchange/source/{source.pk}/"
    assert f'href="{where}"' in page
    used = desk.get(where).content.decode()
    assert "Restumab" in used
    assert "version 8, effective 2026-11-03" in used


def test_source_says_when_it_was_looked_at_or_that_it_was_not(
    site: Site, source: Source, desk: Client
) -> None:
    where = f"/admin/content/bulkchange/source/{source.pk}/"
    assert "Not looked at since it was read." in desk.get(where).content.decode()
    site.page("/label", "Words")
    look(site, source)
    assert "Looked at on 5 Nov 2026: as it was read." in desk.get(where).content.decode()
    site.pages["/label"] = (500, {}, b"")
    look(site, source, days=7)
    assert "Not looked at since 5 Nov 2026: It answered 500." in desk.get(where).content.decode()
    assert "5 Nov 2026" in desk.get("/admin/content/source/?q=watched").content.decode()
