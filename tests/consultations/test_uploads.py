"""The way of a file in: received in memory, encrypted, stored before its row; scanned; swept."""

from __future__ import annotations

import datetime
import os
import runpy
import subprocess
import sys
import time
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django.fixtures import Settings

from immuno_site.consultations import sweeping, uploads
from immuno_site.consultations.files import antivirus, checks, spool, storage
from immuno_site.consultations.files.envelope import sealed_size
from immuno_site.consultations.files.spool import MAX_FILE, SpooledUpload
from immuno_site.consultations.files.storage import private_files
from immuno_site.consultations.files.storage_errors import FileLost, StorageUnavailable
from immuno_site.consultations.models import Attachment, Progress
from immuno_site.consultations.models.attachment import AttachmentQuerySet
from immuno_site.consultations.uploads import Refused, accept, pieces, scan_waiting
from immuno_site.settings import ROOT
from tests.consultations import sample_files as files
from tests.consultations.clamav import SIGNATURE, told_clamd
from tests.consultations.factories import NOW, create_progress, create_request
from tests.consultations.sample_files import upload

pytestmark = [pytest.mark.django_db, pytest.mark.longest]
Scan = Attachment.Scan
DAY = datetime.timedelta(days=1)


@pytest.fixture
def progress() -> Progress:
    return create_progress()[0]


def add(progress: Progress, name: str = "report.pdf", content: bytes = b"") -> Attachment:
    return accept(upload(name, content or files.pdf()), progress=progress, now=NOW)


def add_ten(progress: Progress) -> None:
    """Of the kind that is looked through fastest."""
    for number in range(10):
        add(progress, f"scan-{number}.dcm", files.dicom())


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def age(folder: Path, by: datetime.timedelta) -> None:
    """The files in it were made that long ago."""
    made = time.time() - by.total_seconds()
    for file in stored(folder):
        os.utime(file, (made, made))


# --- In and out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files.GOOD)
def test_file_comes_back_as_it_was(progress: Progress, name: str) -> None:
    content = files.GOOD[name]()
    attachment = Attachment.objects.get(pk=add(progress, name, content).pk)
    assert b"".join(pieces(attachment)) == content
    assert (attachment.name, attachment.size, attachment.scan) == (name, len(content), Scan.WAITING)
    assert attachment.is_locked


def test_storage_holds_no_readable_byte_and_no_name(progress: Progress, private_folder: Path) -> None:
    content = files.pdf(title="CANARY-TITLE-7")
    assert b"CANARY-TITLE-7" in content
    add(progress, "CANARY-NAME-8.pdf", content)
    (file,) = stored(private_folder)
    assert len(file.read_bytes()) == sealed_size(len(content))
    assert not any(word in file.read_bytes() for word in (b"CANARY", b"%PDF", b"endobj"))
    assert "CANARY" not in str(file)
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.corpus("N1", "N2", "N3", "N4", "N5")
@pytest.mark.parametrize(
    "name",
    [
        "../../x.pdf",
        "<img src=x onerror=1>.pdf",
        'a"\r\nX: y.pdf',
        "ש" * 300 + "\u202efdp.pdf",
        "CON.pdf",
        "-.pdf",
    ],
)
def test_n_stored_name_is_random_whatever_the_patient_calls_it(
    progress: Progress, private_folder: Path, name: str
) -> None:
    attachment = add(progress, name)
    assert [str(file.relative_to(private_folder)) for file in stored(private_folder)] == [
        attachment.stored_as
    ]
    folder, _, rest = attachment.stored_as.partition("/")
    assert len(rest) == 32
    assert set(rest) <= set("0123456789abcdef")
    assert rest.startswith(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.exe", files.PROGRAM),
        *(
            pytest.param(
                "disc.zip", files.packed({"IM1": files.dicom(), odd: b"x"}), marks=pytest.mark.corpus("B10")
            )
            for odd in ("../x", "../../x", "n" * 300)
        ),
    ],
)
def test_refused_file_leaves_nothing(
    progress: Progress, private_folder: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(Refused, match=name.replace(".", r"\.")):
        add(progress, name, content)
    assert stored(tmp_path) == stored(private_folder) == []
    assert not Attachment.objects.exists()


@pytest.mark.corpus("U18")
@pytest.mark.parametrize("name", ["report.pdf", "disc.zip"])
def test_u18_file_with_a_password_is_stored_as_not_scannable(progress: Progress, name: str) -> None:
    content = files.pdf(password="secret") if name == "report.pdf" else files.encrypted_zip()
    attachment = add(progress, name, content)
    assert (attachment.scan, attachment.is_locked, attachment.can_be_unlocked) == (
        Scan.UNSCANNABLE,
        True,
        True,
    )
    assert attachment.warnings == ["Protected by a password. It could not be looked into."]


@pytest.mark.corpus("U17")
def test_u17_contents_of_a_disc_are_listed_for_staff(progress: Progress) -> None:
    content = files.packed({"v.exe": files.PROGRAM, "DICOM/IM1": files.dicom()})
    attachment = Attachment.objects.get(pk=add(progress, "disc.zip", content).pk)
    assert [entry["name"] for entry in attachment.entries] == ["v.exe", "DICOM/IM1"]
    assert "Never start a program" in attachment.warnings[0]


@pytest.mark.corpus("U20")
def test_u20_eleventh_file_is_refused(progress: Progress) -> None:
    add_ten(progress)
    with pytest.raises(Refused, match="one file too many"):
        add(progress)
    assert Attachment.objects.count() == 10


@pytest.mark.corpus("U20")
def test_u20_files_sent_earlier_count(progress: Progress) -> None:
    request = create_request()
    add_ten(progress)
    progress.attachments.update(request=request, progress=None)
    returning, _ = create_progress(request=request)
    with pytest.raises(Refused, match="one file too many"):
        add(returning)


# --- The same once more -----------------------------------------------------------------------------------


def test_file_that_is_sent_again_is_kept_once(progress: Progress, private_folder: Path) -> None:
    assert add(progress) == add(progress)
    assert len(stored(private_folder)) == 1


def test_last_file_sent_again_is_not_one_too_many(progress: Progress) -> None:
    add_ten(progress)
    assert add(progress, "scan-9.dcm", files.dicom()) in Attachment.objects.all()


def test_file_sent_again_to_a_request_is_kept_once(progress: Progress) -> None:
    request = create_request()
    first = add(progress)
    progress.attachments.update(request=request, progress=None)
    returning, _ = create_progress(request=request)
    assert add(returning) == first


def test_other_name_or_other_content_is_another_file(progress: Progress) -> None:
    add(progress)
    add(progress, "copy.pdf")
    add(progress, content=files.pdf(title="another"))
    assert Attachment.objects.count() == 3


def test_strangers_with_the_same_file_keep_one_each(progress: Progress) -> None:
    other, _ = create_progress()
    assert add(progress) != add(other)


def test_lost_file_can_be_sent_again(progress: Progress) -> None:
    lost = add(progress)
    lost.found_lost()
    assert add(progress) != lost


def test_same_file_twice_at_once_is_kept_once(progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one looked before the first one was there."""
    first = add(progress)
    seen = iter([False, True])
    same = AttachmentQuerySet.same
    monkeypatch.setattr(
        AttachmentQuerySet, "same", lambda rows, digest: same(rows, digest) if next(seen) else rows.none()
    )
    assert add(progress) == first
    assert Attachment.objects.count() == 1


# --- A full disk ------------------------------------------------------------------------------------------


def test_disk_that_is_full_takes_nothing(
    progress: Progress, private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "KEEP_FREE", 10**18)
    with pytest.raises(StorageUnavailable):
        add(progress)
    assert stored(private_folder) == []


def test_disk_that_fills_up_meanwhile_keeps_no_half_file(
    progress: Progress, private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        add(progress)
    monkeypatch.undo()
    assert stored(private_folder) == []
    assert not Attachment.objects.exists()


# --- Taking away ------------------------------------------------------------------------------------------


def test_removed_file_is_gone_after_the_commit(
    progress: Progress, private_folder: Path, django_capture_on_commit_callbacks: object
) -> None:
    attachment = add(progress)
    with django_capture_on_commit_callbacks(execute=True):
        attachment.delete()
        assert len(stored(private_folder)) == 1
    assert stored(private_folder) == []


@pytest.mark.django_db(transaction=True)
def test_removal_that_is_taken_back_keeps_the_file(progress: Progress, private_folder: Path) -> None:
    attachment = add(progress)
    with transaction.atomic():
        attachment.delete()
        transaction.set_rollback(True)
    assert len(stored(private_folder)) == 1
    assert b"".join(pieces(Attachment.objects.get())) == files.pdf()


# --- Scanning ---------------------------------------------------------------------------------------------


def test_scan_unlocks_what_is_clean(progress: Progress, tmp_path: Path, settings: Settings) -> None:
    attachment, received = add(progress), []
    with told_clamd(tmp_path, b"stream: OK\0", received=received) as settings.CLAMD_ADDRESS:
        assert scan_waiting() == uploads.ScanReport(clean=1)
        assert scan_waiting() == uploads.ScanReport()
    assert received == [files.pdf()]
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.is_locked) == (Scan.CLEAN, False)


@pytest.mark.corpus("U18")
def test_u18_clean_answer_does_not_unlock_what_cannot_be_scanned(
    progress: Progress, tmp_path: Path, settings: Settings
) -> None:
    attachment = add(progress, content=files.pdf(password="secret"))
    with told_clamd(tmp_path, b"stream: OK\0") as settings.CLAMD_ADDRESS:
        assert scan_waiting() == uploads.ScanReport(unscannable=1)
        assert scan_waiting() == uploads.ScanReport()
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.is_locked) == (Scan.UNSCANNABLE, True)


@pytest.mark.corpus("B6")
@pytest.mark.parametrize(
    ("name", "content", "scan", "warnings"),
    [
        ("letter.docx", files.docx(), Scan.CLEAN, []),
        ("report.pdf", files.pdf(password="secret"), Scan.UNSCANNABLE, ["Protected by a password."]),
        (
            "letter.docx",
            files.docx(more={"word/vbaProject.bin": files.OLE}),
            Scan.UNSCANNABLE,
            ["such as a macro"],
        ),
    ],
    ids=["good", "locked", "refused"],
)
def test_b6_file_without_time_is_looked_into_when_it_is_scanned(
    progress: Progress, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    name: str, content: bytes, scan: Scan, warnings: list[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(checks, "SENDING_SECONDS", 0)
    attachment = add(progress, name, content)
    assert (attachment.scan, attachment.warnings[0][:28]) == (
        Scan.UNSCANNABLE,
        "It could not be looked into ",
    )
    with told_clamd(tmp_path, b"stream: OK\0") as settings.CLAMD_ADDRESS:
        scan_waiting()
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.scan) == (name, scan)
    assert len(attachment.warnings) == len(warnings)
    assert all(part in said for part, said in zip(warnings, attachment.warnings, strict=True))


def test_file_is_scanned_again_for_new_signatures(
    progress: Progress, tmp_path: Path, settings: Settings
) -> None:
    attachment = add(progress)
    attachment.found_clean(now=NOW)
    with told_clamd(tmp_path, b"stream: Worm.New FOUND\0") as settings.CLAMD_ADDRESS:
        assert scan_waiting(again_before=NOW - DAY) == uploads.ScanReport()
        assert scan_waiting(again_before=NOW + DAY) == uploads.ScanReport(infected=1)
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.virus, attachment.is_locked) == (Scan.INFECTED, "Worm.New", True)


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Heuristics ERROR\0",
        b"",
        b"UNKNOWN COMMAND\0",
        b"OK\0",
    ],
)
def test_answer_that_is_no_verdict_leaves_the_file_locked(
    progress: Progress, tmp_path: Path, settings: Settings, answer: bytes
) -> None:
    attachment = add(progress)
    with told_clamd(tmp_path, answer) as settings.CLAMD_ADDRESS:
        assert scan_waiting() == uploads.ScanReport(left=1)
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.is_locked) == (Scan.WAITING, True)


@pytest.mark.parametrize("address", ["unix:/nowhere/clamd.ctl", "127.0.0.1:1", ""])
def test_missing_scanner_leaves_all_files_locked(
    progress: Progress, settings: Settings, address: str
) -> None:
    add(progress)
    add(progress, "letter.pdf")
    settings.CLAMD_ADDRESS = address
    assert scan_waiting() == uploads.ScanReport(left=2, is_scanner_there=False)
    assert Attachment.objects.filter(scan=Scan.WAITING).count() == 2


def test_scanner_that_hangs_is_given_up(
    progress: Progress, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    for number in range(5):
        add(progress, f"photo-{number}.jpg", files.image())
    monkeypatch.setattr(antivirus, "SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as frozen:
        frozen.bind(str(tmp_path / "frozen.sock"))
        frozen.listen(8)
        settings.CLAMD_ADDRESS = f"unix:{tmp_path / 'frozen.sock'}"
        assert scan_waiting() == uploads.ScanReport(left=5)


def test_scan_that_misses_a_file_leaves_it_waiting_and_goes_on(
    progress: Progress, private_folder: Path, tmp_path: Path, settings: Settings
) -> None:
    """Whether it is lost only the sweep can say; four that are missing do not keep the fifth from its scan."""
    missing = [add(progress, f"photo-{number}.jpg", files.image()) for number in range(4)]
    for attachment in missing:
        (private_folder / attachment.stored_as).rename(tmp_path / str(attachment.pk))
    add(progress)
    with told_clamd(tmp_path, b"stream: OK\0") as settings.CLAMD_ADDRESS:
        assert scan_waiting() == uploads.ScanReport(clean=1, left=4)
        assert Attachment.objects.filter(scan=Scan.WAITING).count() == 4
        for attachment in missing:
            (tmp_path / str(attachment.pk)).rename(private_folder / attachment.stored_as)
        assert scan_waiting() == uploads.ScanReport(clean=4)


def test_scan_sets_right_what_is_there_again(progress: Progress, tmp_path: Path, settings: Settings) -> None:
    add(progress).found_lost()
    with told_clamd(tmp_path, b"stream: OK\0") as settings.CLAMD_ADDRESS:
        assert scan_waiting() == uploads.ScanReport(clean=1)


def test_scan_does_not_pass_a_file_that_was_changed(
    progress: Progress, private_folder: Path, tmp_path: Path, settings: Settings
) -> None:
    attachment = add(progress)
    (file,) = stored(private_folder)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with told_clamd(tmp_path, b"stream: OK\0") as settings.CLAMD_ADDRESS:
        assert scan_waiting() == uploads.ScanReport(left=1)
    attachment.refresh_from_db()
    assert attachment.scan == Scan.WAITING


def test_scan_command(progress: Progress, tmp_path: Path, settings: Settings) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="Set CLAMD_ADDRESS"):
        call_command("scan_files", "--once", stdout=out)
    settings.CLAMD_ADDRESS = "unix:/nowhere/clamd.ctl"
    with pytest.raises(CommandError, match="does not answer"):
        add(progress) and call_command("scan_files", "--once", stdout=out)
    with told_clamd(tmp_path, b"stream: OK\0") as settings.CLAMD_ADDRESS:
        call_command("scan_files", "--once", "--again-after", "28", stdout=out)
    assert out.getvalue().splitlines()[-1] == "1 clean, 0 infected, 0 not scannable, 0 still waiting."


def test_worker_goes_on_while_scanner_or_database_are_away(
    progress: Progress, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from immuno_site.consultations.management.commands import scan_files

    def away(**options: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(scan_files, "close_old_connections", lambda: None)  # the test's own transaction
    settings.CLAMD_ADDRESS = "unix:/nowhere/clamd.ctl"
    add(progress)
    scan_files.Command()._look()
    assert "1 files wait for the scanner." in caplog.text
    monkeypatch.setattr(uploads, "scan_waiting", away)
    scan_files.Command()._look()
    assert "The list of files could not be read: DatabaseError." in caplog.text


@pytest.mark.parametrize(
    ("answer", "made"),
    [
        (b"ClamAV 1.4.6/27800/Sat Nov 21 09:27:12 2026\0", datetime.datetime(2026, 11, 21, 9, 27, 12)),
        (b"ClamAV 1.4.6\0", None),
    ],
)
def test_age_of_signatures_is_known(
    tmp_path: Path, settings: Settings, answer: bytes, made: datetime.datetime | None
) -> None:
    with told_clamd(tmp_path, answer) as settings.CLAMD_ADDRESS:
        assert antivirus.signatures_of() == (made and made.replace(tzinfo=datetime.UTC))


@pytest.mark.corpus("U2")
def test_u2_virus_inside_a_document_is_found_and_the_file_stays_locked(
    progress: Progress, clamd: str, settings: Settings
) -> None:
    settings.CLAMD_ADDRESS = clamd
    word = add(progress, "a.docx", files.docx(more={"word/media/a.bin": files.EICAR}))
    disc = add(progress, "a.zip", files.packed({"IM1": files.dicom(), "x.com": files.EICAR}))
    clean = add(progress, "b.docx", files.docx())
    assert scan_waiting() == uploads.ScanReport(clean=1, infected=2)
    for attachment in (word, disc, clean):
        attachment.refresh_from_db()
    assert [attachment.is_locked for attachment in (word, disc, clean)] == [True, True, False]
    assert word.virus == f"{SIGNATURE}.UNOFFICIAL"
    assert word.get_scan_display() == "Virus found"  # what staff read beside it


@pytest.mark.corpus("P1")
def test_p1_log_of_the_scanner_knows_no_name_and_no_word(
    progress: Progress, clamd: str, settings: Settings
) -> None:
    settings.CLAMD_ADDRESS = clamd
    add(progress, "CANARY-name.docx", files.docx(more={"CANARY-entry.bin": files.EICAR + b"CANARY-content"}))
    assert scan_waiting() == uploads.ScanReport(infected=1)
    log = Path(clamd.removeprefix("unix:")).with_name("clamd.log")
    for _ in range(100):  # it answers first, and writes then
        if SIGNATURE in log.read_text():
            break
        time.sleep(0.1)
    assert SIGNATURE in log.read_text()
    assert "CANARY" not in log.read_text()


def test_real_scanner_takes_the_largest_file(clamd: str, settings: Settings) -> None:
    settings.CLAMD_ADDRESS = clamd
    assert antivirus.virus_in([bytes(MAX_FILE)]) == ""
    assert antivirus.virus_in([b"", b"a" * 300_000 + files.EICAR]).startswith(SIGNATURE)
    with pytest.raises(antivirus.NotScanned):
        antivirus.virus_in(bytes(1024 * 1024) for _ in range(40))


# --- Receiving --------------------------------------------------------------------------------------------


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    chosen = request.FILES.getlist("files")
    lines = [f"{file.size} {file.is_whole} {type(file).__name__}" for file in chosen]
    return HttpResponse("\n".join([request.POST.get("text", ""), *lines]), content_type="text/plain")


urlpatterns = [path("receive", receive)]
here = override_settings(ROOT_URLCONF="tests.consultations.test_uploads", MIDDLEWARE=[])


@pytest.fixture
def no_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be written in the clear, not even for a moment."""
    import tempfile

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a temporary file")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)


@here
def test_upload_waits_in_memory_that_has_no_name(no_temporary_files: None) -> None:
    big = upload("a.pdf", bytes(5_000_000))
    answer = Client().post("/receive", {"text": "typed", "files": [big]})
    assert answer.content.decode() == "typed\n5000000 True SpooledUpload"


@here
@pytest.mark.corpus("B7")
def test_b7_file_above_the_limit_is_not_kept_and_the_rest_of_the_form_is() -> None:
    fields = {
        "files": [
            upload("a.pdf", bytes(MAX_FILE + 1)),
            upload("b.pdf", bytes(MAX_FILE)),
            upload("c.pdf", b"x"),
        ],
        "text": "typed after the files",
    }
    answer = Client().post("/receive", fields)
    assert answer.content.decode().splitlines() == [
        "typed after the files",
        f"{MAX_FILE + 1} False SpooledUpload",
        f"{MAX_FILE} True SpooledUpload",
        "1 True SpooledUpload",
    ]


@here
@pytest.mark.corpus("B7")
def test_b7_more_than_fits_into_one_sending_is_refused_with_413(
    progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MAX_POST", 1000)
    request = RequestFactory().post(
        "/receive", {"files": [upload("a.pdf", bytes(900)), upload("b.pdf", bytes(200))]}
    )
    first, second = request.FILES.getlist("files")
    assert (first.is_whole, second.is_whole) == (True, False)
    with pytest.raises(Refused, match=r"b\.pdf.* more than can be sent at once") as caught:
        accept(second, progress=progress, now=NOW)
    assert caught.value.status == 413
    with pytest.raises(ValueError, match="closed"):  # no form of the site can mistake it for an empty file
        second.read()
    request.close()
    assert first.file.closed
    assert second.file.closed


@here
@pytest.mark.corpus("B9")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n"),
        ("multipart/form-data; boundary=" + "x" * 500, b""),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 10_000 + b"--x--\r\n",
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n1\r\n' * 10_000
            + b"--x--\r\n",
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 200_000 + b"\r\n\r\n1\r\n--x--\r\n",
        ),
    ],
    ids=["no boundary", "long boundary", "10,000 fields", "10,000 files", "endless header"],
)
def test_b9_broken_form_gets_400_at_once(content_type: str, body: bytes) -> None:
    begun = time.process_time()
    answer = Client().generic("POST", "/receive", body, content_type)
    assert answer.status_code in {200, 400}
    assert b"Spooled" not in answer.content
    assert (answer.status_code == 400) or (answer.content == b"")
    assert time.process_time() - begun < 2


def test_upload_is_shown_without_its_name() -> None:
    assert repr(SpooledUpload(BytesIO(), "Anna.pdf", size=3)) == "<SpooledUpload: 3 bytes>"


def test_upload_that_breaks_off_is_forgotten() -> None:
    handler = spool.SpoolUploads()
    handler.upload_interrupted()  # before its first file
    handler.new_file("files", "a.pdf", "application/pdf", 10)
    handler.receive_data_chunk(b"half", 0)
    handler.upload_interrupted()
    assert handler._upload.file.closed


def test_machine_without_memory_files_uses_one_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with spool.spooled([b"a", b"b"]) as file:
        assert file.read() == b"ab"
        assert not os.path.exists(str(file.name))


# --- An S3-compatible store -------------------------------------------------------------------------------


def test_s3_file_comes_back_as_it_was(bucket: object, progress: Progress) -> None:
    content = files.packed({"IM1": files.dicom() + os.urandom(9_000_000)})  # sent in several parts
    attachment = add(progress, "a.zip", content)
    assert b"".join(pieces(attachment)) == content
    (thing,) = bucket.objects.all()
    assert (thing.key, thing.size) == (attachment.stored_as, sealed_size(len(content)))
    assert b"DICM" not in thing.get()["Body"].read()


def test_s3_removed_file_is_gone(
    bucket: object, progress: Progress, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add(progress).delete()
    assert list(bucket.objects.all()) == []


def test_s3_without_bucket_or_file_is_one_kind_of_error(bucket: object, progress: Progress) -> None:
    attachment = add(progress)
    bucket.Object(attachment.stored_as).delete()
    with pytest.raises(FileLost):
        b"".join(pieces(attachment))
    bucket.delete()
    with pytest.raises(StorageUnavailable):
        add(progress, "letter.pdf")
    with pytest.raises(StorageUnavailable):
        sweeping.sweep(now=NOW)
    assert Attachment.objects.count() == 1


def test_s3_is_given_up_before_gunicorn_gives_up_the_worker(bucket: object) -> None:
    """Whoever waits for a store that says nothing is told so, not cut off."""
    patience = private_files().client_config
    one_try = patience.connect_timeout + patience.read_timeout
    gunicorn = runpy.run_path(str(ROOT / "immuno_site" / "deploy" / "gunicorn.conf.py"))
    assert patience.retries["total_max_attempts"] * one_try < gunicorn["timeout"]


def test_no_storage_has_an_address(bucket: object) -> None:
    for place in (private_files(), storage.PrivateDisk("/nowhere")):
        with pytest.raises(NotImplementedError):
            place.url("ab/abc")
    assert storages["private"] is private_files()


def test_bucket_without_keys_stops_the_start() -> None:
    environment = {**os.environ, "IMMUNO_ENV": "development", "S3_BUCKET": "private"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert "Set the environment variable S3_ACCESS_KEY" in done.stderr
