"""Word documents (.docx): text and pictures, nothing that runs, loads or hides something."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from immuno_site.consultations.files.inspection.findings import Findings, Refused
from immuno_site.consultations.files.inspection.word_fields import Fields

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAIN = "word/document.xml"
TYPES = "[Content_Types].xml"
MAX_PART = 64 * 1024 * 1024
HEAD = 512

EMBEDDED = ("word/embeddings/", "word/activex/", "word/afchunk", "customui/")
# The last word of a relationship's type: these bring in a program, another document or a page.
EMBEDDING_RELATIONSHIPS = {"oleobject", "package", "control", "afchunk", "subdocument", "vbaproject", "frame"}
HARMLESS_LINKS = ("http://", "https://", "mailto:", "tel:", "#")
# A part that begins so is read as XML, whatever it is called: a relationship may make any part the document.
XML_BEGINS = re.compile(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
# A picture of the old drawing language names its file in one of these; the new one has relationships.
PICTURES = {"imagedata", "fill", "stroke", "image"}
ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:|\\\\|//)", re.IGNORECASE)


def is_word(archive: zipfile.ZipFile) -> bool:
    return {TYPES, MAIN} <= set(archive.namelist())


def inspect(archive: zipfile.ZipFile) -> Findings:
    for entry in archive.infolist():
        name = entry.filename.casefold()
        if name.endswith(("vbaproject.bin", "vbadata.xml")):
            raise Refused("word_macro")
        if name.startswith(EMBEDDED):
            raise Refused("word_embedded")
        if name.endswith((".xml", ".rels")) or _begins_like_xml(archive, entry):
            _check_part(archive, entry)
        else:
            _check_whole(archive, entry)
    return Findings("docx")


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


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > MAX_PART:
        raise Refused("zip_bomb")
    fields = Fields()
    for element in _elements(archive, entry):
        tag = element.tag.rpartition("}")[2]
        if tag == "Relationship":
            _check_relationship(element)
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


def _check_relationship(element: Element) -> None:
    kind = element.get("Type", "").rpartition("/")[2].casefold()
    target = element.get("Target", "").strip().casefold()
    if kind in EMBEDDING_RELATIONSHIPS:
        raise Refused("word_embedded")
    is_outside = element.get("TargetMode", "").casefold() == "external"
    if is_outside and not (kind == "hyperlink" and target.startswith(HARMLESS_LINKS)):
        raise Refused("word_external")


def _check_picture(element: Element) -> None:
    """By what it names itself; what it has by a relationship is looked at there."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] in {"src", "href"} and ELSEWHERE.match(value):
            raise Refused("word_external")
