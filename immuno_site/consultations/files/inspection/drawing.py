"""Pictures of what a file shows, drawn anew: nothing of the file itself reaches the browser of whoever looks."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from PIL import Image, JpegImagePlugin  # noqa: F401 - loaded now, for once it begins nothing can be

from immuno_site.consultations.files.inspection.findings import Refused

WIDTH, HEIGHT = 1100, 2400  # pixels; the print of a page can be read
QUALITY = 85

Image.preinit()

Pages = tuple[int, Iterator[Image.Image]]  # how many there are, and some of them, drawn one by one
Painter = Callable[[BinaryIO, int], Pages]  # draws from that page (counted from 1) on


def pictures(file: BinaryIO, paint: Painter, *, first: int, seconds: int) -> dict[str, object]:
    """How many pages there are, and some of them from `first` on: as many as half the time allows."""
    drawn = []
    try:
        number, pages = paint(file, first)
        for image in pages:
            drawn.append(_jpeg(image))
            if time.process_time() > seconds / 2:
                break
    except PermissionError:  # of the kernel: says nothing about the file
        raise
    except (OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise Refused("damaged") from error
    return {"pages": number, "images": drawn}


def _jpeg(image: Image.Image) -> str:
    """On white paper, whatever is transparent."""
    if image.mode in {"RGBA", "LA"}:
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=QUALITY)
    return base64.b64encode(data.getvalue()).decode("ascii")
