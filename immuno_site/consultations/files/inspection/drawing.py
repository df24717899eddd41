"""Pictures of what a file shows: pages of a PDF and photographs, drawn anew, so that nothing of the file itself reaches
the browser of whoever looks."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from typing import BinaryIO

import pypdfium2

# All that a picture may ask for: once it begins nothing can be loaded.
from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

from immuno_site.consultations.files.inspection.findings import Refused
from immuno_site.consultations.files.inspection.limits import MAX_PIXELS, PAGES_AT_ONCE

WIDTH, HEIGHT = 1100, 2400  # pixels; the print of a page can be read
LARGEST_SCALE = 4  # of a page as small as a card
QUALITY = 85

Image.preinit()


def pictures(file: BinaryIO, kind: str, *, first: int, seconds: int) -> dict[str, object]:
    """How many pages there are, and some of them from `first` (counted from 1) on: as many as half the time allows."""
    drawn = []
    number, pages = _pages(file, first) if kind == "pdf" else (1, _photograph(file))
    try:
        for image in pages:
            drawn.append(_jpeg(image))
            if time.process_time() > seconds / 2:
                break
    except PermissionError:  # of the kernel: says nothing about the file
        raise
    except (OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise Refused("damaged") from error
    return {"pages": number, "images": drawn}


def _pages(file: BinaryIO, first: int) -> tuple[int, Iterator[Image.Image]]:
    try:
        document = pypdfium2.PdfDocument(file)
        document.init_forms()  # what was filled in is drawn too
        number = len(document)
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise Refused("damaged") from error
    last = min(number, first + PAGES_AT_ONCE - 1)
    return number, (_page(document[place - 1]) for place in range(first, last + 1))


def _page(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1), LARGEST_SCALE)
    return page.render(scale=scale).to_pil()


def _photograph(file: BinaryIO) -> Iterator[Image.Image]:
    Image.MAX_IMAGE_PIXELS = None  # counted below, as an answer instead of an exception
    file.seek(0)
    with Image.open(file, formats=["JPEG", "PNG"]) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise Refused("too_many_pixels")
        opened.draft("RGB", (2 * WIDTH, 2 * WIDTH))  # a JPEG is unpacked no larger than needed
        image = _in_plain_colors(opened)
        image.thumbnail((WIDTH, HEIGHT), reducing_gap=2)
        yield ImageOps.exif_transpose(image)


def _in_plain_colors(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits of gray, as scanners write them
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGBA") if image.mode == "P" else image


def _jpeg(image: Image.Image) -> str:
    """On white paper, whatever is transparent."""
    if image.mode in {"RGBA", "LA"}:
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=QUALITY)
    return base64.b64encode(data.getvalue()).decode("ascii")
