"""Which version of a request somebody had on the screen: signed, so that it also proves they were let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import User
from django.core import signing

from immuno_site.accounts.sessions import ABSOLUTE
from immuno_site.consultations.models import ConsultationRequest

# A line of the list is not a look: its tokens choose what is done to many at once, and open nothing.
PAGE, LIST = "consultations.seen", "consultations.listed"


@dataclass(frozen=True)
class Seen:
    """What the page showed when it was opened. Only what the database holds in clear."""

    request: int
    version: int
    status: str
    owner: int | None

    @classmethod
    def of(cls, request: ConsultationRequest) -> Self:
        return cls(request.pk, request.version, request.status, request.owner_id)

    def token(self, user: User, *, place: str = PAGE) -> str:
        """For a hidden field of this user's forms."""
        return signing.dumps([user.pk, self.request, self.version, self.status, self.owner], salt=place)

    @classmethod
    def read(cls, token: str, user: User, *, place: str = PAGE) -> Self | None:
        """Nothing for a token that is damaged, made up, somebody else's, or older than any session."""
        try:
            signed_for, *values = signing.loads(token, salt=place, max_age=ABSOLUTE)
        except signing.BadSignature:
            return None
        return cls(*values) if signed_for == user.pk else None
