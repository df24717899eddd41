"""The inspecting process: limits first, then the libraries, then no way out, and only then the file."""

from __future__ import annotations

import dataclasses
import io
import json
import resource
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from immuno_site.consultations.files.inspection.drawing import Painter
    from immuno_site.consultations.files.inspection.findings import Findings

MEMORY = 512 * 1024 * 1024
THREADED = ("heic",)  # its decoder never works without a thread of its own


def limit(seconds: int, *, with_threads: bool = False) -> None:
    """A file that takes over this process finds it cannot write, start another or use much of anything. Where threads
    are counted as processes are, `confine` keeps them apart."""
    for what, most in (
        *([] if with_threads else [(resource.RLIMIT_NPROC, 0)]),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (most, most))


def main(kind: str, file: BinaryIO, *, is_confined: bool = False) -> dict[str, object]:
    """What is found in the file. `is_confined` in a process of its own, which then ends."""
    from immuno_site.consultations.files.inspection.confinement import confine
    from immuno_site.consultations.files.inspection.findings import Refused

    inspect = _inspector(kind)
    if is_confined:
        confine()
    try:
        return dataclasses.asdict(inspect(file))
    except Refused as refused:
        return {"refused": refused.code}


def _inspector(kind: str) -> Callable[[BinaryIO], Findings]:
    """Only the one module that is needed: each brings a library that takes time to load."""
    if kind == "pdf":
        from immuno_site.consultations.files.inspection.pdf import inspect
    elif kind in {"jpg", "png"}:
        from immuno_site.consultations.files.inspection.image import inspect
    elif kind == "heic":
        from immuno_site.consultations.files.inspection.heic import inspect
    elif kind == "dcm":
        from immuno_site.consultations.files.inspection.dicom import inspect
    else:
        from immuno_site.consultations.files.inspection.archive import inspect
    return inspect


def draw(
    kind: str, file: BinaryIO, *, first: int, seconds: int, is_confined: bool = False
) -> dict[str, object]:
    """Pictures of its pages, for staff who look."""
    from immuno_site.consultations.files.inspection.confinement import confine
    from immuno_site.consultations.files.inspection.drawing import pictures
    from immuno_site.consultations.files.inspection.findings import Refused

    paint = _painter(kind)
    if is_confined:
        confine(with_threads=kind in THREADED)
    try:
        return pictures(file, paint, first=first, seconds=seconds)
    except Refused as refused:
        return {"refused": refused.code}


def _painter(kind: str) -> Painter:
    """Likewise only the one that is needed."""
    if kind == "pdf":
        from immuno_site.consultations.files.inspection.drawn_pdf import paint
    elif kind == "heic":
        from immuno_site.consultations.files.inspection.drawn_heic import paint
    elif kind == "dcm":
        from immuno_site.consultations.files.inspection.drawn_dicom import paint
    else:
        from immuno_site.consultations.files.inspection.drawn_photograph import paint
    return paint


if __name__ == "__main__":
    kind, seconds, *first = sys.argv[1:]
    limit(int(seconds), with_threads=bool(first) and kind in THREADED)
    content, is_confined = io.FileIO(0, closefd=False), sys.platform == "linux"
    if first:
        answer = draw(kind, content, first=int(first[0]), seconds=int(seconds), is_confined=is_confined)
    else:
        answer = main(kind, content, is_confined=is_confined)
    print(json.dumps(answer))
