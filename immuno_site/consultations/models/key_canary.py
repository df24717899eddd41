"""What today's keys were held against on the first start."""

from __future__ import annotations

from django.db import models

from immuno_site.consultations.crypto import EncryptedTextField, SealedRow
from immuno_site.keyring import Undecryptable, blind_index

WORDS = "canary"


class KeyCanary(SealedRow):
    """One row with known words, encrypted. If it cannot be read, nothing else could be."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    words = EncryptedTextField(default=WORDS)
    index = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="key_canary_single")]

    def __str__(self) -> str:
        return WORDS

    @classmethod
    def leave(cls) -> None:
        """Writes the row, unless an earlier start did."""
        cls.objects.get_or_create(pk=1, defaults={"index": blind_index(WORDS)})

    def is_readable(self) -> bool:
        try:
            return self.words == WORDS
        except Undecryptable:
            return False

    def index_fits(self) -> bool:
        return self.index == blind_index(WORDS)
