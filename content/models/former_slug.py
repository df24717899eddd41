"""Addresses that entries once had: they lead to the new one for good."""

from django.db import models


class FormerSlug(models.Model):
    """`folder/slug` was the address of the entry that is now called `new_slug`."""

    folder = models.CharField(max_length=40)
    slug = models.SlugField(max_length=80)
    new_slug = models.SlugField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "slug"], name="former_slug_once")]

    def __str__(self) -> str:
        return f"{self.folder}/{self.slug}"
