"""Word documents (.docx): text and pictures, nothing that runs, loads or hides something."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from immuno_site.consultations.files.inspection.findings import Findings, Refused
from immuno_site.consultations.files.inspection.word_fields import Fields

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TYPES = "[Content_Types].xml"
MAX_PART = 64 * 1024 * 1024
HEAD = 512

PARTS = "word/"
EMBEDDED = ("word/embeddings/", "word/activex/", "word/afchunk", "customui/")
# The last word of a relationship's type: these bring in a program, another document or a page.
EMBEDDING_RELATIONSHIPS = {"oleobject", "control", "afchunk", "subdocument", "vbaproject", "frame"}
# A table that a diagram was made from, or another document: it opens when somebody clicks it.
ATTACHED = re.compile(r"(?:.*/)?embeddings/[^/]+\.(?:xlsx|docx|pptx)$")
# Links wait for a click. These lead to pages and people, those of a scheme nobody knows may start a program.
HARMLESS_LINKS = ("http:", "https:", "mailto:", "tel:", "sms:", "#", "www.")
LINKS_TO_FILES = re.compile(r"(?:file:|[a-z]:[\\/]|\\\\|//)")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")
# Of a template on the writer's own disk nothing is loaded elsewhere; one of a server would be asked for.
ON_ONES_DISK = re.compile(
    r"(?:file:/{0,3})?[a-z]:[\\/]|file:///(?:users|home|applications|library)/|[^:/\\]+$"
)
# A part that begins so is read as XML, whatever it is called: a relationship may make any part the document.
XML_BEGINS = re.compile(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
# A picture of the old drawing language names its file in one of these; the new one has relationships.
PICTURES = {"imagedata", "fill", "stroke", "image"}
ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:|\\\\|//)", re.IGNORECASE)


def is_word(archive: zipfile.ZipFile) -> bool:
    """Word of the web calls the main part word/document2.xml, other programs otherwise again."""
    names = archive.namelist()
    return TYPES in names and any(name.casefold().startswith(PARTS) for name in names)


def inspect(archive: zipfile.ZipFile) -> Findings:
    findings = Findings("docx")
    for entry in archive.infolist():
        name = entry.filename.casefold()
        if name.endswith(("vbaproject.bin", "vbadata.xml")):
            raise Refused("word_macro")
        if ATTACHED.match(name):
            _check_attached(archive, entry)
            findings.note("file_inside")
        elif name.startswith(EMBEDDED) and not entry.is_dir():
            raise Refused("word_embedded")
        if name.endswith((".xml", ".rels")) or _begins_like_xml(archive, entry):
            _check_part(archive, entry, findings)
        else:
            _check_whole(archive, entry)
    return findings


def _check_attached(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """It has to be a document of today's kind, and one without macros."""
    try:
        with archive.open(entry) as content, zipfile.ZipFile(content) as inner:
            names = [name.casefold() for name in inner.namelist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, struct.error) as error:
        raise Refused("word_embedded") from error
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise Refused("word_macro")


def _begins_like_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(entry) as content:
            return bool(XML_BEGINS.match(content.read(HEAD)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refused("damaged") from error


def _check_whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    try:
        with archive.open(entry) as content:
            while content.read(MAX_PART // 64):
                pass
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refused("damaged") from error


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, findings: Findings) -> None:
    if entry.file_size > MAX_PART:
        raise Refused("zip_bomb")
    fields = Fields()
    for element in _elements(archive, entry):
        tag = element.tag.rpartition("}")[2]
        if tag == "Relationship":
            _check_relationship(element, findings)
        elif tag in {"Override", "Default"} and "macroenabled" in element.get("ContentType", "").casefold():
            raise Refused("word_macro")
        elif tag in PICTURES:
            _check_picture(element)
        else:
            fields.see(tag, element)
        element.clear()
    fields.end()


def _elements(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Element]:
    """One after the other; a document type, and with it every entity trick, is refused by the parser."""
    try:
        with archive.open(entry) as content:
            for _, element in iterparse(content, forbid_dtd=True):
                yield element
    except DefusedXmlException as error:
        raise Refused("word_entities") from error
    except (ParseError, LookupError, ValueError) as error:
        raise Refused("damaged") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refused("damaged") from error


def _check_relationship(element: Element, findings: Findings) -> None:
    kind = element.get("Type", "").rpartition("/")[2].casefold()
    target = unquote(element.get("Target", "")).strip().casefold()
    if kind in EMBEDDING_RELATIONSHIPS or (kind == "package" and not ATTACHED.match(target)):
        raise Refused("word_embedded")
    if element.get("TargetMode", "").casefold() != "external":
        return
    if kind == "hyperlink":
        if LINKS_TO_FILES.match(target):
            findings.note("file_links")
        elif SCHEME.match(target) and not target.startswith(HARMLESS_LINKS):
            raise Refused("word_external")
    elif kind == "attachedtemplate" and ON_ONES_DISK.match(target):
        findings.note("own_template")
    else:
        raise Refused("word_external")


def _check_picture(element: Element) -> None:
    """By what it names itself; what it has by a relationship is looked at there."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] in {"src", "href"} and ELSEWHERE.match(value):
            raise Refused("word_external")
