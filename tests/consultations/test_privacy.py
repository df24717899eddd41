"""Canaries: known words in everything a patient can send, then a look into every place they must not be."""

from __future__ import annotations

import html
import io
import json
import logging
import pickle
import tempfile
from collections.abc import Iterator
from email.message import Message as Mail
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core import mail as django_mail
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from PIL import Image

from immuno_site import settings as production
from immuno_site.accounts.models import Session
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    ConsultationRequest,
    Draft,
    Feedback,
    Message,
    Note,
)
from immuno_site.consultations.reference import return_code
from immuno_site.consultations.uploads import pieces
from immuno_site.management.commands import join_static
from tests.consultations import sample_files
from tests.consultations.inbox import address, do
from tests.consultations.visitor import ANSWERS, CALLBACK, FEEDBACK, Visitor

# --- What is planted --------------------------------------------------------------------------------------


def _three(word: str) -> str:
    """The same word as a Latin, a Hebrew and a Cyrillic canary."""
    return f"CANARY-{word} קנרית-{word} Канарейка-{word}"


PHONE, SECOND_PHONE = "+1 555 019 9837", "+1 555 019 9846"
EMAIL = "canary-mail@canary-host.example"
ABOUT = {"cancer_words": _three("cancer"), "stage": _three("stage")}
QUESTION = {
    name: _three(name)
    for name in ("question", "medicine_asked", "treatments", "medicines", "symptoms", "conditions")
}
RESULTS = {name: _three(name) for name in ("pd_l1_result", "gene_panel_result")}
UNFINISHED = {"treatments": _three("unfinished")}
CONTACT = {"name": _three("name"), "email": EMAIL, "phone": PHONE, "time_zone": _three("zone")}
CALL = {"name": _three("caller"), "phone": SECOND_PHONE, "time_zone": _three("callzone")}
REMARK = {"words": _three("remark")}
STAFF = {"note": _three("note"), "plan": _three("plan"), "answer": _three("answer")}
THREAD = {name: _three(name) for name in ("message", "translation", "draft", "reply", "late")}
FILES = {
    "name": "CANARY-file.pdf",
    "hebrew name": "קנרית-file.jpg",
    "title": "CANARY-title",
    "exif": "CANARY-exif",
}
REFUSED = {
    "file": "CANARY-refused.exe",
    "mail": "canary-wrong@@example",
    "code": "CANARY-code",
    "search": "CANARY-find",
}

CANARIES = sorted(
    {
        word
        for group in (
            ABOUT,
            QUESTION,
            RESULTS,
            UNFINISHED,
            CONTACT,
            CALL,
            REMARK,
            STAFF,
            THREAD,
            FILES,
            REFUSED,
        )
        for text in group.values()
        for word in ([text] if text in (PHONE, SECOND_PHONE) else text.split())
    }
)


def _photo() -> bytes:
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = FILES["exif"]  # the description a camera writes
    Image.new("RGB", (40, 30), "steelblue").save(data, "JPEG", exif=exif)
    return data.getvalue()


def _patient_sends() -> Visitor:
    """The whole journey with two files, and every mistake on the way."""
    anna = Visitor()
    anna.begin()
    anna.answer("about", **ABOUT)
    anna.post("/he/consultation/question/", {**UNFINISHED, "leave": "he"})
    assert UNFINISHED["treatments"] in anna.get("/he/consultation/question/").content.decode()
    anna.answer("question", **QUESTION)
    anna.answer("tests", **RESULTS)
    pdf = sample_files.upload(FILES["name"], sample_files.pdf(title=FILES["title"]))
    photo = sample_files.upload(FILES["hebrew name"], _photo())
    program = sample_files.upload(REFUSED["file"], sample_files.PROGRAM)
    assert anna.post("/consultation/documents/", {"files": [pdf, photo, program]}).status_code == 415
    anna.go_on_without_files()
    assert anna.answer("contact", **{**CONTACT, "email": REFUSED["mail"]}).status_code == 422
    anna.answer("contact", **CONTACT)
    anna.answer("consent")
    anna.get("/consultation/check/")
    anna.think()
    assert anna.send().status_code == 302
    assert anna.get("/consultation/received/").status_code == 200
    wrong = {"reference": "IM-AAAA-AA", "code": REFUSED["code"]}
    assert anna.post("/consultation/return/", wrong).status_code == 422
    return anna


def _others_write() -> None:
    anna = Visitor()
    for path, answers in (("/callback/", {**CALLBACK, **CALL}), ("/feedback/", {**FEEDBACK, **REMARK})):
        page = anna.get(path)
        token = html.unescape(page.content.decode()).partition('name="form" value="')[2].partition('"')[0]
        assert anna.post(path, {**answers, "form": token, "more_words": ""}).status_code == 302


def _patient_writes_back(request: ConsultationRequest) -> None:
    """And once more after the request was erased in another window."""
    anna = Visitor()
    code = return_code(request.form_id)
    anna.post("/consultation/return/", {"reference": request.reference, "code": code})
    assert THREAD["message"] in anna.get("/consultation/return/request/").content.decode()
    assert anna.post("/consultation/return/request/", {"words": THREAD["reply"]}).status_code == 302
    late = Visitor().post("/consultation/return/request/", {"words": THREAD["late"]})
    assert late.status_code == 410


def _staff_work(client: Client, coordinator: User) -> None:
    request = ConsultationRequest.objects.get(kind="consultation")
    assert do(client, request, "take").status_code == 302
    assert client.get(address(request)).status_code == 200
    do(client, request, "note", words=STAFF["note"])
    do(client, request, "plan", words=STAFF["plan"], on="2026-11-25")
    do(client, request, "answer", words=STAFF["answer"])
    assert Note.objects.count() == 2
    do(client, request, "send", words=THREAD["message"], translation=THREAD["translation"])
    _patient_writes_back(request)
    assert client.get(address(request)).status_code == 200
    assert client.get(address(request, "print")).status_code == 200
    client.post(address(request, "draft"), {"words": THREAD["draft"]})
    attachment = request.attachments.get(kind="pdf")
    attachment.unlock(reason=_three("note"), by=coordinator, now=request.received_at)
    download = f"/admin/consultations/consultationrequest/files/{request.reference}/{attachment.pk}/"
    response = client.get(download)
    assert FILES["title"].encode() in b"".join(response.streaming_content)
    client.post("/admin/consultations/consultationrequest/find/", {"wanted": REFUSED["search"]})
    client.post("/accounts/logout/")


# --- Where it is looked for -------------------------------------------------------------------------------


def _spellings(word: str) -> set[bytes]:
    """The ways in which a word may lie somewhere, in small letters."""
    return {spelling.lower() for spelling in _written(word)}


def _written(word: str) -> Iterator[bytes]:
    digits = "".join(letter for letter in word if letter.isdigit())
    for text in {word, digits if word in (PHONE, SECOND_PHONE) else word}:
        yield text.encode()
        yield text.encode("utf-16-le")
        yield json.dumps(text)[1:-1].encode()
        yield quote(text).encode()
        yield html.escape(text).encode()
        yield text.casefold().encode()


def _found(content: bytes) -> list[str]:
    lowered = content.lower()
    return [word for word in CANARIES if any(spelling in lowered for spelling in _spellings(word))]


def _files_below(folder: Path) -> bytes:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(str(path).encode() + path.read_bytes() for path in paths)


def _letters() -> bytes:
    """With all headers but the one that says where a letter goes."""
    texts = []
    for letter in django_mail.outbox:
        message: Mail = letter.message()
        del message["To"]
        texts += [message.as_bytes(), letter.subject.encode(), letter.body.encode()]
    assert len(texts) > 3
    return b"".join(texts)


def _caches() -> bytes:
    content = []
    for name in ("default", "pages"):
        cache = caches[name]
        if hasattr(cache, "_cache") and isinstance(cache._cache, dict):
            content.append(pickle.dumps(dict(cache._cache)))
        else:
            client = cache._cache.get_client()
            # Not DUMP, which compresses.
            content += [key + (client.get(key) or b"") for key in client.scan_iter(f"{cache.key_prefix}*")]
    return b"".join(content)


def _sessions() -> bytes:
    return json.dumps(
        [session.get_decoded() for session in Session.objects.all()], ensure_ascii=False
    ).encode()


def _tables() -> bytes:
    """Every row of every table as it lies there: requests, outbox, sessions, the admin's log, all others."""
    content = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own names
            for row in cursor.fetchall():
                content += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\0".join(content)


def _database_file() -> bytes:
    """SQLite's file and the log beside it, with whatever deleted rows have left in them."""
    if connection.vendor != "sqlite":
        return b""
    name = str(connection.settings_dict["NAME"])
    return b"".join(path.read_bytes() for path in Path(name).parent.glob(f"{Path(name).name}*"))


def _pages_of_another_visitor() -> bytes:
    other = Client()
    paths = ["/", "/consultation/", "/callback/", "/feedback/", "/consultation/return/"]
    paths += [f"/consultation/{page}/" for page in (*ANSWERS, "documents", "check", "received")]
    return b"".join(other.get(path, follow=True).content for path in paths)


def _addresses() -> bytes:
    return "".join(AccessEvent.objects.values_list("detail", flat=True)).encode()


def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


# --- The test ---------------------------------------------------------------------------------------------


@pytest.mark.corpus("P1", "P2", "P3", "P4", "P5")
@pytest.mark.django_db(transaction=True)  # what is not committed is in no file
def test_canaries_are_nowhere_but_under_our_keys(
    tmp_path: Path,
    private_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    as_coordinator: Client,
    coordinator: User,
) -> None:
    temporary = _own_temporary_folder(tmp_path, monkeypatch)
    caplog.set_level(logging.DEBUG)  # more than production writes down, but for what it never does
    for name, logger in production.LOGGING["loggers"].items():
        caplog.set_level(logger["level"], logger=name)
    _patient_sends()
    _others_write()
    _staff_work(as_coordinator, coordinator)
    call_command("send_mail", once=True, stdout=io.StringIO())
    assert len(CANARIES) >= 40
    _assert_all_were_stored()
    printed = capfd.readouterr()
    places = {
        "log": caplog.text.encode(),
        "output": (printed.out + printed.err).encode(),
        "letters": _letters(),
        "caches": _caches(),
        "sessions": _sessions(),
        "log of looks": _addresses(),
        "tables": _tables(),
        "database file": _database_file(),
        "patients' files": _files_below(private_folder),
        "temporary files": _files_below(temporary),
        "data folder": _files_below(Path(django_settings.DATA_DIR)),
        "pages of others": _pages_of_another_visitor(),
    }
    assert {place: hits for place, content in places.items() if (hits := _found(content))} == {}


def _assert_all_were_stored() -> None:
    """Otherwise finding none would prove nothing."""
    consultation = ConsultationRequest.objects.get(kind="consultation")
    call = ConsultationRequest.objects.get(kind="callback")
    for request, answers in ((consultation, {**ABOUT, **QUESTION, **CONTACT}), (call, CALL)):
        assert {name: getattr(request, name) for name in answers} == answers
    assert {message.text for message in Message.objects.filter(way="here")} == {
        THREAD["message"],
        THREAD["reply"],
    }
    assert Draft.objects.get().text == THREAD["draft"]
    assert Feedback.objects.get().words == REMARK["words"]
    assert {attachment.name for attachment in Attachment.objects.all()} == {
        FILES["name"],
        FILES["hebrew name"],
    }
    content = b"".join(b"".join(pieces(attachment)) for attachment in Attachment.objects.all())
    assert FILES["title"].encode() in content
    assert FILES["exif"].encode() in content


def test_search_for_canaries_finds_them_in_every_spelling() -> None:
    for word in CANARIES:
        for spelling in set(_written(word)):
            assert word in _found(b"before " + spelling + b" after")


# What a reader asked to keep: words of our pages, how much of them, and what they type into the tools for themselves.
KEEPS_FOR_READERS = {"js/ask_later.js", "js/details.js", "js/device/kept.js", "site.js", "device.js"}


@pytest.mark.corpus("P5")
def test_p5_scripts_keep_nothing_in_the_browser() -> None:
    """But the tools of a reader's own device, and none of those is on a page of a request."""
    static = Path(django_settings.ROOT) / "static"
    joined = {
        name for name, parts in join_static.PARTS.items() if KEEPS_FOR_READERS & {str(part) for part in parts}
    }
    assert joined == {"site.js", "device.js"}
    for path in static.rglob("*.js"):
        if path.relative_to(static).as_posix() in KEEPS_FOR_READERS:
            continue
        text = path.read_text(encoding="utf-8")
        for store in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.open"):
            assert store not in text, f"{path.name}: {store}"
