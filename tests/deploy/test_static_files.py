"""Static files of two releases that serve side by side: nothing is missing for a moment, nothing is made twice."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile

from immuno_site.static_files import StaticFiles

BODY = b"body { color: #123456 }\n" * 40


class Folder:
    """The folder that all releases share, and what one of them brings."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self._monkeypatch = place, monkeypatch

    def collect(self, release: str, files: dict[str, bytes]) -> StaticFiles:
        self._monkeypatch.setattr(StaticFiles, "manifest_name", f"staticfiles-{release}.json")
        source = self.place.parent / release
        source.mkdir(exist_ok=True)
        for name, content in files.items():
            (source / name).write_bytes(content)
        storage = StaticFiles(location=self.place, base_url="/static/")
        origin = StaticFilesStorage(location=source, base_url="/static/")
        for name in files:
            storage.delete(name)
            storage.save(name, ContentFile(files[name]))
        for _name, _hashed, processed in storage.post_process({name: (origin, name) for name in files}):
            assert not isinstance(processed, Exception)
        return storage

    def files(self) -> dict[str, int]:
        """Every file, and which bytes on the disk it is."""
        return {path.name: path.stat().st_ino for path in self.place.iterdir()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path / "static", monkeypatch)


def test_same_files_again_are_neither_written_nor_compressed(folder: Folder) -> None:
    folder.collect("one", {"site.css": BODY})
    before = folder.files()
    assert {Path(name).suffix for name in before} == {".css", ".gz", ".br", ".json"}
    folder.collect("two", {"site.css": BODY})
    assert before.items() <= folder.files().items()
    assert folder.files().keys() - before.keys() == {"staticfiles-two.json"}


def test_changed_file_stands_beside_the_one_that_still_serves(folder: Folder) -> None:
    old = folder.collect("one", {"site.css": BODY, "other.css": BODY + b"a"})
    before = folder.files()
    new = folder.collect("two", {"site.css": BODY + b"b", "other.css": BODY + b"a"})
    assert old.stored_name("site.css") != new.stored_name("site.css")
    for name in (old.stored_name("site.css"), new.stored_name("site.css")):
        assert {name, f"{name}.gz", f"{name}.br"} <= folder.files().keys()
    assert before["other.css"] == folder.files()["other.css"]


def test_file_without_a_hash_is_compressed_anew_when_it_changed(folder: Folder) -> None:
    folder.collect("one", {"site.css": BODY})
    for path in folder.place.iterdir():
        os.utime(path, (0, 0))
    folder.collect("two", {"site.css": BODY + b"b"})
    assert gzip.decompress((folder.place / "site.css.gz").read_bytes()) == BODY + b"b"


def test_each_release_finds_its_own_names(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    old = folder.collect("one", {"site.css": BODY})
    folder.collect("two", {"site.css": BODY + b"b"})
    monkeypatch.setattr(StaticFiles, "manifest_name", "staticfiles-one.json")
    started_anew = StaticFiles(location=folder.place, base_url="/static/")
    assert started_anew.stored_name("site.css") == old.stored_name("site.css")


def test_nginx_may_read_what_is_written(folder: Folder) -> None:
    folder.collect("one", {"site.css": BODY})
    assert {path.stat().st_mode & 0o777 for path in folder.place.glob("*.css")} == {0o644}
