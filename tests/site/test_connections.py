"""Whatever addresses people type, this machine connects to nobody: nothing is fetched, looked up or pinged."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import pikepdf
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from content.models import Source
from immuno_site import page_cache
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.uploads import pieces
from tests.consultations import sample_files as files
from tests.consultations.conftest import create_person, private_folder  # noqa: F401 - files need a place of their own
from tests.consultations.inbox import address, do
from tests.consultations.visitor import CALLBACK, FEEDBACK, Visitor, token_in
from tests.factories import CITED, create_page, create_source
from tests.stories import add_block, create_story, preview, publish

pytestmark = [pytest.mark.django_db, pytest.mark.corpus("S1")]
EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}


@dataclass
class Watch:
    """Notes what this process connects to or looks up, while it is on. Python keeps a hook until it ends."""

    is_on: bool = False
    seen: list[str] = field(default_factory=list)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.is_on and event in EVENTS and not self._is_ours(arguments):
            self.seen.append(f"{event} {arguments[1:]}")

    def _is_ours(self, arguments: tuple[object, ...]) -> bool:
        """Redis, where there is one. psycopg connects past Python."""
        server = urlsplit(settings.REDIS_URL)
        return bool(server.port) and server.port in (
            arguments[-1] if isinstance(arguments[-1], tuple) else arguments
        )


@cache
def _installed_watch() -> Watch:
    watch = Watch()
    sys.addaudithook(watch)
    return watch


@dataclass(frozen=True)
class Inside:
    """A server that only this machine can reach, and that nobody has any business with."""

    listener: socket.socket
    watch: Watch

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/x"

    @property
    def was_asked(self) -> bool:
        """By any process: also by the one that looks into files."""
        with suppress(BlockingIOError):
            self.listener.accept()[0].close()
            return True
        return False


@pytest.fixture
def inside(library: None) -> Iterator[Inside]:
    """At the end, nobody has connected to it or to anybody else."""
    watch = _installed_watch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        server = Inside(listener, watch)
        watch.seen, watch.is_on = [], True
        try:
            yield server
        finally:
            watch.is_on = False
        assert not server.was_asked
    assert watch.seen == []


def test_watch_would_notice(inside: Inside) -> None:
    """Otherwise the silence below would prove nothing."""
    with socket.create_connection(("127.0.0.1", urlsplit(inside.url).port)):
        assert inside.was_asked
    assert {line.split()[0] for line in inside.watch.seen} == {"socket.getaddrinfo", "socket.connect"}
    inside.watch.seen.clear()


# --- Patients and their files -----------------------------------------------------------------------------


def _pdf(url: str) -> bytes:
    """It opens an address when it is opened, and sends itself to it when it is closed."""
    outside = pikepdf.Dictionary({"/FS": pikepdf.Name("/URL"), "/F": url})
    root = {
        "/OpenAction": files.action("/URI", URI=url),
        "/AA": pikepdf.Dictionary({"/WC": files.action("/SubmitForm", F=outside)}),
    }
    return files.pdf(root=root, title=url)


def test_s1_addresses_of_patients_are_not_opened(inside: Inside, client: Client) -> None:
    url = inside.url
    anna = Visitor()
    anna.begin(url)
    dtd = f'<!DOCTYPE d SYSTEM "{url}"><d/>'
    chosen = [
        files.upload("a.pdf", _pdf(url)),
        files.upload("b.docx", files.docx(relations=files.relationship("hyperlink", url))),
        files.upload("c.docx", files.docx(relations=files.relationship("attachedTemplate", url))),
        files.upload("d.docx", files.docx(document=dtd)),
        files.upload("e.jpg", files.image() + f"<img src='{url}'>".encode()),
        files.upload("f.svg", f'<svg><image href="{url}"/></svg>'.encode()),
    ]
    assert anna.post("/consultation/documents/", {"files": chosen}).status_code == 422
    words = f"{url} <img src='{url}'> [x]({url})"
    anna.answer_all(
        **dict.fromkeys(["question", "treatments", "stage", "name"], words),
        email="anna@localhost.localdomain.example",
    )
    anna.send()
    for path, answers in (("/callback/", CALLBACK), ("/feedback/", FEEDBACK)):
        typed = {**answers, "name": words, "words": words, "page": url, "time_zone": words}
        typed = {name: value for name, value in typed.items() if name in {*answers, "time_zone"}}
        assert (
            anna.post(path, {**typed, "form": token_in(anna.get(path)), "more_words": ""}).status_code == 302
        )
    request = ConsultationRequest.objects.get(kind="consultation")
    assert url in request.question
    assert {file.name for file in request.attachments.all()} == {"a.pdf", "b.docx", "e.jpg"}
    client.force_login(create_person("ruth", "Coordinator"))
    _staff_read_and_answer(request, client, words)


def _staff_read_and_answer(request: ConsultationRequest, client: Client, words: str) -> None:
    do(client, request, "take")
    for step in ("change", "print"):
        assert client.get(address(request, step)).status_code == 200
    for file in request.attachments.all():
        assert b"".join(pieces(file))
    do(client, request, "answer", words=words)
    call_command("send_mail", once=True, stdout=io.StringIO())


# --- Editors ----------------------------------------------------------------------------------------------


def test_s1_addresses_of_editors_are_not_opened(inside: Inside, client: Client, editor: User) -> None:
    """There is no block that embeds, and no field that fetches: tests/content/test_plugins.py names all blocks."""
    url = inside.url
    client.force_login(editor)
    typed = f"{CITED} [x]({url}) ![x]({url}) <{url}> <img src={url}> <iframe src={url}></iframe>"
    create_source()
    Source.objects.update(url=url)
    draft = create_story(slug="draft", redirect=url)
    for plugin, words in (
        ("ProsePlugin", {"body": typed}),
        ("CareCardPlugin", {"urgency": "emergency", "lines": typed}),
        ("DoDontListPlugin", {"do": typed, "dont": typed}),
    ):
        assert add_block(client, draft, plugin, **words).status_code == 200
    assert preview(client, draft).status_code == 200
    assert client.post(reverse("admin:content_prose_preview"), {"text": typed}).status_code == 200
    assert client.get(reverse("admin:content_find_sources"), {"q": url}).status_code == 200


def test_s1_addresses_on_public_pages_are_not_opened(inside: Inside, client: Client) -> None:
    linked = f"{CITED} [x]({inside.url})"
    create_page(what_it_is=linked, act_emergency=[linked], leaflets=[create_source().key])
    Source.objects.update(url=inside.url)
    publish(create_story(text=linked))
    page_cache.generation.start_new()
    for path in (
        "/drugs/testumab/",
        "/story/",
        "/api/v1/drugs/testumab/",
        f"/search/?q={inside.url}",
        "/sitemap.xml",
    ):
        response = client.get(path)
        assert response.status_code == 200, path
    assert inside.url in client.get("/drugs/testumab/").content.decode()
    assert inside.url in client.get("/story/").content.decode()
