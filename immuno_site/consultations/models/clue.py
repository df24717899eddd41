"""What a request is found by, beside its reference and whole contact: words of the name, last digits of the phone."""

from __future__ import annotations

from typing import Self

from django.db import models

from immuno_site.consultations.models.request import ConsultationRequest
from immuno_site.consultations.names import words_of
from immuno_site.consultations.phone import last_digits
from immuno_site.keyring import blind_index

WORD, DIGITS = "word of a name", "last digits"
MOST_WORDS = 12  # of a search


class ClueQuerySet(models.QuerySet["Clue"]):
    def renew(self, request: ConsultationRequest) -> None:
        """As the name and phone of the request are now."""
        self.filter(request=request).delete()
        self.bulk_create(self.model(request=request, index=index) for index in _indexes(request))

    def of_words(self, words: list[str]) -> models.Q:
        """Requests whose name has all these words."""
        found = models.Q()
        for word in words[:MOST_WORDS]:
            found &= models.Q(pk__in=self._of(blind_index(word, use=WORD)).values("request"))
        return found

    def of_digits(self, digits: str) -> models.Q:
        return models.Q(pk__in=self._of(blind_index(digits, use=DIGITS)).values("request"))

    def _of(self, index: str) -> Self:
        return self.filter(index=index)


class Clue(models.Model):
    """A blind index: equal for equal words, and useless without our key."""

    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="clues")
    index = models.CharField(max_length=64, db_index=True)

    objects = ClueQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "index"], name="clue_once")]

    def __str__(self) -> str:
        return f"Clue {self.pk}"


def _indexes(request: ConsultationRequest) -> set[str]:
    indexes = {blind_index(word, use=WORD) for word in words_of(request.name)}
    if digits := last_digits(request.phone):
        indexes.add(blind_index(digits, use=DIGITS))
    return indexes
