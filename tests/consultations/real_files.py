"""Files as phones, scanners, offices and hospitals make them: all built here, each with what its sender should get.

Those that begin with a number are of public bug reports. What is expected is what staff are told ("" for nothing), or
"refused: " and why.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pikepdf
from PIL import Image, ImageCms

from tests.consultations import sample_files as files

Case = tuple[str, str, Callable[[], bytes], str]  # what it is, its name, how it is made, what its sender gets


# --- Photographs ------------------------------------------------------------------------------------------------


def photo(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (320, 240), **more: object) -> bytes:
    data = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(data, kind, **more)
    return data.getvalue()


def several(kind: str) -> bytes:
    data, frames = io.BytesIO(), [Image.new("RGB", (30, 20), color) for color in ("red", "blue")]
    frames[0].save(data, kind, save_all=True, append_images=frames[1:])
    return data.getvalue()


def turned() -> bytes:
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(
        data,
        "JPEG",
        exif=exif,
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )
    return data.getvalue()


PHOTOS: list[Case] = [
    ("21 half a photograph", "half.jpg", lambda: photo()[: len(photo()) // 2], "refused: cut"),
    ("20 WebP with the name of a photograph", "a.jpg", lambda: photo("WEBP"), "refused: picture_other"),
    ("photograph in which only the end mark lacks", "a.jpg", lambda: photo()[:-2], "cut_short"),
    ("photograph that goes on after its end", "motion.jpg", lambda: photo() + b"ftypmp42" * 400, ""),
    ("photograph in scans, finer and finer", "a.jpeg", lambda: photo(progressive=True), ""),
    ("half of such a photograph", "a.jpeg", lambda: photo(progressive=True)[:9000], "cut_short"),
    ("gray photograph", "xray.jpe", lambda: photo(mode="L"), ""),
    ("photograph for a printer", "a.jpg", lambda: photo(mode="CMYK"), ""),
    ("photograph turned by its camera, with colors", "a.jfif", turned, ""),
    ("two photographs in one", "a.jpg", lambda: several("MPO"), ""),
    ("photograph of one dot", "a.jpg", lambda: photo(size=(1, 1)), ""),
    ("narrow strip in which only the end mark lacks", "a.jpg", lambda: photo(size=(3, 30))[:-2], "cut_short"),
    ("photograph with restart marks", "a.jpg", lambda: photo(restart_marker_rows=1), ""),
    ("photograph without an ending", "1.2.840.113619", photo, ""),
    ("photograph of a document provider", "content___media_external_42", photo, ""),
    ("photograph with the ending of another", "IMG_1.HEIC", photo, ""),
    ("PNG with the ending of a photograph", "shot.jpg", lambda: photo("PNG"), ""),
    ("PNG of 16 bits", "a.png", lambda: photo("PNG", mode="I;16"), ""),
    ("PNG with a palette", "a.png", lambda: photo("PNG", mode="P"), ""),
    ("PNG one can see through", "a.png", lambda: photo("PNG", mode="RGBA"), ""),
    ("PNG that moves", "a.png", lambda: several("PNG"), ""),
    ("half a PNG", "a.png", lambda: photo("PNG")[:3000], "refused: damaged"),
    (
        "PNG with a broken checksum",
        "a.png",
        lambda: photo("PNG")[:-20] + bytes(8) + photo("PNG")[-12:],
        "refused: damaged",
    ),
    ("page at 1,200 dots an inch", "scan.png", lambda: files.png_of(9921, 14031), ""),
    ("photograph of 200 megapixels", "a.png", lambda: files.png_of(16384, 12288), ""),
    ("photograph of 900 megapixels", "a.png", lambda: files.png_of(30000, 30000), "refused: too_many_pixels"),
    ("iPhone photograph", "IMG_1.HEIC", lambda: files.heic(b"heic"), ""),
    ("iPhone photograph of ten bits", "IMG_1.heif", lambda: files.heic(b"heix"), ""),
    ("iPhone burst", "IMG_1.heic", lambda: files.heic(b"msf1"), ""),
    ("iPhone photograph named .jpg", "IMG_1.jpg", lambda: files.heic(b"mif1"), ""),
    ("half an iPhone photograph", "IMG_1.heic", lambda: files.heic(b"heic")[:70], "refused: damaged"),
    ("AVIF", "a.avif", lambda: files.heic(b"avif"), "refused: picture_other"),
    ("GIF", "a.gif", lambda: photo("GIF"), "refused: picture_other"),
    ("TIFF of a scanner", "a.tif", lambda: photo("TIFF"), "refused: picture_other"),
    ("BMP", "a.bmp", lambda: photo("BMP"), "refused: picture_other"),
    ("JPEG 2000", "a.jp2", lambda: photo("JPEG2000"), "refused: picture_other"),
    ("film of an iPhone", "a.mov", lambda: files.box(b"ftyp", b"qt  " + bytes(8)), "refused: video"),
    ("film of Android", "a.mp4", lambda: files.box(b"ftyp", b"mp42" + bytes(8)), "refused: video"),
    ("film of old", "a.avi", lambda: b"RIFF" + bytes(4) + b"AVI " + bytes(90), "refused: video"),
]


# --- PDFs ---------------------------------------------------------------------------------------------------------


def pdf(*, pages: int = 1, **how: object) -> bytes:
    document, data = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page()
    document.save(data, **how)
    return data.getvalue()


def pdf_with(add: Callable[[pikepdf.Pdf], object], **how: object) -> bytes:
    document, data = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    add(document)
    document.save(data, **how)
    return data.getvalue()


def link(document: pikepdf.Pdf) -> None:
    action = files.action("/URI", URI=pikepdf.String("https://example.org/"))
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])


def attach_zip(document: pikepdf.Pdf) -> None:
    inner = files.packed({"a.txt": b"x" * 90}, method=zipfile.ZIP_STORED)
    document.attachments["a.zip"] = pikepdf.AttachedFileSpec(document, inner)


def locked(version: int, *, user: str = "secret", owner: str = "owner") -> bytes:
    return pdf(
        encryption=pikepdf.Encryption(
            owner=owner, user=user, R=version, aes=version > 3, metadata=version > 3
        )
    )


PDFS: list[Case] = [
    ("06 lines before the PDF", "a.pdf", lambda: b"    leading junk\n\n" + pdf(), ""),
    ("07 end mark missing", "a.pdf", lambda: pdf().removesuffix(b"%%EOF\n"), ""),
    ("08 2,000 zeros behind", "a.pdf", lambda: pdf() + bytes(2000), ""),
    ("24 PDF of Dr.Smith", "Letter from Dr.Smith", pdf, ""),
    (
        "25 zip attached to a PDF",
        "a.pdf",
        lambda: pdf_with(attach_zip, compress_streams=False),
        "active_content",
    ),
    ("half an end mark", "a.pdf", lambda: pdf().removesuffix(b"OF\n"), ""),
    ("empty lines behind", "a.pdf", lambda: pdf() + b"\r\n" * 900, ""),
    (
        "the head of a web server's answer",
        "a.pdf",
        lambda: b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + pdf(),
        "",
    ),
    ("a printer's language in front", "a.pdf", lambda: b"\x1b%-12345X@PJL JOB\r\n" + pdf(), ""),
    ("mark of Unicode in front", "a.pdf", lambda: b"\xef\xbb\xbf" + pdf(), ""),
    ("a web page in front", "a.pdf", lambda: b"<html><script></script></html>" + pdf(), "refused: type"),
    ("a program in front", "a.pdf", lambda: b"MZ" + bytes(200) + pdf(), "refused: type"),
    ("half a PDF", "a.pdf", lambda: pdf(pages=40)[:2500], "refused: pdf_end"),
    ("a zip behind", "a.pdf", lambda: pdf() + files.packed({"a": b"x" * 3000}), "refused: two_files"),
    ("words behind", "a.pdf", lambda: pdf() + b"words " * 400, "refused: pdf_end"),
    ("three hundred pages", "a.pdf", lambda: pdf(pages=300), ""),
    ("version 1.3", "a.pdf", lambda: pdf(force_version="1.3"), ""),
    ("version 2.0", "a.pdf", lambda: pdf(force_version="2.0"), ""),
    ("for the web", "a.pdf", lambda: pdf(linearize=True), ""),
    ("objects in streams", "a.pdf", lambda: pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), ""),
    ("readable for people", "a.pdf", lambda: pdf(qdf=True), ""),
    ("PDF with a link", "a.pdf", lambda: pdf_with(link), ""),
    ("opens at a page", "a.pdf", lambda: files.pdf(root={"/OpenAction": pikepdf.Array([])}), ""),
    (
        "runs a script",
        "a.pdf",
        lambda: files.pdf(root={"/OpenAction": files.action("/JavaScript", JS="1")}),
        "active_content",
    ),
    (
        "form of Acrobat",
        "a.pdf",
        lambda: files.pdf(root={"/AcroForm": pikepdf.Dictionary({"/XFA": pikepdf.Array()})}),
        "active_content",
    ),
    (
        "plain form",
        "a.pdf",
        lambda: files.pdf(root={"/AcroForm": pikepdf.Dictionary({"/Fields": pikepdf.Array()})}),
        "",
    ),
    ("password of version 2", "a.pdf", lambda: locked(2), "encrypted"),
    ("password of version 4", "a.pdf", lambda: locked(4), "encrypted"),
    ("password of version 6", "a.pdf", lambda: locked(6), "encrypted"),
    ("password for readers, none for the owner", "a.pdf", lambda: locked(6, owner=""), "encrypted"),
    ("no printing, opens without a password", "a.pdf", lambda: locked(6, user=""), ""),
    ("no page", "a.pdf", lambda: pdf(pages=0), "refused: damaged"),
    ("ending of a scanner", "SCAN0001.PDF", pdf, ""),
    ("named as a Word document", "a.docx", pdf, ""),
    ("named as a program", "a.pdf.exe", pdf, "refused: type"),
    ("named as a web page", "a.html", pdf, "refused: type"),
    ("named in Hebrew", "סיכום אשפוז.pdf", pdf, ""),
    ("named with a day", "report 12.11.2026", pdf, ""),
]


# --- Images of scans ----------------------------------------------------------------------------------------------

EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
PACKED_JPEG, DEFLATED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1.99"
CT = b"1.2.840.10008.5.1.4.1.1.2"


def element(
    group: int, number: int, kind: str, value: bytes, *, order: str = "<", length: int | None = None
) -> bytes:
    size = len(value) if length is None else length
    head = struct.pack(f"{order}HH", group, number)
    if not kind:
        return head + struct.pack(f"{order}L", size) + value
    if kind in ("OB", "OW", "SQ", "UN", "UT"):
        return head + kind.encode() + bytes(2) + struct.pack(f"{order}L", size) + value
    return head + kind.encode() + struct.pack(f"{order}H", size) + value


def scan(
    transfer: str = EXPLICIT,
    *,
    body: bytes | None = None,
    preamble: bytes = bytes(128),
    sop: bytes | None = CT,
) -> bytes:
    if body is None:
        body = picture("" if transfer == IMPLICIT else "OW", order=">" if transfer == BIG else "<")
    meta = element(2, 1, "OB", b"\0\1")
    meta += element(2, 2, "UI", sop + b"\0" * (len(sop) % 2)) if sop else b""
    uid = transfer.encode()
    meta += element(2, 16, "UI", uid + b"\0" * (len(uid) % 2))
    return preamble + b"DICM" + element(2, 0, "UL", struct.pack("<L", len(meta))) + meta + body


def picture(kind: str = "OW", *, order: str = "<") -> bytes:
    name = "PN" if kind else ""
    return element(0x10, 0x10, name, b"DOE ", order=order) + element(
        0x7FE0, 0x10, kind, bytes(400), order=order
    )


def with_sequences() -> bytes:
    """One inside another, without lengths, as most scanners write them."""
    ends = struct.pack("<HHL", 0xFFFE, 0xE00D, 0), struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    begins, endless = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF), 0xFFFFFFFF
    inner = element(
        8, 0x1140, "SQ", begins + element(8, 0x1150, "UI", b"1.2 ") + ends[0] + ends[1], length=endless
    )
    return element(8, 0x1115, "SQ", begins + inner + ends[0] + ends[1], length=endless) + picture()


def in_pieces() -> bytes:
    """Pictures packed as photographs, one piece for each."""
    pieces = b"".join(
        struct.pack("<HHL", 0xFFFE, 0xE000, len(piece)) + piece for piece in (b"", photo(), photo())
    )
    end = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    return element(0x7FE0, 0x10, "OB", pieces + end, length=0xFFFFFFFF)


def raw(kind: str = "") -> bytes:
    kinds = ("CS", "UI") if kind else ("", "")
    return (
        element(8, 8, kinds[0], b"ORIGINAL")
        + element(8, 0x16, kinds[1], CT + b"\0")
        + element(8, 0x18, kinds[1], b"1.2 ")
    )


def byte_in_front() -> bytes:
    free = bytearray(128)
    free[16] = 1
    return bytes(free)


INDEX = b"1.2.840.10008.1.3.10"
SCANS: list[Case] = [
    ("01 a byte in the free space", "17136", lambda: scan(preamble=byte_in_front()), ""),
    ("16 list of a disc", "DICOMDIR", lambda: scan(sop=INDEX), "refused: dicom_index"),
    ("19 image without its beginning", "a.dcm", lambda: raw("explicit"), "raw_image"),
    ("26 image cut short", "a.dcm", lambda: scan()[:-100], "cut_short"),
    ("image of a CT", "IM0001", scan, ""),
    ("older way of writing", "IM0001.ima", lambda: scan(IMPLICIT), ""),
    ("older way, cut short", "IM0001.ima", lambda: scan(IMPLICIT)[:-9], "cut_short"),
    ("the other order of bytes", "a.dicom", lambda: scan(BIG), ""),
    ("the other order, cut short", "a.dicom", lambda: scan(BIG)[:-9], "cut_short"),
    ("deflated", "a.dcm", lambda: scan(DEFLATED, body=zlib.compress(picture())[2:-4]), ""),
    ("lists inside lists", "a.dcm", lambda: scan(body=with_sequences()), ""),
    ("lists inside lists, cut short", "a.dcm", lambda: scan(body=with_sequences()[:-3]), "cut_short"),
    ("pictures in pieces", "a.dcm", lambda: scan(PACKED_JPEG, body=in_pieces()), ""),
    (
        "pictures in pieces, cut short",
        "a.dcm",
        lambda: scan(PACKED_JPEG, body=in_pieces()[:-5000]),
        "cut_short",
    ),
    ("zeros at the end", "a.dcm", lambda: scan() + bytes(7), ""),
    ("older image without its beginning", "a.dcm", raw, "raw_image"),
    ("class not named in the beginning", "a.dcm", lambda: scan(sop=None), ""),
    ("microscope's TIFF in front", "a.dcm", lambda: scan(preamble=b"II*\0" + bytes(124)), ""),
    ("program in front", "a.dcm", lambda: scan(preamble=b"MZ" + bytes(126)), "refused: dicom_preamble"),
    (
        "PDF in front",
        "a.dcm",
        lambda: scan(preamble=bytes(20) + b"%PDF-1.4" + bytes(100)),
        "refused: dicom_preamble",
    ),
    (
        "report packed as an image",
        "a.dcm",
        lambda: scan(sop=b"1.2.840.10008.5.1.4.1.1.104.1"),
        "document_inside",
    ),
    ("nothing behind the beginning", "a.dcm", lambda: scan(body=b""), "refused: damaged"),
    ("name of an image, and none", "a.dcm", lambda: bytes(range(256)) * 4, "refused: no_dicom"),
    ("ending nobody knows", "scan.img", scan, ""),
    ("ending with a number", "IMG001.v2", scan, ""),
]


# --- Folders, packed ----------------------------------------------------------------------------------------------


def zip64(*, mild: bool) -> bytes:
    """The second end that some programs always write. Mild: the first one says the truth as well."""
    plain = files.packed({f"DICOM/IM{number}": scan() for number in range(30)})
    end = plain.rfind(b"PK\x05\x06")
    length, offset = struct.unpack_from("<LL", plain, end + 12)
    second = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 30, 30, length, offset)
    place = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    first = bytearray(plain[end:])
    if not mild:
        struct.pack_into("<2H2L", first, 8, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    return plain[:end] + second + place + bytes(first)


def folder(*names: str, **more: bytes) -> bytes:
    return files.packed({**dict.fromkeys(names, scan()), **more})


def folder_in(encoding: str, name: str) -> bytes:
    """A name in the alphabet of an older system, which does not say so."""
    raw_name = name.encode(encoding)
    stand_in = "x" * len(raw_name)
    return folder(f"{stand_in}/IM1").replace(stand_in.encode(), raw_name)


def aes() -> bytes:
    """As 7-Zip and WinZip lock: a mark and a method of its own. Nobody needs to be able to open it."""
    data = bytearray(folder("IM1"))
    for place in (0, data.rfind(b"PK\x01\x02") + 2):
        data[place + 6] |= 1
        struct.pack_into("<H", data, place + 8, 99)
    return bytes(data)


def streamed(entries: dict[str, bytes | str]) -> bytes:
    """Written in one go, without sizes in front: as web programs do."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, piece: bytes) -> int:
            self.data += piece
            return len(piece)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return bytes(stream.data)


def commented() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.comment = "שלום".encode()
        archive.mkdir("DICOM")
        archive.writestr("DICOM/IM1", scan())
    return data.getvalue()


def disc(**more: bytes) -> bytes:
    viewer = {"autorun.inf": b"[autorun]", "Viewer.exe": files.PROGRAM, "DICOMDIR": scan(sop=INDEX)}
    return files.packed(
        {**viewer, **{name.replace("_", "."): content for name, content in more.items()}, "DICOM/IM1": scan()}
    )


DISC = "packed_inside other_files_inside"
FOLDERS: list[Case] = [
    ("09 second end", "a.zip", lambda: zip64(mild=False), ""),
    ("10 second end, mild", "a.zip", lambda: zip64(mild=True), ""),
    ("11 mark of direction in a name", "a.zip", lambda: folder("משה\u200f כהן/IM1"), ""),
    (
        "12 the Mac's picture of a folder",
        "a.zip",
        lambda: folder("IM1", **{"Icon\r": b"x"}),
        "other_files_inside",
    ),
    ("13 name in cp1251", "a.zip", lambda: folder_in("cp1251", "Илья"), ""),
    ("14 name in cp866", "a.zip", lambda: folder_in("cp866", "Снимки"), ""),
    (
        "15 program that looks like an image",
        "a.zip",
        lambda: folder("IM1", **{"IM2.exe": scan(preamble=b"MZ" + bytes(126))}),
        "other_files_inside",
    ),
    ("17 disc with a report", "a.zip", lambda: disc(report_docx=files.docx()), DISC),
    (
        "18 disc with a viewer in Java",
        "a.zip",
        lambda: disc(viewer_jar=files.packed({"A.class": b"x"})),
        DISC,
    ),
    ("23 zeros behind", "a.zip", lambda: folder("IM1") + bytes(100), ""),
    ("27 password of today", "a.zip", aes, "encrypted"),
    ("password of old", "a.zip", files.encrypted_zip, "encrypted"),
    ("disc with a viewer", "a.zip", disc, "other_files_inside"),
    ("disc with a cabinet file", "a.zip", lambda: disc(viewer_cab=b"MSCF" + bytes(90)), DISC),
    (
        "list of a disc, packed",
        "a.zip",
        lambda: files.packed({"DICOMDIR": scan(sop=INDEX)}),
        "refused: dicom_index",
    ),
    (
        "list of a disc and its viewer",
        "a.zip",
        lambda: files.packed({"DICOMDIR": scan(sop=INDEX), "v.exe": files.PROGRAM}),
        "refused: zip_without_images",
    ),
    ("images without their beginning", "a.zip", lambda: files.packed({"IM1": raw()}), ""),
    ("not packed at all", "a.zip", lambda: files.packed({"IM1": scan()}, method=zipfile.ZIP_STORED), ""),
    (
        "packed by bzip2",
        "a.zip",
        lambda: files.packed({"IM1": scan()}, method=zipfile.ZIP_BZIP2),
        "refused: zip_method",
    ),
    ("streamed", "a.zip", lambda: streamed({"IM1": scan()}), ""),
    ("with a comment and a folder", "a.zip", commented, ""),
    (
        "made on a Mac",
        "a.zip",
        lambda: folder("IM1", **{"__MACOSX/._IM1": b"x", ".DS_Store": b"x"}),
        "other_files_inside",
    ),
    ("made by old Windows", "a.zip", lambda: folder("DICOM\\IM1"), ""),
    ("joiner of Persian", "a.zip", lambda: folder("نامه\u200cای/IM1"), ""),
    ("emoji of several parts", "a.zip", lambda: folder("👩\u200d⚕️/IM1"), ""),
    ("spaces of other scripts", "a.zip", lambda: folder("a\u00a0b\u3000c/IM1"), ""),
    ("name in Hebrew DOS", "a.zip", lambda: folder_in("cp862", "תמונות"), ""),
    ("name in UTF-8 that does not say so", "a.zip", lambda: folder_in("utf-8", "Снимки"), ""),
    ("name that turns the line", "a.zip", lambda: folder("a\u202emcd.exe"), "refused: zip_names"),
    ("way out of the folder", "a.zip", lambda: folder("../IM1"), "refused: zip_names"),
    ("words in front", "a.zip", lambda: b"PK\x03\x04" + bytes(60) + folder("IM1"), "refused: two_files"),
    ("folder with words behind", "a.zip", lambda: folder("IM1") + b"words", "refused: damaged"),
    ("folder cut short", "a.zip", lambda: folder("IM1")[:-30], "refused: damaged"),
    ("documents, packed", "a.zip", lambda: files.packed({"a.pdf": pdf()}), "refused: zip_without_images"),
    ("zip in a zip", "a.zip", lambda: files.packed({"a.zip": folder("IM1")}), "refused: zip_nested"),
    ("empty", "a.zip", lambda: files.packed({}), "refused: archive_other"),
    ("RAR", "a.rar", lambda: b"Rar!\x1a\x07\x01\0" + bytes(60), "refused: archive_other"),
    (
        "7z with the name of a zip",
        "a.zip",
        lambda: b"7z\xbc\xaf\x27\x1c" + bytes(60),
        "refused: archive_other",
    ),
    ("tar.gz", "a.tar.gz", lambda: b"\x1f\x8b\x08" + bytes(60), "refused: archive_other"),
]


# --- Letters of offices -------------------------------------------------------------------------------------------

LINE = "<w:p><w:r><w:t>Dear colleague</w:t></w:r></w:p>"
BODY = f'<w:document xmlns:w="{files.WORD_NS}"><w:body>{LINE}</w:body></w:document>'
SHEET = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}


def letter(**links: str) -> bytes:
    """With one relationship that leads outside."""
    return files.docx(relations="".join(files.relationship(kind, target) for kind, target in links.items()))


def produced(parts: dict[str, bytes | str]) -> bytes:
    return files.packed({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<Relationships/>", **parts})


def with_table(inner: dict[str, bytes | str]) -> bytes:
    relation = files.relationship("package", "../embeddings/Sheet.xlsx", outside=False)
    relations = f'<Relationships xmlns="{files.RELATIONS_NS}">{relation}</Relationships>'
    return files.docx(
        more={
            "word/embeddings/Sheet.xlsx": files.packed(inner),
            "word/charts/_rels/chart1.xml.rels": relations,
        }
    )


OWN = "file:///C:/Users/Doctor/AppData/Roaming/Microsoft/Templates/Letter.dotm"
LETTERS: list[Case] = [
    ("02 Word of the web", "a.docx", lambda: produced({"word/document2.xml": BODY}), ""),
    ("03 with an Excel table", "a.docx", lambda: with_table(SHEET), "file_inside"),
    ("04 from one's own template", "a.docx", lambda: letter(attachedTemplate=OWN), "own_template"),
    ("05 link to a file", "a.docx", lambda: letter(hyperlink="file:///C:/Users/x/report.pdf"), "file_links"),
    ("22 Excel named .docx", "a.docx", lambda: files.packed(SHEET), "refused: office_other"),
    (
        "Word of the desktop",
        "a.docx",
        lambda: produced(
            {"word/document.xml": BODY, "word/theme/theme1.xml": "<a/>", "docProps/app.xml": "<Properties/>"}
        ),
        "",
    ),
    (
        "Google Docs",
        "a.docx",
        lambda: streamed(
            {"word/document.xml": BODY, "[Content_Types].xml": "<Types/>", "word/fonts/a.odttf": b"\1\2"}
        ),
        "",
    ),
    (
        "LibreOffice",
        "a.docx",
        lambda: produced(
            {"word/document.xml": BODY, "word/fontTable.xml": "<w/>", "docProps/core.xml": "<c/>"}
        ),
        "",
    ),
    (
        "Pages of Apple",
        "a.docx",
        lambda: produced({"word/document.xml": BODY, "word/media/image1.jpeg": photo()}),
        "",
    ),
    (
        "WPS Office",
        "a.docx",
        lambda: produced({"word/document.xml": BODY, "customXml/item1.xml": "<s:customData xmlns:s='x'/>"}),
        "",
    ),
    (
        "in UTF-16",
        "a.docx",
        lambda: produced(
            {"word/document.xml": f'<?xml version="1.0" encoding="utf-16"?>{BODY}'.encode("utf-16")}
        ),
        "",
    ),
    ("with the name in capitals", "A.DOCX", files.docx, ""),
    ("letter without an ending", "Arztbrief", files.docx, ""),
    (
        "with folders of their own",
        "a.docx",
        lambda: produced({"word/": b"", "word/document.xml": BODY, "word/embeddings/": b""}),
        "",
    ),
    (
        "with notes and headers",
        "a.docx",
        lambda: files.docx(
            more={f"word/{part}.xml": "<w/>" for part in ("comments", "footnotes", "header1", "footer1")}
        ),
        "",
    ),
    (
        "with a drawing of Windows",
        "a.docx",
        lambda: files.docx(more={"word/media/image1.emf": b"\1\0\0\0" + bytes(90)}),
        "",
    ),
    ("link to a page", "a.docx", lambda: letter(hyperlink="https://example.org/"), ""),
    ("link without https", "a.docx", lambda: letter(hyperlink="www.example.org"), ""),
    ("link to a page of the same folder", "a.docx", lambda: letter(hyperlink="report.pdf"), ""),
    ("link to a phone", "a.docx", lambda: letter(hyperlink="sms:+15550100000"), ""),
    ("link to nothing", "a.docx", lambda: letter(hyperlink=""), ""),
    (
        "link to an office's server",
        "a.docx",
        lambda: letter(hyperlink="\\\\server\\scans\\1.pdf"),
        "file_links",
    ),
    ("link to a program", "a.docx", lambda: letter(hyperlink="ms-msdt:/id"), "refused: word_external"),
    (
        "template of a Mac",
        "a.docx",
        lambda: letter(attachedTemplate="file:///Users/x/Letter.dotx"),
        "own_template",
    ),
    ("template by its name", "a.docx", lambda: letter(attachedTemplate="Normal.dotm"), "own_template"),
    (
        "template of a server",
        "a.docx",
        lambda: letter(attachedTemplate="file://server/share/x.dotm"),
        "refused: word_external",
    ),
    (
        "template of a server, hidden",
        "a.docx",
        lambda: letter(attachedTemplate="file:///%5C%5Cserver/x.dotm"),
        "refused: word_external",
    ),
    (
        "template of the web",
        "a.docx",
        lambda: letter(attachedTemplate="https://example.org/x.dotm"),
        "refused: word_external",
    ),
    (
        "picture of the web",
        "a.docx",
        lambda: letter(image="https://example.org/x.png"),
        "refused: word_external",
    ),
    (
        "table with macros",
        "a.docx",
        lambda: with_table(SHEET | {"xl/vbaProject.bin": files.OLE}),
        "refused: word_macro",
    ),
    (
        "table that is none",
        "a.docx",
        lambda: files.docx(more={"word/embeddings/a.xlsx": files.PROGRAM}),
        "refused: word_embedded",
    ),
    (
        "something packed by Windows",
        "a.docx",
        lambda: files.docx(more={"word/embeddings/oleObject1.bin": files.OLE}),
        "refused: word_embedded",
    ),
    (
        "with macros",
        "a.docx",
        lambda: files.docx(more={"word/vbaProject.bin": files.OLE}),
        "refused: word_macro",
    ),
    ("Word with a password", "a.docx", lambda: files.OLE, "refused: office_old"),
    ("old Word", "a.doc", lambda: files.OLE, "refused: office_old"),
    ("Excel", "a.xlsx", lambda: files.packed(SHEET), "refused: office_other"),
    ("PowerPoint", "a.pptx", lambda: files.packed({"ppt/presentation.xml": "<p/>"}), "refused: office_other"),
    (
        "LibreOffice of its own kind",
        "a.odt",
        lambda: files.packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<o/>"}),
        "refused: office_other",
    ),
    (
        "Pages of its own kind",
        "a.pages",
        lambda: files.packed({"Index/Document.iwa": b"x"}),
        "refused: office_other",
    ),
    ("half a letter", "a.docx", lambda: files.docx()[:-40], "refused: damaged"),
    ("RTF", "a.rtf", lambda: b"{\\rtf1\\ansi Dear colleague}", "refused: text_other"),
    ("notes in Hebrew", "a.txt", lambda: "שלום, מצורף סיכום הטיפול של אבא".encode(), "refused: text_other"),
    (
        "notes with a last line",
        "a.txt",
        lambda: "שלום דוקטור מה שלומך היום\n".encode(),
        "refused: text_other",
    ),
    (
        "e-mail",
        "a.eml",
        lambda: b"From: a@example.org\r\nSubject: scans\r\n\r\nHello there\r\n",
        "refused: text_other",
    ),
    ("web page", "a.html", lambda: b"<html><body>Hello there</body></html>", "refused: type"),
    ("shortcut", "a.lnk", lambda: b"L\0\0\0\x01\x14\x02\0" + bytes(60), "refused: type"),
    ("program", "a", lambda: files.PROGRAM, "refused: type"),
]

CASES = [*PHOTOS, *PDFS, *SCANS, *FOLDERS, *LETTERS]


def reported() -> Iterator[Case]:
    """Those that came from public reports; their names begin with the number they had there."""
    return (case for case in CASES if case[0][:2].isdecimal())
