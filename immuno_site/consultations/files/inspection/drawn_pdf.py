"""Pages of a PDF, as they would be printed."""

from __future__ import annotations

from typing import BinaryIO

import pypdfium2
from PIL import Image

from immuno_site.consultations.files.inspection.drawing import HEIGHT, WIDTH, Pages
from immuno_site.consultations.files.inspection.findings import Refused
from immuno_site.consultations.files.inspection.limits import PAGES_AT_ONCE

LARGEST_SCALE = 4  # of a page as small as a card


def paint(file: BinaryIO, first: int) -> Pages:
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
