"""Files on the screen of staff: as pictures that a closed process drew, or all at once, and each look on record."""

from __future__ import annotations

import base64
import datetime
import io
import json
import re
import warnings
import zipfile
from pathlib import Path

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from immuno_site.consultations.files import checks
from immuno_site.consultations.files.checks import Kind
from immuno_site.consultations.files.inspection.__main__ import draw as drawn_here
from immuno_site.consultations.files.preview import Busy, NotShown, Preview, preview
from immuno_site.consultations.files.spool import spooled
from immuno_site.consultations.models import AccessEvent, Attachment, ConsultationRequest
from tests.consultations import drawn_files, sample_files
from tests.consultations.factories import create_taken
from tests.consultations.inbox import address
from tests.consultations.test_attachments import create_attachment

pytestmark = pytest.mark.django_db
RAMP = [[0, 1000, 2000, 3000]]
ONE_SECOND = datetime.timedelta(seconds=1)
PICTURE = re.compile(r'src="data:image/jpeg;base64,([^"]+)"')


@pytest.fixture(autouse=True)
def on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests run beside: the clock goes on while the process that draws waits for the processor."""
    monkeypatch.setattr(checks, "STARTING_SECONDS", 60)


@pytest.fixture
def request_of_ruth(coordinator: User) -> ConsultationRequest:
    return create_taken(by=coordinator)


def look_address(file: Attachment) -> str:
    return f"{address(file.request, 'files')}{file.pk}/look/"


def zip_address(request: ConsultationRequest) -> str:
    return address(request, "files.zip").removesuffix("/")


def look(client: Client, file: Attachment, query: str = "") -> str:
    response = client.get(f"{look_address(file)}{query}")
    assert response.status_code == 200
    return response.content.decode()


def report(pages: int = 1) -> bytes:
    """Pages with a word on each, and an answer that was filled in on the first one."""
    document = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    fonts = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    for number in range(pages):
        page = document.add_blank_page(page_size=(595, 842))
        page.Resources = fonts
        page.Contents = document.make_stream(b"BT /F1 24 Tf 72 720 Td (Page %d) Tj ET" % number)
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def filled_in() -> bytes:
    """A form whose page is white but for what somebody filled in."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    seen = document.make_stream(b"0 0 300 20 re f")
    seen.Type, seen.Subtype, seen.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 300, 20]
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="x", V="x", F=4,
        Rect=[72, 600, 372, 620], AP=pikepdf.Dictionary(N=seen),
    )  # fmt: skip
    page.Annots = [document.make_indirect(field)]
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[page.Annots[0]])
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def drawn(content: bytes, kind: Kind = Kind.PDF, *, first: int = 1) -> Preview:
    with spooled([content]) as file:
        return preview(file, kind, first=first)


def opened(picture: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(picture.split(",")[1])))


def _png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


# --- Drawing ------------------------------------------------------------------------------------------------


def test_pages_are_drawn_a_few_at_a_time() -> None:
    first, last = drawn(report(7)), drawn(report(7), first=6)
    assert [(shown.pages, len(shown.pictures)) for shown in (first, last)] == [(7, 5), (7, 2)]
    page = opened(first.pictures[0])
    assert page.size == (1100, 1557)
    assert page.convert("L").getextrema()[0] < 100  # there are words on it


def test_what_was_filled_into_a_form_is_drawn() -> None:
    page = opened(drawn(filled_in()).pictures[0]).convert("L")
    assert page.getextrema()[0] < 50


@pytest.mark.parametrize(
    ("image", "gray"),
    [
        (Image.new("RGBA", (30, 20), (0, 0, 0, 0)), 255),  # transparent: on white paper
        (Image.new("I;16", (30, 20), 32768), 128),
        (Image.new("P", (30, 20)), 0),
        (Image.new("1", (30, 20), 1), 255),
    ],
)
def test_scans_of_every_color_are_drawn(image: Image.Image, gray: int) -> None:
    (picture,) = drawn(_png(image), Kind.PNG).pictures
    assert abs(opened(picture).convert("L").getpixel((5, 5)) - gray) < 4


def test_photograph_stands_upright_and_tells_nothing_more() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Anna at home"
    data = io.BytesIO()
    Image.new("RGB", (40, 20)).save(data, "JPEG", exif=exif)
    image = opened(drawn(data.getvalue(), Kind.JPG).pictures[0])
    assert image.size == (20, 40)
    assert not image.getexif()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (sample_files.pdf(password="x"), Kind.PDF),
        (b"%PDF-1.7 nothing", Kind.PDF),
        (b"\x89PNG\r\n\x1a\n and nothing", Kind.PNG),
        (sample_files.png_of(30_000, 30_000), Kind.PNG),
        (sample_files.heic(), Kind.HEIC),  # only the frame of one
        (drawn_files.scan(RAMP, Rows=60_000, Columns=60_000), Kind.DCM),
        (drawn_files.scan(RAMP, NumberOfFrames=10**12), Kind.DCM),
        (sample_files.dicom(), Kind.DCM),  # a header and no picture
        (report(), Kind.DOCX),
    ],
)
def test_what_cannot_be_drawn_is_not_shown(content: bytes, kind: Kind) -> None:
    with pytest.raises(NotShown):
        drawn(content, kind)


@pytest.mark.corpus("B6")
@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        {"pages": 1, "images": []},
        {"pages": 1, "images": ["<svg onload=alert(1)>"]},
        {"pages": 1, "images": [base64.b64encode(b"<script>").decode()]},
        {"pages": "1", "images": ["/9j/"]},
        {"refused": "damaged"},
    ],
)
def test_b6_drawing_process_that_a_file_took_over_is_not_believed(
    said: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said if isinstance(said, str) else json.dumps(said)
    monkeypatch.setattr(checks, "_COMMAND", [checks.sys.executable, "-c", f"print({text!r})"])
    with pytest.raises(NotShown):
        drawn(report())


@pytest.mark.corpus("B6")
@pytest.mark.parametrize("kind", [Kind.PDF, Kind.HEIC])
@pytest.mark.parametrize(
    "reach", ['os.open("/etc/hostname", os.O_RDONLY)', "os.fork()", 'os.execv("/bin/true", ["x"])']
)
def test_b6_drawing_process_reaches_nothing_but_its_file(
    kind: Kind, reach: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the one whose decoder has to start a thread, which no other can."""
    lines = f"""
import io, json, os, threading
import immuno_site.consultations.files.inspection.__main__ as it
import immuno_site.consultations.files.inspection.drawing as drawing
def reach(file, paint, **more):
    thread, has_threads = threading.Thread(target=list), True
    try:
        thread.start()
        thread.join()
    except RuntimeError:
        has_threads = False
    if has_threads != {kind == Kind.HEIC}:
        return {{"pages": 1, "images": []}}
    try:
        {reach}
    except OSError as refused:
        return {{"pages": 1, "images": ["/9j/"] if refused.errno == 1 else []}}
    return {{"pages": 1, "images": []}}
drawing.pictures = reach
print(json.dumps(it.draw("{kind}", io.FileIO(0, closefd=False), first=1, seconds=6, is_confined=True)))"""
    monkeypatch.setattr(checks, "_COMMAND", [checks.sys.executable, "-c", lines])
    assert drawn(report(), kind).pictures == ["data:image/jpeg;base64,/9j/"]


def test_drawing_takes_no_turn_from_files_that_patients_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TURN_SECONDS", 0.05)
    with checks.turn("drawing"):
        with pytest.raises(Busy):
            drawn(report())
        with checks.check(sample_files.upload("a.pdf", report())) as checked:
            assert checked.notes == []


def test_phone_photograph_with_two_pictures_is_drawn() -> None:
    data = io.BytesIO()
    first, second = Image.new("RGB", (40, 20)), Image.new("RGB", (20, 10))
    first.save(data, "MPO", save_all=True, append_images=[second])
    assert opened(drawn(data.getvalue(), Kind.JPG).pictures[0]).size == (40, 20)


def test_photograph_of_an_iphone_is_drawn() -> None:
    (picture,) = drawn(drawn_files.phone_photograph(), Kind.HEIC).pictures
    image = opened(picture)
    assert image.size == (40, 20)
    red, green, blue = image.getpixel((20, 10))
    assert red > 200 > 60 > max(green, blue)


@pytest.mark.parametrize(
    ("says", "shades"),
    [
        ({}, [0, 85, 170, 255]),  # which values to show it does not say
        ({"WindowCenter": 1500, "WindowWidth": 1000}, [0, 0, 255, 255]),
        ({"WindowCenter": [500, 40], "WindowWidth": [1000, 400]}, [0, 255, 255, 255]),
        (
            {"WindowCenter": 500, "WindowWidth": 1000, "RescaleSlope": 1, "RescaleIntercept": -1000},
            [0, 0, 255, 255],
        ),
        ({"WindowCenter": 1500, "WindowWidth": 0}, [0, 85, 170, 255]),
        ({"says": "MONOCHROME1"}, [255, 170, 85, 0]),
    ],
)
def test_image_of_a_scanner_is_drawn_as_it_says(says: dict[str, object], shades: list[int]) -> None:
    wide = [[value for value in RAMP[0] for _ in range(16)]] * 16
    (picture,) = drawn(drawn_files.scan(wide, **says), Kind.DCM).pictures
    image = opened(picture).convert("L")
    seen = [image.getpixel((16 * place + 8, 8)) for place in range(4)]
    assert all(abs(there - meant) < 9 for there, meant in zip(seen, shades, strict=True)), seen


def test_many_images_in_one_are_drawn_a_few_at_a_time() -> None:
    first, last = (drawn(drawn_files.scan(RAMP, frames=7), Kind.DCM, first=number) for number in (1, 6))
    assert [(shown.pages, len(shown.pictures)) for shown in (first, last)] == [(7, 5), (7, 2)]


# Without a picture in them, or cut off; of twelve-bit JPEG nothing that we have knows how to unpack it.
NO_PICTURE = {
    "JPEG-lossy", "JPEG2000-embedded-sequence-delimiter", "JPGExtended", "MR_truncated", "UN_sequence", "badVR",
    "empty_charset_LEI", "nested_priv_SQ", "no_meta", "no_meta_group_length", "priv_SQ", "reportsi",
    "reportsi_with_empty_number_tags", "rtplan", "rtplan_truncated", "rtstruct", "test-SR", "waveform_ecg",
    "ExplVR_BigEndNoMeta", "ExplVR_LitEndNoMeta", "meta_missing_tsyntax",
}  # fmt: skip


def test_images_of_every_packing_are_drawn() -> None:
    files = sorted(drawn_files.OF_SCANNERS.glob("*.dcm"))
    assert len(files) > 70
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about headers of old scanners
        undrawn = {path.stem for path in files if "refused" in _drawn_here(path)}
    assert undrawn == NO_PICTURE


def _drawn_here(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        return drawn_here("dcm", file, first=1, seconds=60)


@pytest.mark.parametrize(
    "name", ["SC_rgb_jpeg_gdcm", "MR_small_jp2klossless", "MR_small_RLE", "examples_palette"]
)
def test_packed_image_is_drawn_by_the_process_that_reaches_nothing(name: str) -> None:
    assert drawn((drawn_files.OF_SCANNERS / f"{name}.dcm").read_bytes(), Kind.DCM).pictures


# --- Looking ------------------------------------------------------------------------------------------------


def test_look_shows_pages_and_the_way_to_the_next_file_and_is_on_record(
    as_coordinator: Client, coordinator: User, request_of_ruth: ConsultationRequest
) -> None:
    first, locked, last = (
        create_attachment(request=request_of_ruth, name=f"{name}.pdf", content=report(7), scan=scan)
        for name, scan in (("first", "clean"), ("locked", "waiting"), ("last", "clean"))
    )
    assert f"{first.pk}/look/" in as_coordinator.get(address(request_of_ruth)).content.decode()
    html = look(as_coordinator, first)
    assert len(PICTURE.findall(html)) == 5
    assert f"{last.pk}/look/" in html  # past the locked one
    assert str(locked.pk) not in html
    assert "Page 6 of 7" in look(as_coordinator, first, "?page=6")
    event = AccessEvent.objects.filter(attachment=first.pk).first()
    assert (event.action, event.by, event.detail) == ("viewed", coordinator, "preview")
    assert AccessEvent.objects.filter(attachment=first.pk).count() == 2


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "٣"])
def test_page_of_anything_is_an_answer(
    as_coordinator: Client, request_of_ruth: ConsultationRequest, page: str
) -> None:
    look(as_coordinator, create_attachment(request=request_of_ruth, content=report()), f"?page={page}")


def test_file_without_a_picture_says_what_to_do(
    as_coordinator: Client, request_of_ruth: ConsultationRequest
) -> None:
    word = create_attachment(request=request_of_ruth, name="a.docx", content=sample_files.docx())
    assert "There is no picture of this file. Save it" in look(as_coordinator, word)
    assert f"{word.pk}/look/" not in as_coordinator.get(address(request_of_ruth)).content.decode()


@pytest.mark.parametrize("scan", ["waiting", "infected", "unscannable", "lost"])
def test_locked_file_is_not_looked_at_and_the_attempt_is_on_record(
    as_coordinator: Client, request_of_ruth: ConsultationRequest, scan: str
) -> None:
    file = create_attachment(request=request_of_ruth, scan=scan)
    if scan == "lost":
        Attachment.objects.filter(pk=file.pk).update(stored_as="gone/gone")
    assert as_coordinator.get(look_address(file)).status_code == 404
    assert not AccessEvent.objects.get(attachment=file.pk).is_allowed


def test_file_of_a_colleague_is_not_looked_at(
    as_colleague: Client, request_of_ruth: ConsultationRequest
) -> None:
    file = create_attachment(request=request_of_ruth)
    for where in (look_address(file), zip_address(request_of_ruth)):
        assert as_colleague.get(where).status_code == 404
    assert list(AccessEvent.objects.values_list("action", "is_allowed").order_by("pk")) == [
        ("viewed", False),
        ("downloaded", False),
    ]


# --- All at once --------------------------------------------------------------------------------------------


def test_all_files_come_as_one_zip_and_each_is_on_record(
    as_coordinator: Client, request_of_ruth: ConsultationRequest
) -> None:
    contents = {"1-ממצא.pdf": report(), "2-report.pdf": report(2)}
    kept = [
        create_attachment(request=request_of_ruth, name=name[2:], content=content)
        for name, content in contents.items()
    ]
    Attachment.objects.filter(pk=kept[1].pk).update(received_at=kept[1].received_at + ONE_SECOND)
    locked = create_attachment(request=request_of_ruth, scan="waiting")
    response = as_coordinator.get(zip_address(request_of_ruth))
    assert response["Content-Disposition"] == f'attachment; filename="{request_of_ruth.reference}.zip"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents
    lines = AccessEvent.objects.filter(action="downloaded").values_list("attachment", "detail")
    assert set(lines) == {(file.pk, "zip") for file in kept}
    assert locked.pk not in dict(lines)


def test_zip_with_a_file_out_of_reach_hands_out_nothing(
    as_coordinator: Client, request_of_ruth: ConsultationRequest
) -> None:
    create_attachment(request=request_of_ruth)
    away = create_attachment(request=request_of_ruth, name="b.pdf")
    Attachment.objects.filter(pk=away.pk).update(stored_as="gone/gone")
    answer = as_coordinator.get(zip_address(request_of_ruth), follow=True)
    assert "Save them one by one" in answer.content.decode()
    assert not AccessEvent.objects.filter(action="downloaded").exists()
