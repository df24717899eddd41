"""What patients may send: decided by content, looked into by a process of its own."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from immuno_site.consultations.files import checks
from immuno_site.consultations.files.checks import (
    REFUSALS,
    STRANGERS,
    Budget,
    Checked,
    FileRefused,
    Kind,
    TooManyFiles,
    check,
    check_number,
    sniffed,
)
from immuno_site.consultations.files.inspection import archive, word
from immuno_site.consultations.files.inspection.__main__ import main as inspected
from immuno_site.consultations.files.inspection.limits import MAX_ENTRIES, MAX_PIXELS
from immuno_site.consultations.files.names import JOINERS, another_than, extension_of, safe_name
from immuno_site.consultations.files.spool import MAX_FILE, MB, spooled
from tests.consultations import sample_files as files
from tests.consultations.sample_files import upload

pytestmark = pytest.mark.longest


def refusal(name: str, content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        check(upload(name, content))
    if caught.value.code not in {"empty", "too_large", "type", *STRANGERS, "text_other", "no_dicom"}:
        # The other process and this one must agree; only this one's lines can be counted.
        assert found(sniffed(content[:256]), content) == {"refused": caught.value.code}
    return caught.value


def taken(name: str, content: bytes, *, agrees: bool = True) -> Checked:
    with check(upload(name, content)) as checked:
        assert checked.content.read() == content
    if agrees and "not_inspected" not in checked.notes:
        assert found(sniffed(content[:256]), content)["kind"] == checked.kind
    return checked


def found(kind: str, content: bytes) -> dict[str, object]:
    """The inspection itself, in this process: where its time is measured or thousands are tried."""
    with spooled([content]) as file:
        return inspected(kind, file)


# --- What is taken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files.GOOD)
def test_every_kind_on_the_list_is_taken(name: str) -> None:
    content = files.GOOD[name]()
    checked = taken(name, content)
    assert (checked.kind, checked.name, checked.size) == (name.rpartition(".")[2], name, len(content))
    assert checked.is_unscannable is False


def test_image_without_extension_gets_that_of_its_content() -> None:
    assert taken("1.2.840.113619.2.55", files.dicom()).name.endswith(".dcm")
    assert taken("scan 12.11.2026", files.pdf()).name == "scan 12_11_2026.pdf"


def test_wrong_but_harmless_extension_is_put_right() -> None:
    assert taken("photo.png", files.image("JPEG")).name == "photo.jpg"


def test_phone_photo_with_two_pictures_is_taken() -> None:
    from PIL import Image

    data = io.BytesIO()
    first, second = (Image.new("RGB", (20, 20), color) for color in ("red", "blue"))
    first.save(data, "MPO", save_all=True, append_images=[second])
    assert taken("photo.jpg", data.getvalue()).kind == Kind.JPG


def test_tiff_in_front_of_a_dicom_image_is_taken() -> None:
    preamble = b"II*\0" + bytes(124)
    assert taken("slide.dcm", files.dicom(preamble=preamble)).kind == Kind.DCM


def test_document_packed_into_a_dicom_image_is_noted() -> None:
    checked = taken("a.dcm", files.dicom(sop_class=b"1.2.840.10008.5.1.4.1.1.104.1"))
    assert checked.notes == ["document_inside"]


def test_word_document_may_hold_ordinary_links() -> None:
    relations = files.relationship("hyperlink", "https://example.org/") + files.relationship(
        "styles", "styles.xml", outside=False
    )
    assert taken("a.docx", files.docx(relations=relations)).notes == []


def test_pdf_that_opens_at_a_page_is_not_noted() -> None:
    root = {"/OpenAction": files.action("/GoTo", D=pikepdf.Array([]))}
    assert taken("a.pdf", files.pdf(root=root)).notes == []


# --- U: kinds ---------------------------------------------------------------------------------------------


@pytest.mark.corpus("U1")
def test_u1_test_virus_named_pdf_is_refused() -> None:
    assert refusal("eicar.pdf", files.EICAR).status == 415


@pytest.mark.corpus("U3")
@pytest.mark.parametrize(
    "inner",
    [
        files.packed({"a": b"x"}),
        b"Rar!\x1a\x07\0" + bytes(90),
        b"7z\xbc\xaf\x27\x1c" + bytes(90),
        b"\x1f\x8b\x08" + bytes(90),
        bytes(257) + b"ustar" + bytes(250),
    ],
    ids=["zip", "rar", "7z", "gz", "tar"],
)
def test_u3_packed_file_inside_a_packed_file_is_kept_only_beside_images(inner: bytes) -> None:
    """Viewers on hospital discs are packed; staff are told."""
    disc = taken("disc.zip", files.packed({"IM1": files.dicom(), "more/IM2": inner}))
    assert disc.notes == ["packed_inside", "other_files_inside"]
    assert refusal("disc.zip", files.packed({"more/IM2": inner})).code == "zip_nested"


@pytest.mark.corpus("U4")
def test_u4_exe_renamed_pdf_is_refused() -> None:
    assert (refusal("report.pdf", files.PROGRAM).code, refusal("report.pdf", files.PROGRAM).status) == (
        "type",
        415,
    )


@pytest.mark.corpus("U5")
@pytest.mark.parametrize("name", ["a.pdf.exe", "a.pdf%00.exe", "a.pdf .exe", "a.pdf\u202e.exe", "a.exe. "])
def test_u5_name_that_ends_like_a_program_is_refused(name: str) -> None:
    assert refusal(name, files.pdf()).code == "type"


@pytest.mark.corpus("U5")
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.exe .pdf", "a_exe.pdf"),
        ("a.pdf::$DATA", "a_pdf_DATA.pdf"),
        ("a.pdf\0.pdf", "a_pdf.pdf"),
        ("a.exe.pdf", "a_exe.pdf"),
    ],
)
def test_u5_second_extension_does_not_survive(name: str, kept: str) -> None:
    assert taken(name, files.pdf()).name == kept


@pytest.mark.corpus("U6")
def test_u6_pdf_with_a_zip_behind_is_refused() -> None:
    small, large = files.packed({"a": b"x"}), files.packed({"a": bytes(3000)}, method=zipfile.ZIP_STORED)
    assert refusal("a.pdf", files.pdf() + small).code == "two_files"
    assert refusal("a.pdf", files.pdf() + large).code == "two_files"
    assert refusal("a.jpg", files.image() + small).code == "two_files"
    assert refusal("a.zip", files.PROGRAM + small).code == "type"
    assert refusal("a.zip", small[:30] + files.pdf() + small[30:]).status == 415


@pytest.mark.corpus("U7")
def test_u7_photograph_with_a_web_page_behind_is_kept_as_a_photograph() -> None:
    """What makes it harmless is how it is handed out: test_attachments.py."""
    content = files.image() + b"<html><script>alert(1)</script></html>"
    assert taken("a.html.jpg", content).name == "a_html.jpg"


@pytest.mark.corpus("U8")
def test_u8_gif_that_is_a_script_is_refused() -> None:
    for name in ("a.gif", "a.jpg"):
        assert refusal(name, b"GIF89a/*" + bytes(40) + b"*/=alert(1)").code == "picture_other"


@pytest.mark.corpus("U9")
@pytest.mark.parametrize(
    "root",
    [
        {"/OpenAction": files.action("/JavaScript", JS="app.alert(1)")},
        {"/OpenAction": files.action("/Launch", F="cmd.exe")},
        {"/AA": pikepdf.Dictionary({"/WC": files.action("/JavaScript", JS="1")})},
        {"/Names": pikepdf.Dictionary({"/EmbeddedFiles": pikepdf.Dictionary({"/Names": pikepdf.Array()})})},
        {"/AcroForm": pikepdf.Dictionary({"/XFA": pikepdf.Array(), "/Fields": pikepdf.Array()})},
    ],
    ids=["javascript", "launch", "additional", "embedded", "xfa"],
)
def test_u9_pdf_that_does_something_is_kept_and_noted(root: dict[str, object]) -> None:
    checked = taken("a.pdf", files.pdf(root=root))
    assert (checked.notes, checked.is_unscannable) == (["active_content"], False)


@pytest.mark.corpus("U9")
def test_u9_name_written_in_another_way_is_noted_too() -> None:
    content = files.pdf(root={"/OpenAction": files.action("/JavaScript", JS="1")})
    hidden = content.replace(b"/JavaScript", b"/Java#53cript").replace(b"/JS", b"/J#53")
    assert taken("a.pdf", hidden).notes == ["active_content"]


@pytest.mark.corpus("U9")
@pytest.mark.parametrize("place", ["\\\\evil.example\\s\\x", "x.txt"])
def test_u9_pdf_whose_content_lies_in_another_file_is_noted(place: str) -> None:
    document = pikepdf.new()
    document.add_blank_page()
    document.Root["/Extra"] = document.make_stream(b"x", F=pikepdf.String(place))
    data = io.BytesIO()
    document.save(data)
    assert taken("a.pdf", data.getvalue()).notes == ["active_content"]


@pytest.mark.corpus("U10")
def test_u10_svg_is_refused() -> None:
    content = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    assert {refusal(name, content).code for name in ("a.svg", "a.png", "a")} == {"type"}


@pytest.mark.corpus("U11")
@pytest.mark.parametrize("extension", ["html", "hta", "mht", "url", "lnk", "js", "bat", "xhtml"])
def test_u11_pages_and_shortcuts_are_refused(extension: str) -> None:
    assert refusal(f"a.{extension}", b"<html><script>alert(1)</script>").code == "type"
    assert refusal(f"a.{extension}", files.pdf()).code == "type"
    assert refusal("a.pdf", b"<html><script>alert(1)</script>").code == "type"
    assert refusal("a.pdf", b"L\0\0\0\x01\x14\x02\0").code == "type"


@pytest.mark.corpus("U12")
@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">]><d>&c;</d>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1/x.dtd"><d/>',
        '<!DOCTYPE d [<!ENTITY a "'
        + "x" * 1000
        + '"><!ENTITY b "'
        + "&a;" * 500
        + '"><!ENTITY c "'
        + "&b;" * 500
        + '">]><d>&c;</d>',
    ],
    ids=["file", "laughs", "address", "many laughs"],
)
def test_u12_entity_tricks_in_word_are_refused_at_once(document: str) -> None:
    content = files.docx(document=document)
    begun = time.process_time()
    assert found("zip", content) == {"refused": "word_entities"}
    assert time.process_time() - begun < 1
    assert refusal("a.docx", content).code == "word_entities"


@pytest.mark.corpus("U13")
def test_u13_word_with_macros_is_refused() -> None:
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    assert refusal("a.docm", files.docx()).code == "type"
    assert refusal("a.docx", files.docx(content_type=macro)).code == "word_macro"
    assert refusal("a.docx", files.docx(more={"word/vbaProject.bin": files.OLE})).code == "word_macro"
    field = "<w:r><w:instrText> DDEAUTO c:\\\\windows\\\\cmd.exe </w:instrText></w:r>"
    assert refusal("a.docx", files.docx(body=field)).code == "word_macro"


@pytest.mark.corpus("U14")
@pytest.mark.parametrize("kind", ["attachedTemplate", "image", "oleObject", "frame", "subDocument"])
def test_u14_word_that_loads_something_is_refused(kind: str) -> None:
    relations = files.relationship(kind, "https://example.org/x.dotm")
    assert refusal("a.docx", files.docx(relations=relations)).code in {"word_external", "word_embedded"}


@pytest.mark.corpus("U14")
@pytest.mark.parametrize("target", ["javascript:1", "ms-msdt:/id"])
def test_u14_word_with_an_odd_link_is_refused(target: str) -> None:
    assert refusal("a.docx", files.docx(relations=files.relationship("hyperlink", target))).code == (
        "word_external"
    )


def test_word_with_another_file_inside_is_refused() -> None:
    assert refusal("a.docx", files.docx(more={"word/embeddings/a.bin": b"x"})).code == "word_embedded"
    relations = files.relationship("aFChunk", "chunk.mht", outside=False)
    assert refusal("a.docx", files.docx(relations=relations)).code == "word_embedded"


def test_word_type_that_runs_macros_is_refused_as_a_field_too() -> None:
    field = '<w:fldSimple w:instr=" DDE cmd "/>'
    assert refusal("a.docx", files.docx(body=field)).code == "word_macro"
    assert taken("a.docx", files.docx(body='<w:fldSimple w:instr=" PAGE "/>')).notes == []


def _run_of(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def _mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _field(*pieces: str) -> str:
    return f"<w:p>{_mark('begin')}{''.join(pieces)}{_mark('separate')}{_mark('end')}</w:p>"


@pytest.mark.corpus("U13")
@pytest.mark.parametrize(
    "body",
    [
        _field(_run_of("DD"), _run_of("EAUTO c:\\windows\\cmd.exe")),
        _field(_run_of(" D"), "</w:p><w:p>", _run_of("DEAUTO cmd")),  # over two paragraphs
        _field(
            _field(_run_of(" QUOTE 68 68 69 ")), _run_of("AUTO cmd")
        ),  # its first word made by another field
        _field(_run_of("DDE"), _field(_run_of(' QUOTE "AUTO" ')), _run_of(" cmd")),
        _run_of("DD") + _run_of("EAUTO cmd"),  # without marks
        _mark("begin") + _run_of("DD") + _run_of("E cmd"),  # breaks off
        _field(_run_of(" MACROBUTTON AutoOpen here ")),
        _field(_run_of(" LINK Excel.Sheet.8 c:\\x.xls ")),
        "<w:p><w:del><w:r><w:delInstrText> DDEAUTO cmd </w:delInstrText></w:r></w:del></w:p>",
    ],
)
def test_word_field_that_starts_something_is_refused_however_it_is_written(body: str) -> None:
    assert refusal("a.docx", files.docx(body=body)).code == "word_macro"


@pytest.mark.corpus("U14")
@pytest.mark.parametrize(
    "body",
    [
        _field(_run_of(' INCLUDEPICTURE "\\\\evil.example\\s\\x.png" \\d ')),
        _field(_run_of(" INCLUDE"), _run_of('TEXT "http://evil.example/x.docx" ')),
        _field(_run_of(' IMPORT "file:///c:/x.png" ')),
        '<w:p><w:fldSimple w:instr=" INCLUDEPICTURE http://evil.example/x.png "/></w:p>',
        '<w:p><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://evil.example/x.png"/></w:p>',
        '<w:p><v:fill xmlns:v="urn:schemas-microsoft-com:vml" src="\\\\evil.example\\x.png"/></w:p>',
        '<w:p><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
        ' o:href="https://evil.example/x.png"/></w:p>',
    ],
)
def test_word_text_that_loads_something_is_refused_however_it_is_written(body: str) -> None:
    assert refusal("a.docx", files.docx(body=body)).code == "word_external"


@pytest.mark.parametrize(
    "body",
    [
        _field(_run_of(" PAGE ")) + _field(_run_of(" TOC \\o ")),
        _field(_run_of(" IF "), _field(_run_of(" PAGE ")), _run_of(" = 1 yes no ")),
        _field(_run_of(' HYPERLINK "https://example.org" ')),
        _field(_run_of(" MERGEFIELD Address ")),
        '<w:p><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="media/a.png"/></w:p>',
        "<w:p><w:r><w:t>We include text, link it and print DDE.</w:t></w:r></w:p>",
    ],
)
def test_word_with_ordinary_fields_is_taken(body: str) -> None:
    assert taken("a.docx", files.docx(body=body)).notes == []


@pytest.mark.parametrize("name", ["word/doc2.dat", "word/media/image1.png", "custom/anything"])
def test_word_part_is_read_whatever_it_is_called(name: str) -> None:
    """A relationship can make any part the document."""
    part = f'<w:document xmlns:w="{files.WORD_NS}">{_field(_run_of("DDEAUTO cmd"))}</w:document>'
    for encoded in (part.encode(), b"\xef\xbb\xbf\n" + part.encode(), part.encode("utf-16")):
        assert refusal("a.docx", files.docx(more={name: encoded})).code == "word_macro"


def test_word_document_with_a_damaged_picture_is_refused() -> None:
    picture = bytes(range(256)) * 20
    content = files.docx(more={"word/media/a.png": picture})
    place = content.index(b"word/media/a.png") + len("word/media/a.png")
    broken = content[:place] + b"\xff" * 20 + content[place + 20 :]
    assert refusal("a.docx", broken).code == "damaged"


def test_two_files_in_one_are_refused_for_every_kind() -> None:
    for name in ("photo.jpg", "scan.png", "phone.heic", "IM00001.dcm", "report.pdf"):
        assert refusal(name, files.GOOD[name]() + files.packed({"a": b"x"})).code == "two_files"


@pytest.mark.corpus("U15")
def test_u15_old_word_document_is_refused() -> None:
    assert refusal("a.doc", files.OLE).code == "office_old"
    assert refusal("a.docx", files.OLE).code == "office_old"


@pytest.mark.corpus("U16")
def test_u16_program_in_front_of_a_dicom_image_is_refused() -> None:
    content = files.dicom(preamble=b"MZ" + bytes(126))
    assert (refusal("a.dcm", content).code, refusal("a.dcm", content).status) == ("dicom_preamble", 415)


@pytest.mark.corpus("U17")
def test_u17_disc_with_a_viewer_is_kept_listed_and_noted() -> None:
    content = files.packed(
        {"AUTORUN.INF": b"[autorun]\r\nopen=v.exe", "v.exe": files.PROGRAM, "DICOM/IM1": files.dicom()}
    )
    checked = taken("disc.zip", content)
    assert (checked.notes, checked.is_unscannable) == (["other_files_inside"], False)
    assert [(entry["name"], entry["image"]) for entry in checked.entries] == [
        ("AUTORUN.INF", False),
        ("v.exe", False),
        ("DICOM/IM1", True),
    ]


def test_zip_without_images_is_refused() -> None:
    assert refusal("a.zip", files.packed({"a.pdf": files.pdf()})).code == "zip_without_images"
    assert refusal("a.zip", files.packed({"a.exe": files.PROGRAM})).code == "zip_without_images"


@pytest.mark.corpus("U18")
def test_u18_locked_files_are_kept_as_not_scannable() -> None:
    for name, content in (("a.pdf", files.pdf(password="secret")), ("a.zip", files.encrypted_zip())):
        checked = taken(name, content)
        assert (checked.notes, checked.is_unscannable) == (["encrypted"], True)


@pytest.mark.corpus("U19")
def test_u19_empty_file_is_refused() -> None:
    assert (refusal("a.pdf", b"").code, refusal("a.pdf", b"").status) == ("empty", 422)


@pytest.mark.corpus("U20")
def test_u20_eleventh_file_is_refused() -> None:
    check_number(upload("tenth.pdf", b"x"), kept=9)
    with pytest.raises(TooManyFiles, match=r"eleventh\.pdf.* one file too many") as caught:
        check_number(upload("eleventh.pdf", b"x"), kept=10)
    assert caught.value.status == 422


# --- B: bombs and limits ----------------------------------------------------------------------------------


@pytest.mark.corpus("B1")
def test_b1_zip_that_grows_a_thousandfold_is_refused_at_once() -> None:
    content = files.packed({"DICOM/IM1": files.dicom(), "zeros": bytes(50_000_000)})
    begun = time.process_time()
    assert found("zip", content) == {"refused": "zip_bomb"}
    assert time.process_time() - begun < 0.1
    assert refusal("a.zip", content).code == "zip_bomb"


@pytest.mark.corpus("B1")
def test_b1_word_document_that_grows_a_thousandfold_is_refused() -> None:
    assert refusal("a.docx", files.docx(more={"word/a.xml": b" " * 30_000_000})).code == "zip_bomb"


@pytest.mark.corpus("B2")
def test_b2_zip_that_lies_about_sizes_is_read_no_further_than_it_says() -> None:
    content = bytearray(files.packed({"IM1": files.dicom() + bytes(5_000_000)}))
    for header, offset in ((content.find(b"PK\x03\x04"), 22), (content.rfind(b"PK\x01\x02"), 24)):
        struct.pack_into("<L", content, header + offset, 400)  # instead of five million
    begun = time.process_time()
    assert found("zip", bytes(content)) == {"refused": "damaged"}
    assert time.process_time() - begun < 0.1


@pytest.mark.corpus("B2")
def test_b2_zip_that_claims_more_than_it_has_is_refused() -> None:
    content = bytearray(files.packed({"IM1": files.dicom()}))
    struct.pack_into("<L", content, content.rfind(b"PK\x01\x02") + 24, 9_000)
    assert refusal("a.zip", bytes(content)).code == "damaged"


@pytest.mark.corpus("B3")
def test_b3_overlapping_entries_are_refused() -> None:
    assert found("zip", files.overlapping_zip()) == {"refused": "zip_bomb"}
    content = bytearray(files.packed({"IM1": files.dicom()}))
    struct.pack_into("<L", content, content.rfind(b"PK\x01\x02") + 20, 300)  # reaches into the directory
    assert found("zip", bytes(content)) == {"refused": "zip_bomb"}


@pytest.mark.corpus("B4")
def test_b4_six_thousand_entries_are_refused() -> None:
    content = files.packed({f"IM{number}": b"x" for number in range(6_000)}, method=zipfile.ZIP_STORED)
    assert refusal("a.zip", content).code == "zip_entries"


@pytest.mark.corpus("B4")
def test_b4_directory_that_hides_its_length_is_refused() -> None:
    content = bytearray(files.packed({f"IM{number}": b"x" for number in range(6_000)}))
    struct.pack_into("<HH", content, len(content) - 14, 5, 5)
    assert refusal("a.zip", bytes(content)).status == 415


@pytest.mark.corpus("B4")
@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (4, 1, "damaged"),  # the second disk of several
        (8, 0xFFFF, "damaged"),  # the format for giants, without its own end
        (12, 40, "two_files"),  # a directory elsewhere
        (20, 7, "damaged"),  # a comment that is not there
    ],
)
def test_b4_end_that_does_not_fit_is_refused(place: int, value: int, code: str) -> None:
    content = bytearray(files.packed({"IM1": files.dicom()}))
    struct.pack_into("<H", content, len(content) - 22 + place, value)
    assert found("zip", bytes(content)) == {"refused": code}


@pytest.mark.corpus("B5")
def test_b5_image_of_nine_hundred_megapixels_is_refused() -> None:
    assert refusal("a.png", files.png_of(30_000, 30_000)).code == "too_many_pixels"


@pytest.mark.corpus("B6")
def test_b6_pdf_that_takes_too_long_or_too_much_is_kept_but_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason: the process is ended and the file is not scannable."""
    monkeypatch.setattr(checks, "STARTING_SECONDS", -2.999)
    checked = taken("a.pdf", files.pdf())
    assert (checked.notes, checked.is_unscannable) == (["not_inspected"], True)


ANSWER = {"kind": "pdf", "notes": [], "entries": []}


def _inspecting_does(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    lines = "import json, os, immuno_site.consultations.files.inspection.__main__ as it", *statements
    monkeypatch.setattr(checks, "_COMMAND", [checks.sys.executable, "-c", "\n".join(lines)])


@pytest.mark.corpus("B6")
@pytest.mark.parametrize(
    "waste",
    [
        "pass",
        "while True: pass",
        "bytearray(600 * 1024 * 1024)",
        "os.abort()",
        "os.write(os.open('x', os.O_CREAT | os.O_WRONLY), b'x')",
    ],
)
def test_b6_inspecting_process_gets_no_more_than_its_share(
    waste: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _inspecting_does(
        monkeypatch,
        f"os.chdir({str(tmp_path)!r})",
        "it.limit(1)",  # of the processor, not of the clock
        waste,
        f"print(json.dumps({ANSWER!r}))",
    )
    assert taken("a.pdf", files.pdf()).notes == ([] if waste == "pass" else ["not_inspected"])


@pytest.mark.corpus("B6")
@pytest.mark.parametrize(
    "reach",
    [
        "open('/etc/hostname').read()",
        "open(f'/proc/{os.getppid()}/environ', 'rb').read()",
        "open(f'/proc/{os.getppid()}/mem', 'rb').read(0)",
        "os.open('manage.py', os.O_RDONLY)",
        "os.listdir('.')",
        "import socket; socket.socket()",
        "import ctypes; os.kill(os.getppid(), 0)",
        "os.execv('/bin/true', ['true'])",
        "os.fork()",
    ],
)
def test_b6_inspecting_process_reaches_nothing_but_its_file(
    reach: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no limit of size or time would stop it: the keys are a file or a process away."""
    _inspecting_does(
        monkeypatch,
        "import io, socket, ctypes",
        f"""
def reach(file):
    try:
        {reach}
    except OSError as refused:
        return it.Found(["document_inside"] if refused.errno == 1 else [])
    return it.Found([])
it.Found = __import__("dataclasses").make_dataclass("Found", ["notes"])
it._inspector = lambda kind: reach
answer = it.main("pdf", io.FileIO(0, closefd=False), is_confined=True)
print(json.dumps({{"kind": "pdf", "entries": [], **answer}}))""",
    )
    assert taken("a.pdf", files.pdf(), agrees=False).notes == ["document_inside"]


@pytest.mark.corpus("B6")
def test_b6_file_is_kept_unread_while_another_one_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TURN_SECONDS", 0.05)
    with checks.turn("inspecting"):
        assert taken("a.pdf", files.pdf()).notes == ["not_inspected"]
    assert taken("a.pdf", files.pdf()).notes == []


@pytest.mark.corpus("B6")
def test_b6_files_of_one_sending_share_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that looks into ten heavy files serves nobody else."""
    monkeypatch.setattr(checks, "FILE_SECONDS", 1)
    monkeypatch.setattr(checks, "SENDING_SECONDS", 2)
    started, run = [], checks.run_closed
    monkeypatch.setattr(checks, "run_closed", lambda *given: started.append(given) or run(*given))
    body = "<a/>" * 3_000_000
    heavy = files.docx(document=f"<w>{body}</w>", more={"noise": os.urandom(300_000)})
    budget = Budget()
    for number in range(10):
        with check(upload(f"{number}.docx", heavy), budget=budget) as checked:
            assert (checked.notes, checked.kind) == (["not_inspected"], Kind.DOCX)
    assert 1 <= len(started) <= 2


@pytest.mark.corpus("B6")
@pytest.mark.parametrize(
    "said",
    ["", "[]", '"pdf"', {}, ANSWER | {"kind": "exe"}, ANSWER | {"notes": None}, {"refused": "just so"}],
)
def test_b6_process_that_a_file_took_over_is_not_believed(
    said: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said if isinstance(said, str) else json.dumps(said)
    _inspecting_does(monkeypatch, f"print({text!r})")
    assert taken("a.pdf", files.pdf()).notes == ["not_inspected"]


def _squeezed(*, megabytes: int) -> bytes:
    """A PDF of one page, whose objects lie in a stream that grows to so much when it is unpacked."""
    pages, page = b"<</Type/Pages/Kids[5 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    numbers = b"2 0 5 %d " % len(pages)
    squeeze = zlib.compressobj(1)
    packed = squeeze.compress(numbers + pages + page)
    packed += b"".join(squeeze.compress(b" " * 2**20) for _ in range(megabytes)) + squeeze.flush()
    content = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    stream = len(content)
    content += b"3 0 obj<</Type/ObjStm/N 2/First %d/Filter/FlateDecode" % len(numbers)
    content += b"/Length %d>>stream\n" % len(packed) + packed + b"\nendstream endobj\n"
    table = len(content)
    rows = [(0, 0, 0), (1, content.index(b"1 0 obj"), 0), (2, 3, 0), (1, stream, 0), (1, table, 0), (2, 3, 1)]
    content += b"4 0 obj<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length 36>>stream\n"
    content += b"".join(struct.pack(">BLB", *row) for row in rows) + b"\nendstream endobj\n"
    return content + b"startxref\n%d\n%%%%EOF\n" % table


@pytest.mark.corpus("B6")
def test_b6_pdf_that_needs_more_memory_than_it_is_given_cannot_be_opened() -> None:
    assert taken("a.pdf", _squeezed(megabytes=1)).notes == []
    with pytest.raises(FileRefused, match="cannot be opened"):
        check(upload("a.pdf", _squeezed(megabytes=800)))


@pytest.mark.corpus("B6")
def test_b6_pdf_nested_without_end_does_not_hurt() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    content = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/X " + deep + b">>endobj\n"
    content += b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    assert refusal("a.pdf", content).code == "damaged"


@pytest.mark.corpus("B7")
def test_b7_file_one_byte_above_the_limit_is_refused() -> None:
    assert (refusal("a.pdf", bytes(MAX_FILE + 1)).status) == 413
    assert refusal("a.pdf", bytes(MAX_FILE)).code == "type"


@pytest.mark.corpus("B10")
@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "c:\\x", "..\\x", "n" * 300, "a\nb", "a\u202eb"]
)
def test_b10_entry_with_an_odd_name_is_refused(name: str) -> None:
    content = files.packed({"IM1": files.dicom(), name: b"x"})
    assert refusal("a.zip", content).code == "zip_names"


@pytest.mark.corpus("B10")
def test_b10_link_inside_a_zip_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("IM1", files.dicom())
        link = zipfile.ZipInfo("IM2")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert refusal("a.zip", data.getvalue()).code == "zip_names"


@pytest.mark.corpus("B10")
def test_b10_name_that_is_not_unicode_is_refused() -> None:
    content = files.packed({"IM1": files.dicom(), "שלום": b"x"}).replace("שלום".encode(), b"\xff" * 8)
    assert refusal("a.zip", content).code == "zip_names"


def test_zip_packed_in_an_unusual_way_is_refused() -> None:
    content = files.packed({"IM1": files.dicom()}, method=zipfile.ZIP_LZMA)
    assert refusal("a.zip", content).code == "zip_method"


def test_disc_too_large_for_the_scanner_is_kept_but_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_SCANNED", 500)
    answer = found("zip", files.packed({"IM1": files.dicom(), "IM2": files.dicom() + bytes(300)}))
    assert answer["notes"] == ["too_large_inside"]
    assert "too_large_inside" in checks.UNSCANNABLE


def test_word_part_of_endless_length_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "MAX_PART", 100)
    assert found("zip", files.docx()) == {"refused": "zip_bomb"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7 nothing more"),
        ("a.pdf", b"%PDF-1.7\n%%EOF\n"),
        ("a.jpg", b"\xff\xd8\xff" + bytes(50)),
        ("a.png", files.image("PNG")[:40]),
        ("a.heic", files.heic()[:60]),
        ("a.heic", files.box(b"ftyp", b"heic" + bytes(12))),
        ("a.dcm", bytes(128) + b"DICM"),
        ("a.dcm", files.dicom(sop_class=b"not a number")),
        ("a.zip", files.packed({"IM1": files.dicom()})[:-8]),
        ("a.zip", b"PK\x03\x04" + bytes(200)),
        ("a.docx", files.docx(document="<w>")),
    ],
)
def test_broken_file_is_refused_with_advice(name: str, content: bytes) -> None:
    refused = refusal(name, content)
    assert (refused.code in {"damaged", "pdf_end"}, refused.status) == (True, 415)


# --- N: names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("../../x.pdf", "x.pdf", marks=pytest.mark.corpus("N1")),
        pytest.param("..\\..\\x.pdf", "x.pdf", marks=pytest.mark.corpus("N1")),
        pytest.param("<img src=x onerror=1>.pdf", "img src=x onerror=1.pdf", marks=pytest.mark.corpus("N2")),
        pytest.param('a"\r\nX: y.pdf', "a_X y.pdf", marks=pytest.mark.corpus("N3")),
        pytest.param("דוח\u202efdp.pdf", "דוחfdp.pdf", marks=pytest.mark.corpus("N4")),
        pytest.param("CON.pdf", "file_CON.pdf", marks=pytest.mark.corpus("N5")),
        pytest.param("com1.tar.pdf", "file_com1_tar.pdf", marks=pytest.mark.corpus("N5")),
        pytest.param("-rf.pdf", "rf.pdf", marks=pytest.mark.corpus("N5")),
        pytest.param(".pdf", "file.pdf", marks=pytest.mark.corpus("N5")),
        ("ממצא פתולוגיה.pdf", "ממצא פתולוגיה.pdf"),
        ("%D7%9E%D7%9E%D7%A6%D7%90.pdf", "ממצא.pdf"),  # as some phones write it
        ("22%22best%22.pdf", "22_best.pdf"),  # as browsers write quotes
        ("نامه\u200cای.pdf", "نامه\u200cای.pdf"),
        ("a\u200cb.pdf", "ab.pdf"),
        ("Letter from Dr.Smith", "Letter from Dr_Smith.pdf"),
        ("", "file.pdf"),
    ],
)
def test_name_is_made_harmless(name: str, kept: str) -> None:
    assert safe_name(name, extension="pdf") == kept


def test_second_file_of_a_name_is_told_apart() -> None:
    assert another_than(set(), "image.jpg") == "image.jpg"
    assert another_than({"image.jpg", "image (2).jpg"}, "image.jpg") == "image (3).jpg"


@pytest.mark.corpus("N4")
def test_n4_long_name_is_cut_between_letters() -> None:
    name = safe_name("ש" * 300 + ".pdf", extension="pdf")
    assert name == "ש" * 60 + ".pdf"


@settings(max_examples=2000, deadline=None)
@given(st.text(max_size=300))
def test_any_name_becomes_one_that_any_system_can_save(name: str) -> None:
    kept = safe_name(name, extension="pdf")
    assert kept.translate(dict.fromkeys(map(ord, JOINERS))).isprintable()
    assert kept.endswith(".pdf")
    assert kept[0] not in " .-"
    assert len(kept.encode()) <= 150
    assert not set(kept) & set('<>:"/\\|?*\r\n\0')
    assert safe_name(kept, extension="pdf") == kept
    assert extension_of(kept) == "pdf"


# --- Any bytes at all -------------------------------------------------------------------------------------

SAMPLES = {
    "pdf": files.pdf(),
    "jpg": files.image(),
    "png": files.image("PNG"),
    "heic": files.heic(),
    "dcm": files.dicom(),
    "zip": files.packed({"IM1": files.dicom(), "b": b"text"}),
    "docx": files.docx(),
}


@settings(max_examples=2000, deadline=None)
@given(kind=st.sampled_from(sorted(set(SAMPLES) - {"pdf"})), source=st.data())
def test_any_damage_ends_in_an_answer(kind: str, source: st.DataObject) -> None:
    """Never in an exception that nobody thought of. PDFs are left out: their library is C, and slower."""
    content = bytearray(SAMPLES[kind])
    for _ in range(source.draw(st.integers(1, 4))):
        place = source.draw(st.integers(0, len(content) - 1))
        content[place : place + source.draw(st.integers(0, 3))] = source.draw(st.binary(max_size=4))
    answer = found("zip" if kind == "docx" else kind, bytes(content))
    assert answer.get("refused") in REFUSALS or answer["kind"] in Kind.values


@settings(max_examples=300, deadline=None)
@given(source=st.data())
def test_any_damaged_pdf_ends_in_an_answer(source: st.DataObject) -> None:
    content = bytearray(SAMPLES["pdf"])
    place = source.draw(st.integers(0, len(content) - 1))
    content[place : place + source.draw(st.integers(0, 5))] = source.draw(st.binary(max_size=6))
    answer = found("pdf", bytes(content))
    assert answer.get("refused") in REFUSALS or answer["kind"] == "pdf"


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_that_are_nothing_we_know_are_refused_unseen(content: bytes) -> None:
    with pytest.raises(FileRefused):
        check(SimpleUploadedFile("a.pdf", b"!" + content))


def test_refusal_says_which_file_why_and_what_to_do() -> None:
    refused = refusal("My <report>.pdf.exe", files.PROGRAM)
    assert "My report_pdf.exe" in refused.message
    assert "Choose a PDF" in refused.message
    assert "report" not in repr(refused)  # which may end up in a log


@pytest.mark.parametrize("language", [code for code, _name in site.LANGUAGES])
@pytest.mark.parametrize(
    ("code", "most"),
    [
        ("too_large", MAX_FILE // MB),
        ("too_many_pixels", MAX_PIXELS // 1_000_000),
        ("zip_entries", MAX_ENTRIES),
    ],
)
def test_refusal_names_the_limit_that_holds(language: str, code: str, most: int) -> None:
    with override(language):
        assert re.sub(r"\D", "", str(FileRefused(code, kind="jpg"))) == str(most)
