"""Which files an import need not read again: what they say was found good, and the database says the same.

A file is settled for as long as nothing changes of
* its bytes,
* what the database holds for it (`standing`),
* what it was checked with: the code of this package, the promised slugs, the slugs that were given up.
Everything is read and checked anew if a known file is gone, for another may have leaned on it, if an entry is
called otherwise, for names count in the reading level of every text, if a sign or a treatment group changed, or if the
number of current uses or the age of a source changed, for coverage is held against them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from content.models import FormerSlug, ImportedFile
from content.stock.format import LibraryFile
from content.stock.library import Library, lent_by, names_of
from content.stock.standing import Standing

CODE = Path(__file__).parents[1]
DATA = CODE / "library"


@dataclass(frozen=True)
class Settled:
    """The settled files by path: the digest of their bytes, and what they lend to others."""

    checked_with: bytes = b""
    digests: Mapping[str, str] = field(default_factory=dict)
    lent: Mapping[str, dict[str, object]] = field(default_factory=dict)

    def outline(self, path: PurePosixPath, data: bytes) -> LibraryFile | None:
        """What others need to know of a file that need not be read."""
        key = str(path)
        if self.digests.get(key) != self.digest(data):
            return None
        return LibraryFile(path, raw="", head=self.lent[key])

    def digest(self, data: bytes) -> str:
        return hashlib.sha256(self.checked_with + data).hexdigest()

    def holds_for(self, library: Library) -> bool:
        """Whether nothing that a settled file may lean on went or changed."""
        is_there = {str(file.path) for file in library.files}
        return is_there.issuperset(self.lent) and all(
            _leaned_on(lent_by(file)) == _leaned_on(self.lent.get(str(file.path), {}))
            for file in library.to_check
        )


def _leaned_on(lent: Mapping[str, object]) -> tuple[object, ...]:
    """What other files may be wrong without: names, signs, and what says how far a medicine is covered."""
    return names_of(lent), *(lent.get(name) for name in ("groups", "sign", "text_of_on", "uses_in_force"))


def settled_files(folder: Path, standing: Standing) -> Settled:
    """As the last import left them, but for those whose rows changed since."""
    rows = ImportedFile.objects.exclude(checked="").values_list("path", "checked", "stands", "lends")
    good = [row for row in rows if row[2] == standing.get(row[0], "")]
    return Settled(
        checked_with(folder),
        {path: checked for path, checked, _stands, _lends in good},
        {path: lends or {} for path, _checked, _stands, lends in rows},
    )


def settle(files: Iterable[LibraryFile], settled: Settled, standing: Standing) -> None:
    """Keeps that these files are good and stand in the database as they are."""
    rows = [
        _row(file, settled, digest=digest_of(file.canonical), stands=standing.get(str(file.path), ""))
        for file in files
    ]
    _put(rows, "digest", *_SEEN)


def put_aside(files: Iterable[LibraryFile], settled: Settled) -> None:
    """Keeps that these are good, and are to be compared and reported each time: the database says otherwise."""
    _put([_row(file, settled, digest="", stands=NEVER) for file in files], *_SEEN)


_SEEN = ("checked", "stands", "lends")
NEVER = "-"  # nothing in the database stands for this
CONVERTED = "converted"  # the digest of a file that a migration gave to rows which only the import had made


def _row(file: LibraryFile, settled: Settled, *, digest: str, stands: str) -> ImportedFile:
    return ImportedFile(
        path=str(file.path),
        digest=digest,
        checked=settled.digest(file.raw.encode()),
        stands=stands,
        lends=lent_by(file),
    )


def _put(rows: list[ImportedFile], *columns: str) -> None:
    ImportedFile.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["path"], update_fields=list(columns)
    )


def unsettle(paths: Iterable[str]) -> None:
    """The next import reads these again, if they are there; nobody leans on them."""
    ImportedFile.objects.filter(path__in=list(paths)).update(checked="")


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def checked_with(folder: Path) -> bytes:
    """A digest of all that decides whether a file is good, beside other files."""
    former = FormerSlug.objects.order_by("folder", "slug").values_list("folder", "slug", "new_slug")
    slugs = (folder / "slugs.toml").read_bytes()
    return hashlib.sha256(code_in() + slugs + repr(list(former)).encode()).digest()


@cache
def code_in(package: Path = CODE) -> bytes:
    """Any change of this package counts: nobody has to remember which rule leans on what."""
    digest = hashlib.sha256(version("markdown").encode())
    rooms = [room for room in package.iterdir() if room.is_dir() and room != DATA]
    inside = (path for room in rooms for path in room.rglob("*") if path.suffix in (".py", ".toml"))
    for path in sorted([*package.glob("*.py"), *inside]):
        digest.update(path.read_bytes())
    return digest.digest()
