"""Static files of releases that serve side by side: what is there stays, what is the same is not made again.

All releases share a folder; names with a hash differ where files do. Only the list of names is each release's own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMPRESSED = (".gz", ".br")


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage for a folder that somebody reads while it is written to."""

    manifest_name = f"staticfiles-{settings.RELEASE}.json"

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Its own: a new copy takes the old one's place."""
        return name

    def delete(self, name: str) -> None:
        """Nothing: what comes in its place comes in one step, and at no moment is a file missing."""

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        new = b"".join(content.chunks())
        if path.is_file() and path.read_bytes() == new:
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(new)
        os.chmod(part.name, 0o644)
        os.replace(part.name, path)
        return name

    def compress_files(self, names: Collection[str]) -> Iterator[tuple[str, str]]:
        """Only what is newer than its compressed copies; compressing all takes a minute."""
        yield from super().compress_files([name for name in names if self._is_new(name)])

    def _is_new(self, name: str) -> bool:
        path = Path(self.path(name))
        copies = [copy for end in COMPRESSED if (copy := Path(f"{path}{end}")).exists()]
        # A copy gets the time of what it is of, to the microsecond or so.
        return not copies or min(copy.stat().st_mtime for copy in copies) < path.stat().st_mtime - 0.001
