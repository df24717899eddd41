"""Rows and files brought together again: nothing is deleted at once, nothing is given up for one miss."""

from __future__ import annotations

import datetime
import os
import shutil
import time
import uuid
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from immuno_site import watch
from immuno_site.consultations import sweeping
from immuno_site.consultations.files.storage import MARK, TRASH, all_names, new_name, private_files
from immuno_site.consultations.models import Attachment, FileStore, Progress
from immuno_site.consultations.sweeping import SweepReport, sweep
from immuno_site.consultations.uploads import accept, pieces
from tests.consultations import sample_files as files
from tests.consultations.factories import NOW, create_progress
from tests.consultations.sample_files import upload

pytestmark = pytest.mark.django_db
Scan = Attachment.Scan
DAY = datetime.timedelta(days=1)


@pytest.fixture
def progress() -> Progress:
    return create_progress()[0]


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest) -> str:
    """Both kinds of store."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return request.param


def add(progress: Progress, name: str = "report.pdf") -> Attachment:
    return accept(upload(name, files.pdf()), progress=progress, now=NOW)


def today() -> datetime.datetime:
    """Two days after everything that a test stores: a bucket's clock cannot be set."""
    return timezone.now() + 2 * DAY


def names_in(folder: Path) -> set[str]:
    """The files that patients sent, as they lie there."""
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name != MARK}


def age(folder: Path, by: datetime.timedelta) -> None:
    made = time.time() - by.total_seconds()
    for path in folder.rglob("*"):
        os.utime(path, (made, made))


# --- Files without a row ----------------------------------------------------------------------------------


def test_file_without_row_goes_to_the_trash_after_a_day(progress: Progress, private_folder: Path) -> None:
    gone, kept = add(progress), add(progress, "kept.pdf")
    Attachment.objects.filter(pk=gone.pk).delete()  # as when an upload broke off before its row
    now = timezone.now()
    assert sweep(now=now) == SweepReport(young=1)
    age(private_folder, DAY + datetime.timedelta(minutes=1))
    assert sweep(now=now) == SweepReport(trashed=1)
    assert (private_folder / TRASH / str(now.date()) / gone.stored_as[3:]).is_file()
    assert list(all_names(private_files())) == [kept.stored_as]
    assert sweep(now=now) == SweepReport()


def test_trash_is_emptied_after_thirty_days(place: str, progress: Progress) -> None:
    gone, kept = add(progress), add(progress, "kept.pdf")
    Attachment.objects.filter(pk=gone.pk).delete()
    now = today()
    assert sweep(now=now) == SweepReport(trashed=1)
    assert sweep(now=now + 30 * DAY) == SweepReport()
    assert sweep(now=now + 31 * DAY) == SweepReport(deleted=1)
    assert sweep(now=now + 31 * DAY) == SweepReport()
    assert private_files().listdir(TRASH) == ([], [])
    assert b"".join(pieces(kept)) == files.pdf()


def test_file_whose_row_comes_back_is_taken_from_the_trash(place: str, progress: Progress) -> None:
    """As when yesterday's database was restored after a sweep with an older one."""
    away, _kept = add(progress), add(progress, "kept.pdf")
    Attachment.objects.filter(pk=away.pk).delete()
    now = today()
    assert sweep(now=now) == SweepReport(trashed=1)
    away.save(force_insert=True)
    assert sweep(now=now + DAY) == SweepReport()
    assert b"".join(pieces(away)) == files.pdf()
    assert private_files().listdir(f"{TRASH}/{now.date()}") == ([], [])


# --- Rows without a file ----------------------------------------------------------------------------------


def test_row_without_file_is_marked_once_and_set_right_when_it_is_back(
    place: str, progress: Progress
) -> None:
    lost, kept = add(progress), add(progress, "kept.pdf")
    lost.found_clean(now=NOW)
    private_files().move(lost.stored_as, "aside")
    assert sweep(now=NOW) == SweepReport(lost=1)
    assert sweep(now=NOW) == SweepReport()
    lost.refresh_from_db()
    assert (lost.scan, lost.is_locked, lost.can_be_unlocked) == (Scan.LOST, True, False)
    private_files().move("aside", lost.stored_as)
    assert sweep(now=NOW) == SweepReport(found=1)
    lost.refresh_from_db()
    assert (lost.scan, lost.scanned_at, lost.is_locked) == (Scan.CLEAN, NOW, False)
    kept.refresh_from_db()
    assert kept.scan == Scan.WAITING


@pytest.mark.parametrize("is_swept_before", [True, False])
def test_store_that_is_away_gives_no_file_up(
    progress: Progress, private_folder: Path, is_swept_before: bool
) -> None:
    attachment = add(progress)
    if is_swept_before:
        sweep(now=NOW)
    elsewhere = private_folder.rename(private_folder.with_name("elsewhere"))
    with pytest.raises(CommandError, match=r"none of the 1 files of this database\. Is it mounted"):
        call_command("sweep_files")
    assert "Is it mounted" in watch.store(timezone.now())
    attachment.refresh_from_db()
    assert attachment.scan == Scan.WAITING
    elsewhere.rename(private_folder)
    assert watch.store(timezone.now()) == ""
    assert sweep(now=NOW) == SweepReport()


def test_store_that_goes_away_in_mid_sweep_gives_no_file_up(
    progress: Progress, private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment, _kept = add(progress), add(progress, "kept.pdf")
    sweep(now=NOW)
    (private_folder / attachment.stored_as).unlink()
    claim = sweeping._claim

    def away(storage: object) -> str:
        mark = claim(storage)
        shutil.rmtree(private_folder)
        return mark

    monkeypatch.setattr(sweeping, "_claim", away)
    assert sweep(now=NOW) == SweepReport()
    assert not Attachment.objects.lost().exists()


def test_watch_says_lost_only_while_it_is_lost(progress: Progress, private_folder: Path) -> None:
    attachment, _kept = add(progress), add(progress, "kept.pdf")
    path = private_folder / attachment.stored_as
    aside = path.rename(private_folder / "aside")
    sweep(now=NOW)
    assert watch.lost_files(NOW).startswith("1 files have a row, but no bytes")
    aside.rename(path)
    assert watch.lost_files(NOW) == ""
    attachment.refresh_from_db()
    assert attachment.scan == Scan.WAITING


def test_file_lost_before_its_state_was_kept_waits_for_a_scan(progress: Progress) -> None:
    attachment = add(progress)
    Attachment.objects.update(scan=Scan.LOST, scanned_at=NOW)
    assert sweep(now=NOW) == SweepReport(found=1)
    attachment.refresh_from_db()
    assert (attachment.scan, attachment.is_locked) == (Scan.WAITING, True)


# --- Database and store that do not belong together -------------------------------------------------------


def empty_the_database() -> None:
    """What a slip in DATABASE_URL looks like from inside."""
    Attachment.objects.all().delete()
    FileStore.objects.all().delete()


def test_empty_database_deletes_nothing_of_a_young_clinic(place: str, progress: Progress) -> None:
    kept = [add(progress, f"{number}.pdf") for number in range(10)]
    rows = list(Attachment.objects.all())
    sweep(now=today())
    empty_the_database()
    with pytest.raises(CommandError, match=r"belongs to another database.* Nothing was changed"):
        call_command("sweep_files", "--now", "--many")
    assert "belongs to another database" in watch.store(today())
    assert set(all_names(private_files())) == {attachment.stored_as for attachment in kept}
    Attachment.objects.bulk_create(
        rows
    )  # the right database again, restored from a backup made before the mark
    assert sweep(now=today()) == SweepReport()
    assert watch.store(today()) == ""


def test_empty_database_and_store_without_a_mark_deletes_nothing(place: str, progress: Progress) -> None:
    kept = add(progress)
    empty_the_database()
    with pytest.raises(CommandError, match="neither a mark nor one file that this database knows"):
        call_command("sweep_files", "--now")
    assert "neither a mark" in watch.store(today())
    assert list(all_names(private_files())) == [kept.stored_as]


def test_database_that_knows_no_file_at_all_stops_the_sweep(progress: Progress) -> None:
    """The mark is right: perhaps all were erased, perhaps the database is older than the first file."""
    add(progress)
    sweep(now=today())
    Attachment.objects.all().delete()
    with pytest.raises(CommandError, match=r"the database knows none at all.* sweep_files --many"):
        call_command("sweep_files", "--now")
    assert "the database knows none at all" in watch.store(today())
    call_command("sweep_files", "--now", "--many", stdout=StringIO())
    assert list(all_names(private_files())) == []
    assert watch.store(today()) == ""


def test_store_of_another_database_stops_the_sweep(place: str, progress: Progress) -> None:
    add(progress)
    sweep(now=today())
    FileStore.objects.update(mark="0" * 32)
    with pytest.raises(CommandError, match="belongs to another database"):
        call_command("sweep_files", "--now", "--many")
    assert "belongs to another database" in watch.store(today())


def test_installation_from_before_the_mark_gets_one(place: str, progress: Progress) -> None:
    add(progress)
    assert watch.store(today()) == ""
    assert sweep(now=today()) == SweepReport()
    with private_files().open(MARK) as file:
        assert file.read().decode() == FileStore.objects.get().mark
    private_files().delete(MARK)  # somebody tidied up
    assert sweep(now=today()) == SweepReport()
    with private_files().open(MARK) as file:
        assert file.read().decode() == FileStore.objects.get().mark


def test_site_that_nobody_used_is_marked(place: str) -> None:
    assert watch.store(today()) == ""
    assert sweep(now=today()) == SweepReport()
    with private_files().open(MARK) as file:
        assert file.read().decode() == FileStore.objects.get().mark


def test_many_strays_stop_the_sweep(progress: Progress, private_folder: Path) -> None:
    """An old backup of the right database: it is a person who decides."""
    for number in range(sweeping.MOST_APART + 1):
        private_files().save(f"{number:02x}/{number:032x}", ContentFile(b"of somebody"))
    add(progress)
    with pytest.raises(CommandError, match=r"21 of 22 stored files have no row\. Nothing was changed\."):
        call_command("sweep_files", "--now")
    assert len(names_in(private_folder)) == 22
    out = StringIO()
    call_command("sweep_files", "--now", "--many", stdout=out)
    assert out.getvalue().startswith("21 files without a row put into the trash")
    assert len(names_in(private_folder)) == 22


def test_many_missing_files_stop_the_sweep(progress: Progress) -> None:
    one = add(progress)
    for number in range(sweeping.MOST_APART + 1):
        one.pk, one._state.adding = uuid.uuid4(), True
        one.stored_as, one.digest = new_name(), f"{number}"
        one.save()
    with pytest.raises(CommandError, match=r"21 of 22 rows have no file\. Nothing was changed\."):
        call_command("sweep_files")
    assert not Attachment.objects.lost().exists()


# --- The command ------------------------------------------------------------------------------------------


def test_sweep_command_says_what_it_did(progress: Progress, private_folder: Path) -> None:
    gone, lost, _kept = (add(progress, f"{word}.pdf") for word in ("gone", "lost", "kept"))
    Attachment.objects.filter(pk=gone.pk).delete()
    out = StringIO()
    call_command("sweep_files", stdout=out)
    call_command("sweep_files", "--now", stdout=out)
    assert out.getvalue() == (
        "0 files without a row put into the trash, 1 left until tomorrow, 0 deleted after 30 days in the trash.\n"
        "1 files without a row put into the trash, 0 left until tomorrow, 0 deleted after 30 days in the trash.\n"
    )
    path = private_folder / lost.stored_as
    aside = path.rename(private_folder / "aside")
    with pytest.raises(CommandError, match="1 rows have lost their file"):
        call_command("sweep_files", stdout=out)
    aside.rename(path)
    call_command("sweep_files", stdout=out)
    assert out.getvalue().endswith("1 files that were lost are there again.\n")


def test_sweep_command_tells_of_a_store_that_does_not_answer(bucket: Callable, progress: Progress) -> None:
    attachment = add(progress)
    bucket.Object(attachment.stored_as).delete()
    bucket.delete()
    with pytest.raises(CommandError, match="The store of files cannot be read"):
        call_command("sweep_files")
    assert "cannot be read" in watch.store(today())
    assert not Attachment.objects.lost().exists()
