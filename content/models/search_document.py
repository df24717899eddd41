"""What search knows of each public text. Derived from it, never edited: `content/search/` rebuilds all of it."""

from django.conf import settings
from django.db import models


class SearchDocument(models.Model):
    """One public text in one language: an entry, a question, a word explained, an update, a page.

    The words of its text stand in an index that the database keeps: see `content/search/index.py`.
    """

    kind = models.CharField(max_length=20)
    slug = models.CharField(max_length=200)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    title = models.CharField(max_length=250)
    address = models.CharField(max_length=400)
    summary = models.TextField(blank=True, default="", db_default="")
    text = models.TextField(blank=True, default="", db_default="")
    # Of all that search was told of it: the same need not be put into the index again.
    digest = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug", "language"], name="search_document_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.slug} ({self.language})"


class SearchName(models.Model):
    """A name somebody may type: its title or a synonym, brand or abbreviation, without spaces and hyphens.

    Language and kind are those of the document: a question for names reads no other table. `stems` is what all forms
    of the name have in common.
    """

    document = models.ForeignKey(SearchDocument, on_delete=models.CASCADE, related_name="names")
    language = models.CharField(max_length=10, default="", db_default="")
    kind = models.CharField(max_length=20, default="", db_default="")
    name = models.CharField(max_length=250, db_index=True)
    stems = models.CharField(max_length=250, default="", db_default="")
    is_title = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["language", "name", "kind", "is_title", "document"], name="search_name_by_name"
            ),
            models.Index(
                fields=["language", "stems", "kind", "is_title", "document"], name="search_name_by_stems"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SearchWord(models.Model):
    """A word that names contain, to find what somebody meant by a mistyped one."""

    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    word = models.CharField(max_length=60)
    length = models.PositiveSmallIntegerField()
    # A bit for each letter: two words a few typing errors apart differ in few bits.
    letters = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "word"], name="search_word_once")]
        indexes = [models.Index(fields=["language", "length"], name="search_word_by_length")]

    def __str__(self) -> str:
        return self.word
