"""What staff may open: never before a scan, never what is not theirs, and never without a line in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client

from immuno_site.consultations.models import AccessEvent, Attachment, ConsultationRequest, StaysLocked
from immuno_site.consultations.uploads import accept, pieces
from immuno_site.keyring import Undecryptable
from tests.consultations import sample_files as files
from tests.consultations.conftest import create_person
from tests.consultations.factories import NOW, create_progress, create_request, create_user
from tests.consultations.sample_files import upload
from tests.staff import create_staff

pytestmark = pytest.mark.django_db
Scan = Attachment.Scan


def create_attachment(
    *,
    request: ConsultationRequest | None = None,
    name: str = "report.pdf",
    content: bytes = b"",
    scan: str = Scan.CLEAN,
) -> Attachment:
    progress, _ = create_progress()
    made = accept(upload(name, content or files.pdf()), progress=progress, now=NOW)
    Attachment.objects.filter(pk=made.pk).update(
        request=request or create_request(),
        progress=None,
        scan=scan,
        scanned_at=None if scan == Scan.WAITING else NOW,
        virus="Worm.X" if scan == Scan.INFECTED else "",
    )
    return Attachment.objects.select_related("request").get(pk=made.pk)


@pytest.fixture
def coordinator() -> User:
    return create_staff("coordinator", "view_consultationrequest", "take_consultationrequest")


@pytest.fixture
def desk(coordinator: User) -> Client:
    """A coordinator's browser, past the second factor."""
    return signed_in(coordinator)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def address(attachment: Attachment, *, reference: str = "") -> str:
    reference = reference or attachment.request.reference
    return f"/admin/consultations/consultationrequest/files/{reference}/{attachment.pk}/"


def body(answer: object) -> bytes:
    return b"".join(answer.streaming_content)


def events(attachment: Attachment) -> list[tuple[str, bool]]:
    rows = AccessEvent.objects.filter(attachment=attachment.pk).order_by("pk")
    return [(event.action, event.is_allowed) for event in rows]


# --- Download ---------------------------------------------------------------------------------------------


def test_coordinator_downloads_a_clean_file_and_it_is_on_record(desk: Client, coordinator: User) -> None:
    attachment = create_attachment(name="ממצא.pdf")
    answer = desk.get(address(attachment))
    assert body(answer) == files.pdf()
    assert answer["Content-Length"] == str(len(files.pdf()))
    event = AccessEvent.objects.get(attachment=attachment.pk)
    assert (event.action, event.by, event.reference, event.detail, event.is_allowed) == (
        "downloaded",
        coordinator,
        attachment.request.reference,
        "clean",
        True,
    )


@pytest.mark.corpus("U7")
@pytest.mark.parametrize("name", files.GOOD)
def test_u7_file_can_never_be_a_page_of_ours(desk: Client, name: str) -> None:
    content = files.GOOD[name]() + (b"<script>alert(1)</script>" if name.endswith("jpg") else b"")
    answer = desk.get(address(create_attachment(name=name, content=content)))
    assert body(answer) == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))


@pytest.mark.corpus("N1", "N2", "N3", "N4", "N5")
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("../../x.pdf", 'attachment; filename="x.pdf"'),
        ("<img src=x onerror=1>.pdf", 'attachment; filename="img src=x onerror=1.pdf"'),
        ('a"\r\nX: y.pdf', 'attachment; filename="a_X y.pdf"'),
        ("דוח\u202efdp.pdf", "attachment; filename*=utf-8''%D7%93%D7%95%D7%97fdp.pdf"),
        ("CON.pdf", 'attachment; filename="file_CON.pdf"'),
        ("-rf.pdf", 'attachment; filename="rf.pdf"'),
    ],
)
def test_n_name_in_the_header_is_one_name(desk: Client, name: str, header: str) -> None:
    assert desk.get(address(create_attachment(name=name)))["Content-Disposition"] == header


def test_large_file_comes_in_pieces(desk: Client) -> None:
    content = files.packed({"IM1": files.dicom() + bytes(range(256)) * 12_000}, method=0)
    answer = desk.get(address(create_attachment(name="a.zip", content=content)))
    sizes = [len(piece) for piece in answer.streaming_content]
    assert len(sizes) == 3
    assert sum(sizes) == len(content)


@pytest.mark.corpus("A1")
def test_a1_file_of_another_request_is_not_found(desk: Client) -> None:
    attachment, other = create_attachment(), create_request()
    assert desk.get(address(attachment, reference=other.reference)).status_code == 404
    assert events(attachment) == []


@pytest.mark.corpus("A1")
def test_a1_request_of_a_colleague_is_not_found(desk: Client) -> None:
    request = create_request()
    request.take(by=create_person("boris", "Coordinator"), now=NOW)
    attachment = create_attachment(request=request)
    assert desk.get(address(attachment)).status_code == 404
    manager = create_staff("manager", "view_consultationrequest", "see_all_consultationrequest")
    assert signed_in(manager).get(address(attachment)).status_code == 200


def test_file_that_was_not_sent_yet_is_not_found(desk: Client) -> None:
    progress, _ = create_progress()
    attachment = accept(upload("a.pdf", files.pdf()), progress=progress, now=NOW)
    assert desk.get(address(attachment, reference=create_request().reference)).status_code == 404


@pytest.mark.corpus("A2")
def test_a2_who_is_not_signed_in_gets_the_sign_in_page() -> None:
    attachment = create_attachment()
    answer = Client().get(address(attachment))
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    assert "no-store" in answer["Cache-Control"]
    assert events(attachment) == []


@pytest.mark.corpus("A3")
def test_a3_editor_finds_nothing() -> None:
    attachment = create_attachment()
    editor = create_staff("writer", "add_page", "change_page", "change_drug")
    assert signed_in(editor).get(address(attachment)).status_code == 404
    assert events(attachment) == [("downloaded", False)]


@pytest.mark.corpus("A4")
def test_a4_place_in_the_storage_is_no_address(desk: Client) -> None:
    name = create_attachment().stored_as
    for folder in ("media", "static", "private", "var/private", "consultations", "files"):
        for browser in (Client(), desk):
            assert browser.get(f"/{folder}/{name}", follow=True).status_code == 404


@pytest.mark.corpus("A5")
def test_a5_head_and_range_pass_the_same_checks(desk: Client) -> None:
    attachment, stranger = create_attachment(), signed_in(create_staff("visitor"))
    for browser, status in ((Client(), 302), (stranger, 404), (desk, 200)):
        assert browser.head(address(attachment)).status_code == status
        assert browser.get(address(attachment), headers={"range": "bytes=0-9"}).status_code == status
    assert body(desk.get(address(attachment), headers={"range": "bytes=0-9"})) == files.pdf()
    assert desk.head(address(attachment)).content == b""
    assert desk.post(address(attachment)).status_code == 405
    locked = create_attachment(scan=Scan.WAITING)
    assert desk.head(address(locked)).status_code == 404


@pytest.mark.corpus("A6", "U2", "U18")
@pytest.mark.parametrize("scan", [Scan.WAITING, Scan.INFECTED, Scan.UNSCANNABLE])
def test_a6_locked_file_is_not_handed_out_and_the_attempt_is_on_record(desk: Client, scan: str) -> None:
    attachment = create_attachment(scan=scan)
    assert desk.get(address(attachment)).status_code == 404
    assert events(attachment) == [("downloaded", False)]


def test_file_out_of_reach_is_not_given_up(desk: Client, private_folder: Path) -> None:
    """The folder may be away for a minute: one look is no proof."""
    attachment = create_attachment()
    private_folder.rename(private_folder.with_name("elsewhere"))
    assert desk.get(address(attachment)).status_code == 503
    attachment.refresh_from_db()
    assert attachment.scan == Scan.CLEAN
    private_folder.with_name("elsewhere").rename(private_folder)
    assert body(desk.get(address(attachment))) == files.pdf()


@pytest.mark.parametrize(
    ("before", "status"), [(Scan.CLEAN, 200), (Scan.UNSCANNABLE, 404), (Scan.WAITING, 404)]
)
def test_lost_file_that_is_there_again_is_as_it_was(desk: Client, before: str, status: int) -> None:
    attachment = create_attachment(scan=before)
    attachment.found_lost()
    assert desk.get(address(attachment)).status_code == status
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.before_loss) == (before, "")


def test_lost_file_that_somebody_had_unlocked_is_locked_only_while_it_is_lost(
    desk: Client, coordinator: User, private_folder: Path
) -> None:
    attachment = create_attachment(scan=Scan.UNSCANNABLE)
    attachment.unlock(reason="Opened in the separate viewer", by=coordinator, now=NOW)
    attachment.found_lost()
    private_folder.rename(private_folder.with_name("elsewhere"))
    assert desk.get(address(attachment)).status_code == 404
    private_folder.with_name("elsewhere").rename(private_folder)
    assert body(desk.get(address(attachment))) == files.pdf()


def test_lost_file_that_was_sent_again_comes_back_beside_it() -> None:
    progress, _token = create_progress()
    first = accept(upload("a.pdf", files.pdf()), progress=progress, now=NOW)
    first.found_lost()
    second = accept(upload("a.pdf", files.pdf()), progress=progress, now=NOW)
    first.found_again()
    assert set(Attachment.objects.filter(scan=Scan.WAITING)) == {first, second}


def test_changed_file_is_not_handed_out(desk: Client, private_folder: Path) -> None:
    attachment, other = create_attachment(), create_attachment()
    first, second = private_folder / attachment.stored_as, private_folder / other.stored_as
    first.write_bytes(second.read_bytes())
    assert desk.get(address(attachment)).status_code == 503
    assert events(attachment) == []


# --- Unlocking --------------------------------------------------------------------------------------------


@pytest.mark.corpus("U18")
@pytest.mark.parametrize("scan", [Scan.WAITING, Scan.UNSCANNABLE])
def test_u18_unlocking_needs_a_reason_and_is_on_record(desk: Client, coordinator: User, scan: str) -> None:
    attachment = create_attachment(scan=scan)
    for reason in ("", "  "):
        with pytest.raises(StaysLocked):
            attachment.unlock(reason=reason, by=coordinator, now=NOW)
    attachment.unlock(reason="Opened in the separate viewer", by=coordinator, now=NOW)
    assert body(desk.get(address(attachment))) == files.pdf()
    assert events(attachment) == [("unlocked", True), ("downloaded", True)]
    attachment.refresh_from_db()
    assert (attachment.unlocked_by, attachment.unlock_reason) == (
        coordinator,
        "Opened in the separate viewer",
    )


@pytest.mark.parametrize("scan", [Scan.INFECTED, Scan.LOST, Scan.CLEAN])
def test_infected_file_is_never_unlocked(coordinator: User, scan: str) -> None:
    attachment = create_attachment(scan=scan)
    with pytest.raises(StaysLocked):
        attachment.unlock(reason="I know what I do", by=coordinator, now=NOW)


def test_virus_found_later_locks_what_was_unlocked(desk: Client, coordinator: User) -> None:
    attachment = create_attachment(scan=Scan.WAITING)
    attachment.unlock(reason="In a hurry", by=coordinator, now=NOW)
    attachment.found_infected("Worm.X", now=NOW)
    assert desk.get(address(attachment)).status_code == 404
    attachment.found_clean(now=NOW)  # another worker, that had started earlier
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.unlocked_at) == (Scan.INFECTED, None)


def test_reason_and_name_are_encrypted(coordinator: User) -> None:
    attachment = create_attachment(scan=Scan.WAITING, name="CANARY-NAME.pdf")
    attachment.unlock(reason="CANARY-REASON", by=coordinator, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consultations_attachment")
        assert "CANARY" not in str(cursor.fetchall())
    assert "CANARY" not in f"{attachment} {attachment!r}"


# --- What the database holds ------------------------------------------------------------------------------


def refused(write: Callable[[], object], name: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    assert name in str(caught.value)


def refuses(name: str, **values: object) -> None:
    pk = create_attachment(scan=Scan.WAITING).pk
    refused(lambda: Attachment.objects.filter(pk=pk).update(**values), name)


def test_attachment_belongs_to_one() -> None:
    refuses("attachment_belongs_to_one", request=None)
    refuses("attachment_belongs_to_one", progress=create_progress()[0])


def test_attachment_kind_known() -> None:
    refuses("attachment_kind_known", kind="exe")


def test_attachment_scan_known() -> None:
    refuses("attachment_scan_known", scan="skipped")


def test_attachment_not_empty() -> None:
    refuses("attachment_not_empty", size=0)


def test_attachment_stored_with_key() -> None:
    refuses("attachment_stored_with_key", stored_as="")
    refuses("attachment_stored_with_key", wrapped_key="")


def test_attachment_stored_once() -> None:
    first, second = create_attachment(), create_attachment()
    refused(lambda: Attachment.objects.filter(pk=second.pk).update(stored_as=first.stored_as), "stored_as")


def test_attachment_same_file_once() -> None:
    progress, _ = create_progress()
    first, second = (
        accept(upload(name, files.pdf()), progress=progress, now=NOW) for name in ("a.pdf", "b.pdf")
    )
    refused(lambda: Attachment.objects.filter(pk=second.pk).update(digest=first.digest), "digest")


def test_attachment_verdict_has_time() -> None:
    refuses("attachment_verdict_has_time", scan=Scan.CLEAN)


def test_attachment_infected_names_virus() -> None:
    refuses("attachment_infected_names_virus", virus="Worm.X")
    refuses("attachment_infected_names_virus", scan=Scan.INFECTED, scanned_at=NOW)


def test_attachment_unlocked_by_and_at_together() -> None:
    refuses("attachment_unlocked_by_and_at_together", unlocked_at=NOW)
    refuses("attachment_unlocked_by_and_at_together", unlocked_by=create_user())


def test_attachment_infected_stays_locked() -> None:
    pk, user = create_attachment(scan=Scan.INFECTED).pk, create_user()
    refused(
        lambda: Attachment.objects.filter(pk=pk).update(unlocked_by=user, unlocked_at=NOW),
        "attachment_infected_stays_locked",
    )


def test_files_follow_their_request() -> None:
    attachment = create_attachment()
    attachment.request.delete()
    assert not Attachment.objects.exists()


def test_without_its_key_a_file_is_gone() -> None:
    attachment = create_attachment()
    attachment.wrapped_key = create_attachment().wrapped_key
    with pytest.raises(Undecryptable):
        b"".join(pieces(attachment))
