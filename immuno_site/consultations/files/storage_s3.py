"""The encrypted files in an S3-compatible store: for several machines, or for a disk that is not to be trusted."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from content.text.hints import HandedOn
from immuno_site.consultations.files.storage import PrivateStore
from immuno_site.consultations.files.storage_errors import FileLost, StorageUnavailable


class Body(io.RawIOBase):
    """A stored file while it comes over the network."""

    def __init__(self, stream: StreamingBody) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        with _one_kind_of_error():
            return self._stream.read(None if size < 0 else size)

    def close(self) -> None:
        self._stream.close()
        super().close()


class PrivateS3(S3Storage, PrivateStore):
    """A bucket. Answers as slowly as a person waits, and with one kind of error."""

    def __init__(self, **settings: HandedOn) -> None:
        # All tries together end before gunicorn takes the worker for dead: a patient is told, not cut off.
        patience = Config(
            connect_timeout=5,
            read_timeout=10,
            retries={"total_max_attempts": 2},
            signature_version="s3v4",
            s3={"addressing_style": "path"},
        )
        super().__init__(client_config=patience, default_acl=None, file_overwrite=True, **settings)

    def has_room(self) -> bool:
        return True

    def url(self, name: str | None, **options: HandedOn) -> NoReturn:
        raise NotImplementedError("Patients' files have no address.")

    def _save(self, name: str, content: File) -> str:
        with _one_kind_of_error():
            return super()._save(name, content)

    def _open(self, name: str, mode: str = "rb") -> Body:
        """The stream itself: django-storages would first copy the whole file into a temporary one."""
        with _one_kind_of_error():
            return Body(self.bucket.Object(name).get()["Body"])

    def get_modified_time(self, name: str) -> datetime.datetime:
        with _one_kind_of_error():
            return super().get_modified_time(name)

    def exists(self, name: str) -> bool:
        with _one_kind_of_error():
            return super().exists(name)

    def delete(self, name: str) -> None:
        with _one_kind_of_error():
            super().delete(name)

    def move(self, name: str, to: str) -> None:
        with _one_kind_of_error():
            self.bucket.Object(to).copy_from(CopySource={"Bucket": self.bucket.name, "Key": name})
        self.delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _one_kind_of_error():
            return super().listdir(path)


@contextmanager
def _one_kind_of_error() -> Iterator[None]:
    """Patients are told the same whatever the reason, and no view knows of S3."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
            raise FileLost("There is a row, but no file.") from error
        raise StorageUnavailable("The store of files said no.") from error
    except (Boto3Error, BotoCoreError) as error:
        raise StorageUnavailable("The store of files did not answer.") from error
