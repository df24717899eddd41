"""What the library's files said when they were last imported."""

from django.db import models


class ImportedFile(models.Model):
    """One file as the last import left it in the database; if the database differs now, somebody edited it."""

    path = models.CharField(max_length=200, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file in canonical form.")

    class Meta:
        ordering = ("path",)

    def __str__(self) -> str:
        return self.path
