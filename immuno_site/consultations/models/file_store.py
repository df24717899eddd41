"""Which store of files belongs to this database."""

from __future__ import annotations

from django.db import models


class FileStore(models.Model):
    """One row with the mark that also lies in the store: neither is swept with another's."""

    mark = models.CharField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="file_store_single")]

    def __str__(self) -> str:
        return self.mark

    @classmethod
    def mark_of_database(cls) -> str:
        """Empty before the first sweep."""
        return cls.objects.filter(pk=1).values_list("mark", flat=True).first() or ""

    @classmethod
    def leave(cls, mark: str) -> str:
        """Writes it, unless the database has one; which one it has."""
        row, _is_new = cls.objects.get_or_create(pk=1, defaults={"mark": mark})
        return row.mark
