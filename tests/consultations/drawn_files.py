"""Files that a closed process can draw: photographs of phones, images of scanners."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pydicom
from PIL import Image

# Of many makers, packed in every way: they come with the package.
OF_SCANNERS = Path(pydicom.__file__).parent / "data" / "test_files"


def phone_photograph(size: tuple[int, int] = (40, 20)) -> bytes:
    """As an iPhone writes it."""
    data = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, "red")).save(data)
    return data.getvalue()


def scan(values: list[list[int]], *, frames: int = 1, says: str = "MONOCHROME2", **more: object) -> bytes:
    """An image of a scanner, with what its header says beside."""
    pixels = np.tile(np.array(values, dtype=np.uint16), (frames, 1, 1))
    image = pydicom.Dataset()
    image.SOPClassUID, image.SOPInstanceUID = pydicom.uid.CTImageStorage, "1.2.3.4.5"
    image.Rows, image.Columns = pixels.shape[1:]
    image.SamplesPerPixel, image.PhotometricInterpretation, image.NumberOfFrames = 1, says, frames
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit, image.PixelRepresentation = 15, 0
    image.PixelData = pixels.tobytes()
    for name, value in more.items():
        setattr(image, name, value)
    image.file_meta = pydicom.dataset.FileMetaDataset()
    image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data = io.BytesIO()
    image.save_as(data, enforce_file_format=True)
    return data.getvalue()
