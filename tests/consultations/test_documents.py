"""Files on the patient's pages: each is taken or refused by itself, and can be taken away again."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from immuno_site.consultations import spam, uploads
from immuno_site.consultations.files.spool import MAX_FILE
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    ConsultationRequest,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.reference import return_code
from tests.consultations import sample_files as files
from tests.consultations.factories import NOW, create_taken, create_user
from tests.consultations.visitor import ANSWERS, Visitor, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(library: None) -> Visitor:
    visitor = Visitor()
    visitor.begin()
    return visitor


def add(visitor: Visitor, *chosen: SimpleUploadedFile, **more: str) -> HttpResponse:
    return visitor.post("/consultation/documents/", {"files": list(chosen), **more})


def report(name: str = "report.pdf") -> SimpleUploadedFile:
    return files.upload(name, files.pdf())


def scan(name: str) -> SimpleUploadedFile:
    """Of the kind that is looked through fastest."""
    return files.upload(name, files.dicom())


def test_two_files_are_kept_and_shown(anna: Visitor) -> None:
    photo = files.upload("scan.jpg", files.image())
    assert add(anna, report(), photo).headers["Location"] == "/consultation/documents/"
    page = text_of(anna.get("/consultation/documents/"))
    assert "report.pdf" in page
    assert "scan.jpg" in page
    assert page.count("Remove") == 2


def test_continue_takes_the_chosen_files_along(anna: Visitor) -> None:
    assert add(anna, report(), go_on="yes").headers["Location"] == "/consultation/contact/"
    assert Attachment.objects.count() == 1


def test_limits_are_said_before(anna: Visitor) -> None:
    page = text_of(anna.get("/consultation/documents/"))
    assert "At most 10 files" in page
    assert 'accept="' in page


def test_files_go_along_with_the_request(anna: Visitor) -> None:
    add(anna, report())
    page = anna.send_all()
    attachment = Attachment.objects.get()
    assert attachment.request == ConsultationRequest.objects.get()
    assert attachment.progress is None
    assert b"".join(uploads.pieces(attachment)) == files.pdf()
    assert "report.pdf" in text_of(page)


def test_check_page_lists_the_files(anna: Visitor) -> None:
    add(anna, report())
    anna.answer_all()
    assert "report.pdf" in text_of(anna.get("/consultation/check/"))


@pytest.mark.corpus("U4")
def test_refused_file_does_not_take_the_others_with_it(anna: Visitor) -> None:
    page = add(anna, report("one.pdf"), files.upload("program.pdf", files.PROGRAM), report("two.pdf"))
    text = text_of(page)
    assert page.status_code == 415
    assert "<title>Error:" in text
    assert text.count("program.pdf") == 2
    assert sorted(attachment.name for attachment in Attachment.objects.all()) == ["one.pdf", "two.pdf"]
    assert "The other files and all your answers are kept." in text


@pytest.mark.corpus("B7")
def test_b7_file_over_the_limit_is_413_and_everything_else_is_kept(anna: Visitor) -> None:
    anna.answer("question")
    page = add(anna, files.upload("big.pdf", files.pdf() + bytes(MAX_FILE)))
    assert page.status_code == 413
    assert "big.pdf" in text_of(page)
    assert Progress.objects.get().answers["question"]["question"] == ANSWERS["question"]["question"]


@pytest.mark.corpus("U19")
def test_u19_empty_file_is_refused(anna: Visitor) -> None:
    page = add(anna, files.upload("empty.pdf", b""))
    assert page.status_code in (415, 422)
    assert not Attachment.objects.exists()


@pytest.mark.corpus("U20")
def test_u20_eleventh_file_is_refused(anna: Visitor) -> None:
    page = add(anna, *[scan(f"{number}.dcm") for number in range(11)])
    assert page.status_code == 422
    assert Attachment.objects.count() == 10


def test_nothing_chosen_says_what_to_do(anna: Visitor) -> None:
    page = add(anna)
    assert page.status_code == 422
    assert "Choose a file first" in text_of(page)


def test_own_file_can_be_taken_away(anna: Visitor) -> None:
    add(anna, report())
    attachment = Attachment.objects.get()
    anna.post("/consultation/documents/remove/", {"attachment": str(attachment.pk)})
    assert not Attachment.objects.exists()


@pytest.mark.corpus("A1")
@pytest.mark.parametrize("whose", ["another's", "nobody's", "no id", "empty"])
def test_a1_only_ones_own_file_can_be_taken_away(anna: Visitor, whose: str) -> None:
    add(anna, report())
    boris = Visitor()
    boris.begin()
    attachment = Attachment.objects.get()
    ids = {"another's": str(attachment.pk), "nobody's": "0" * 32, "no id": "x\x00", "empty": ""}
    status = boris.post("/consultation/documents/remove/", {"attachment": ids[whose]}).status_code
    assert status == (302 if whose in ("another's", "nobody's") else 404)  # as if it were gone already
    assert Attachment.objects.count() == 1


def test_files_that_arrive_after_sending_still_belong_to_the_request(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent in one window while the files were on their way in another."""
    anna.answer_all()
    accept = uploads.accept

    def accept_slowly(*args: object, **kwargs: object) -> Attachment:
        other = Visitor()
        other.cookies = anna.cookies
        other.send()
        return accept(*args, **kwargs)

    monkeypatch.setattr(uploads, "accept", accept_slowly)
    assert add(anna, report()).headers["Location"] == "/consultation/received/"
    assert Attachment.objects.get().request == ConsultationRequest.objects.get()


def test_folder_chosen_at_once_gets_one_sentence(anna: Visitor) -> None:
    page = text_of(add(anna, *[scan(f"{number}.dcm") for number in range(60)]))
    assert page.count("50 files are too many: a request can have 10.") == 2  # above the form and at the field
    assert page.count('id="id_files_error_') == 1
    assert Attachment.objects.count() == 10


def test_folder_of_what_we_cannot_take_is_not_told_file_by_file(anna: Visitor) -> None:
    page = text_of(add(anna, *[files.upload(f"{number}.exe", files.PROGRAM) for number in range(60)]))
    assert page.count('id="id_files_error_') == 11
    assert "50 more files were not looked at." in page


def test_refused_files_take_nobody_elses_turn(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "MOST_FILES_PER_HOUR", 1)
    assert (
        add(anna, *[files.upload(f"{number}.exe", files.PROGRAM) for number in range(5)]).status_code == 422
    )
    neighbor = Visitor()
    neighbor.begin()
    assert add(neighbor, report()).status_code == 302


def test_looking_into_wrong_files_has_an_end(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "MOST_REFUSED_PER_HOUR", 2)
    page = add(anna, *[files.upload(f"{number}.exe", files.PROGRAM) for number in range(5)])
    assert (
        text_of(page).count("is not a kind of file we can take") == 4
    )  # two, each above the form and at the field
    assert "Add the others in an hour." in text_of(page)


def test_files_keep_their_order_and_two_of_one_name_are_told_apart(anna: Visitor) -> None:
    add(anna, *[files.upload("image.jpg", files.image(size=(40, height))) for height in (30, 31, 32)])
    names = [attachment.name for attachment in Attachment.objects.all()]
    assert names == ["image.jpg", "image (2).jpg", "image (3).jpg"]


def test_files_sent_after_their_day_are_kept_and_the_loss_is_said(anna: Visitor) -> None:
    Progress.objects.all().delete()
    page = add(anna, report())
    assert page.status_code == 422
    assert "We could not find your earlier answers." in text_of(page)
    assert "report.pdf" in text_of(page)
    assert Attachment.objects.get().progress == Progress.objects.get()


def test_many_files_from_one_place_have_to_wait(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "MOST_FILES_PER_HOUR", 1)
    page = add(anna, report("one.pdf"), report("two.pdf"))
    assert page.status_code == 422
    assert "Add the others in an hour." in text_of(page)
    assert Attachment.objects.count() == 1


def test_storage_that_is_away_is_503(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise uploads.StorageUnavailable

    monkeypatch.setattr(uploads, "accept", fail)
    page = add(anna, report())
    assert page.status_code == 503
    assert "Your files did not arrive." in text_of(page)


# --- After sending ------------------------------------------------------------------------------------------


@pytest.fixture
def returned(library: None) -> Visitor:
    """Somebody who has opened a request again that waits for them."""
    anna = create_user()
    sent = create_taken(by=anna)
    sent.wait(by=anna, now=NOW)
    visitor = Visitor()
    visitor.post("/consultation/return/", {"reference": sent.reference, "code": return_code(sent.form_id)})
    return visitor


def add_later(visitor: Visitor, *chosen: SimpleUploadedFile) -> HttpResponse:
    return visitor.post("/consultation/return/request/", {"files": list(chosen)})


def test_file_added_later_belongs_to_the_request_at_once(returned: Visitor) -> None:
    assert add_later(returned, report()).headers["Location"] == "/consultation/return/request/"
    request = ConsultationRequest.objects.get()
    assert [attachment.name for attachment in request.attachments.all()] == ["report.pdf"]
    assert request.status == "read"
    assert "file_added" in AccessEvent.objects.values_list("action", flat=True)
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["new_files"]
    assert "report.pdf" in text_of(returned.get("/consultation/return/request/"))


def test_file_refused_later_changes_nothing(returned: Visitor) -> None:
    page = add_later(returned, files.upload("program.pdf", files.PROGRAM))
    assert page.status_code == 415
    assert "program.pdf" in text_of(page)
    assert ConsultationRequest.objects.get().status == "waiting"
    assert not OutgoingMail.objects.exists()


def test_eleventh_file_is_refused_later_too(returned: Visitor) -> None:
    assert add_later(returned, *[scan(f"{number}.dcm") for number in range(10)]).status_code == 302
    assert add_later(returned, report("eleventh.pdf")).status_code == 422
    assert Attachment.objects.count() == 10


def test_taking_it_back_takes_the_files_too(returned: Visitor) -> None:
    add_later(returned, report())
    returned.post("/consultation/return/withdraw/", {"sure": "yes"})
    assert not Attachment.objects.exists()


# --- Names of files, and forms that are none --------------------------------------------------------------


def post_raw(visitor: Visitor, body: bytes, boundary: str = "x") -> HttpResponse:
    kind = f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"
    return visitor.generic("POST", "/consultation/documents/", body, content_type=kind)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("../../x.pdf", "x.pdf", marks=pytest.mark.corpus("N1")),
        pytest.param("..\\..\\x.pdf", "x.pdf", marks=pytest.mark.corpus("N1")),
        pytest.param("<img src=x onerror=1>.pdf", "img src=x onerror=1.pdf", marks=pytest.mark.corpus("N2")),
        pytest.param('a"\r\nX: y.pdf', "a_X y.pdf", marks=pytest.mark.corpus("N3")),
        pytest.param("ש" * 130 + "\u202efdp.pdf", "ש" * 60 + ".pdf", marks=pytest.mark.corpus("N4")),
        pytest.param("CON.pdf", "file_CON.pdf", marks=pytest.mark.corpus("N5")),
        pytest.param("-rf.pdf", "rf.pdf", marks=pytest.mark.corpus("N5")),
    ],
)
def test_n_name_is_shown_as_a_name(anna: Visitor, name: str, shown: str) -> None:
    head = f"Content-Disposition: form-data; name=\"files\"; filename*=UTF-8''{quote(name)}\r\n\r\n"
    assert post_raw(anna, f"--x\r\n{head}".encode() + files.pdf() + b"\r\n--x--\r\n").status_code == 302
    assert Attachment.objects.get().name == shown
    page = anna.get("/consultation/documents/").content.decode()
    assert f"<bdi>{shown}</bdi>" in page
    assert "<img src=x" not in page
    assert "\u202e" not in page


@pytest.mark.corpus("B9")
@pytest.mark.parametrize("what", ["no boundary", "endless header", "10,000 fields", "10,000 files"])
def test_b9_broken_form_is_400_and_stores_nothing(anna: Visitor, what: str) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="'
    body = {
        "no boundary": b"--x\r\n\r\n",
        "endless header": head + b"a" * 200_000 + b'"\r\n\r\n1\r\n--x--\r\n',
        "10,000 fields": (head + b'a"\r\n\r\n1\r\n') * 10_000 + b"--x--\r\n",
        "10,000 files": (head + b'files"; filename="a.pdf"\r\n\r\n1\r\n') * 10_000 + b"--x--\r\n",
    }[what]
    assert post_raw(anna, body, "" if what == "no boundary" else "x").status_code == 400
    assert not Attachment.objects.exists()
