"""What the library's files said when they were last imported."""

from django.db import models


class ImportedFile(models.Model):
    """One file as the last import left it in the database; if the database differs now, somebody edited it."""

    path = models.CharField(max_length=200, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file in canonical form.")
    # See content/stock/settled.py. Empty: the next import reads the file whatever it says.
    checked = models.CharField(
        max_length=64,
        default="",
        db_default="",
        help_text="SHA-256 of its bytes and of what they were checked with.",
    )
    stands = models.CharField(
        max_length=64, default="", db_default="", help_text="What the database held for it then."
    )
    lends = models.JSONField(null=True, help_text="What of it other files are checked with.")

    class Meta:
        ordering = ("path",)

    def __str__(self) -> str:
        return self.path
