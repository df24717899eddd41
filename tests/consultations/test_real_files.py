"""Files as people really have them: taken, with a note for staff, or refused for what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import pytest

from immuno_site.consultations.files import checks
from immuno_site.consultations.files.checks import FileRefused, Kind, check
from immuno_site.consultations.files.inspection.__main__ import main as inspected
from tests.consultations.drawn_files import OF_SCANNERS
from tests.consultations.real_files import CASES, reported
from tests.consultations.sample_files import dicom, docx, image, packed, pdf, upload


@pytest.fixture
def looks_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same look without a process for each file: that it runs in one is tried in test_file_checks.py."""

    def answer(content: BinaryIO, kind: Kind, _seconds: int) -> dict[str, object]:
        content.seek(0)
        return inspected(kind.value, content)

    monkeypatch.setattr(checks, "_answer", answer)


def test_real_files_are_many() -> None:
    assert len({name for name, *_rest in CASES}) == len(CASES)
    assert [name[:2] for name in sorted(name for name, *_ in reported())] == [f"{n:02}" for n in range(1, 28)]
    assert len(CASES) >= 27 + 100


@pytest.mark.parametrize(
    ("name", "make", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_real_file_gets_what_it_should(
    looks_here: None, name: str, make: Callable[[], bytes], expected: str
) -> None:
    try:
        with check(upload(name, make())) as checked:
            outcome = " ".join(checked.notes)
            assert checked.name.isprintable() or "\u200c" in checked.name
    except FileRefused as refused:
        outcome = f"refused: {refused.code}"
    assert outcome == expected


# Of the two hundred that come with pydicom, from the scanners, archives and workstations of many makers, these are no
# whole images; all others are taken without a word.
NO_WHOLE_IMAGES = {
    "refused: dicom_index": {
        "DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-empty.dcm", "DICOMDIR-implicit", "DICOMDIR-nooffset",
        "DICOMDIR-nopatient", "DICOMDIR-reordered",
    },
    "refused: damaged": {"meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm"},  # do not say how they are written
    "refused: no_dicom": {"ExplVR_BigEndNoMeta.dcm", "no_meta.dcm"},  # without a beginning, and without a class
    "refused: archive_other": {"zipMR.gz"},
    "refused: text_other": {"README"},
    "raw_image": {"ExplVR_LitEndNoMeta.dcm", "rtstruct.dcm"},
    "cut_short": {"MR_truncated.dcm", "rtplan_truncated.dcm"},
}  # fmt: skip
BESIDE = {".py", ".pyc", ".txt", ".json", ".md", ".dump", ".icc"}


def test_files_of_many_scanners_get_what_they_should(looks_here: None) -> None:
    outcomes: dict[str, set[str]] = {}
    files = [path for path in OF_SCANNERS.parent.rglob("*") if path.is_file() and path.suffix not in BESIDE]
    assert len(files) > 190
    for path in files:
        try:
            with check(upload(path.name, path.read_bytes())) as checked:
                outcome = " ".join(checked.notes)
        except FileRefused as refused:
            outcome = f"refused: {refused.code}"
        outcomes.setdefault(outcome, set()).add(path.name)
    outcomes.pop("")
    assert outcomes == NO_WHOLE_IMAGES


def test_disc_of_a_hospital_is_taken_whole(looks_here: None) -> None:
    disc = OF_SCANNERS / "dicomdirtests"
    entries = {str(path.relative_to(disc)): path.read_bytes() for path in disc.rglob("*") if path.is_file()}
    with check(upload("disc.zip", packed(entries))) as checked:
        images = [entry for entry in checked.entries if entry["image"]]
    names = [name.rpartition("/")[2] for name in entries]
    assert len(images) == sum(not name.startswith(("DICOMDIR", "README")) for name in names) > 70


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("cp866", "Снимки/IM1", "Снимки/IM1"),
        ("cp1251", "Илья К/IM1", "Илья К/IM1"),
        ("cp862", "תמונות/IM1", "תמונות/IM1"),
        ("cp1255", "תמונות/IM1", "תמונות/IM1"),
        ("cp1256", "الصور/IM1", "الصور/IM1"),
        ("utf-8", "Снимки/IM1", "Снимки/IM1"),
    ],
)
def test_names_in_older_alphabets_are_readable_for_staff(
    looks_here: None, name: str, content: str, shown: str
) -> None:
    raw = content.encode(name)
    stand_in = b"x" * len(raw)
    folder = packed({stand_in.decode(): dicom()}).replace(stand_in, raw)
    with check(upload("a.zip", folder)) as checked:
        assert [entry["name"] for entry in checked.entries] == [shown]


# --- What is said -------------------------------------------------------------------------------------------------


def _sentence(name: str, content: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        check(upload(name, content))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.zip", packed({"IM1": dicom()})[:-8], "Pack the folder of images again"),
        ("a.dcm", dicom()[:140], "Ask the hospital for a new copy"),
        ("a.png", image("PNG")[:60], "Take the photograph again"),
        ("a.pdf", pdf()[:200], "Save it as a PDF, or take a photograph of it"),
        ("a.docx", docx()[:-8], "Save it as a PDF, or take a photograph of it"),
        ("a.jpg", b"RIFF\0\0\0\0WEBP", "save it as JPG or PNG"),
    ],
)
def test_advice_is_for_the_kind_of_file(looks_here: None, name: str, content: bytes, advice: str) -> None:
    assert advice in _sentence(name, content)


@pytest.mark.parametrize(
    ("name", "way_on"),
    [
        ("CT.zip", "we name another way"),
        ("IM0001", "we name another way"),
        ("mammogram.dcm", "we name another way"),
        ("report.pdf", "Save it smaller, or send its pages in several files."),
        ("photo.jpg", "Choose a smaller copy of the photograph."),
    ],
)
def test_what_is_too_large_gets_a_way_on(name: str, way_on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MAX_FILE", 10)
    assert way_on in _sentence(name, b"x" * 11)


def test_name_is_said_as_its_sender_knows_it() -> None:
    assert "Letter from Dr.SMITH" in _sentence("Letter from Dr.SMITH", b"nothing that we know of, but words")
