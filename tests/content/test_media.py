"""Pictures and leaflets: what is kept of an upload, who sees it, what is said of a file that cannot be taken."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from content.models import Leaflet, LeafletFile, Picture, Rendition
from content.models.block import PictureBlock
from immuno_site import editors_files
from immuno_site.consultations.files import antivirus
from tests.stories import add_block, create_story, publish, version_of

pytestmark = pytest.mark.django_db

ADD_PICTURE, ADD_LEAFLET = reverse("admin:content_picture_add"), reverse("admin:content_leaflet_add")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def photograph(size: tuple[int, int] = (1600, 1200), kind: str = "JPEG") -> bytes:
    """Of no one plain color, so that it weighs something; with the place where it was taken."""
    image = Image.effect_noise((160, 120), 60).convert("RGB").resize(size)
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    made = io.BytesIO()
    image.save(made, kind, exif=exif, quality=90)
    return made.getvalue()


def pdf(script: str = "") -> bytes:
    document, made = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
    document.save(made)
    return made.getvalue()


def send(desk: Client, address: str, name: str, content: bytes, **values: str):
    return desk.post(address, {"file": SimpleUploadedFile(name, content), "name": "The ward", **values})


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner that answers; what it really answers is tested where patients' files are."""
    monkeypatch.setattr(antivirus, "virus_in", lambda pieces: "Eicar" if b"EICAR" in b"".join(pieces) else "")


@pytest.fixture
def picture(desk: Client) -> Picture:
    assert send(desk, ADD_PICTURE, "ward.jpg", photograph(), credit="The clinic").status_code == 302
    return Picture.objects.get()


def test_picture_is_drawn_anew_and_weighs_what_a_page_may(picture: Picture) -> None:
    assert (picture.name, picture.width, picture.height) == ("The ward", 960, 720)
    rows = {row.width: bytes(row.webp) for row in Rendition.objects.all()}
    assert len(rows[480]) <= 40_000
    assert len(rows[960]) <= 90_000
    for width, webp in rows.items():
        with Image.open(io.BytesIO(webp)) as image:
            assert (image.format, image.width, dict(image.getexif())) == ("WEBP", width, {})
        assert b"Taken at home" not in webp


def test_picture_stands_on_a_page_with_what_it_shows(desk: Client, noa: User, picture: Picture) -> None:
    story = create_story(by=noa)
    nothing = add_block(desk, story, "PicturePlugin", picture=picture.pk)
    assert "Say what the picture shows, or tick that it is decorative" in nothing.content.decode()
    wrong = add_block(desk, story, "PicturePlugin", picture="x", alt="A ward")
    assert "Select a valid choice" in wrong.content.decode()
    told = {
        "picture": picture.pk,
        "alt": "A bright ward with six beds.",
        "caption": "Six beds [@test-label].",
    }
    add_block(desk, story, "PicturePlugin", **told)
    reader, address = Client(), picture.address(480)
    assert reader.get(address).status_code == 404  # in a draft alone
    assert desk.get(address).status_code == 200
    publish(story, by=noa)
    page = reader.get("/story/").content.decode()
    assert 'alt="A bright ward with six beds."' in page
    assert f'src="{picture.address(960)}"' in page
    assert f"{address} 480w" in page
    assert "The clinic" in page
    assert desk.get(f"/pictures/{10**30}-480.webp").status_code == 404
    answer = reader.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    used = desk.get(reverse("admin:content_picture_used", args=[picture.pk])).content.decode()
    assert "A story" in used
    form = desk.get(reverse("admin:content_picture_change", args=[picture.pk])).content.decode()
    assert 'type="file"' not in form
    assert (
        desk.post(reverse("admin:content_picture_delete", args=[picture.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert Picture.objects.exists()


def test_small_picture_is_as_wide_as_it_says(desk: Client, noa: User) -> None:
    assert send(desk, ADD_PICTURE, "ward.jpg", photograph((320, 240))).status_code == 302
    row = Picture.objects.get()
    add_block(desk, story := create_story(by=noa), "PicturePlugin", picture=row.pk, alt="A ward")
    publish(story, by=noa)
    assert f'srcset="{row.address(320)} 320w"' in Client().get("/story/").content.decode()
    assert f'src="{row.address(320)}"' in desk.get(reverse("admin:content_picture_changelist")).text


def test_database_asks_what_a_picture_shows_too(picture: Picture) -> None:
    for values in ({}, {"alt": "A ward", "is_decorative": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PictureBlock.objects.create(picture=picture, language="en", plugin_type="PicturePlugin", **values)


@pytest.mark.corpus("X-S5")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("evil.svg", SVG, "Save it as JPG or PNG, and choose that."),
        ("evil.jpg", SVG, "Save it as JPG or PNG, and choose that."),
        ("words.txt", b"Words that somebody wrote down.", "Save it as JPG or PNG, and choose that."),
        ("half.jpg", photograph()[:900], "Take the photograph again"),
        ("half.png", photograph(kind="PNG")[:5000], "Take the photograph again"),
        ("tiny.png", photograph((40, 40), "PNG"), "The picture is too small"),
        ("leaflet.pdf", pdf(), "This is no picture we can show"),
        ("empty.png", b"", "The submitted file is empty"),
    ],
)
def test_file_that_is_no_picture_gets_a_sentence_and_keeps_the_form(
    desk: Client, name: str, content: bytes, said: str
) -> None:
    page = send(desk, ADD_PICTURE, name, content, credit="The clinic").content.decode()
    assert said in page
    assert 'value="The ward"' in page
    assert 'value="The clinic"' in page
    assert page.count("Error:") == 1  # in its title
    assert not Picture.objects.exists()


def test_picture_of_60_megapixels_is_made_small(desk: Client) -> None:
    made = io.BytesIO()
    Image.new("RGB", (10_000, 6_000), "teal").save(made, "JPEG")
    assert send(desk, ADD_PICTURE, "huge.jpg", made.getvalue()).status_code == 302
    assert (Picture.objects.get().width, Picture.objects.get().height) == (960, 576)


def test_leaflet_is_kept_as_it_is_and_handed_to_readers(desk: Client, noa: User, scanned: None) -> None:
    content = pdf()
    assert send(desk, ADD_LEAFLET, "leaflet.pdf", content).status_code == 302
    row = Leaflet.objects.get()
    story = create_story(by=noa)
    add_block(desk, story, "LeafletPlugin", leaflet=row.pk, title="What to bring")
    reader = Client()
    assert reader.get(row.get_absolute_url()).status_code == 404
    version_of(story).publish(noa)
    assert f'href="{row.get_absolute_url()}"' in reader.get("/story/").content.decode()
    answer = reader.get(row.get_absolute_url())
    assert answer.content == content
    assert answer["Content-Disposition"] == f'attachment; filename="leaflet-{row.pk}.pdf"'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("leaflet.pdf", b"%PD this is none" * 20, "Save the leaflet as a PDF"),
        ("half.pdf", pdf()[:200], "is not complete. Save it as a PDF"),
        ("leaflet.pdf", photograph(), "This is no PDF"),
        ("leaflet.pdf", pdf("app.alert(1)"), "holds more than text and pictures"),
        ("leaflet.pdf", pdf().replace(b"%%EOF", b"%EICAR\n%%EOF"), "The scanner found a virus"),
    ],
)
def test_file_that_is_no_leaflet_gets_a_sentence(
    desk: Client, scanned: None, name: str, content: bytes, said: str
) -> None:
    page = send(desk, ADD_LEAFLET, name, content).content.decode()
    assert said in page
    assert 'value="The ward"' in page
    assert not LeafletFile.objects.exists()


def test_without_a_scanner_no_leaflet_is_taken(desk: Client, settings: object, monkeypatch: object) -> None:
    settings.CLAMD_ADDRESS = ""
    assert "No virus scanner answers" in send(desk, ADD_LEAFLET, "leaflet.pdf", pdf()).content.decode()
    settings.CLAMD_ADDRESS = "unix:/nowhere"
    monkeypatch.setattr(editors_files, "LARGEST_LEAFLET", 100)
    assert "at most 5 MB" in send(desk, ADD_LEAFLET, "leaflet.pdf", pdf()).content.decode()
