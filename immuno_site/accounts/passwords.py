"""Passwords that somebody who knows this site would try first."""

from __future__ import annotations

import re

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from content.models import SiteProfile

# Whatever stands between them does not count, and neither do figures.
WORDS = {
    "immuno", "therapy", "immunotherapy", "cancer", "oncology", "clinic", "hospital", "patient", "patients",
    "consultation", "coordinator", "editor", "clinician", "manager", "administrator", "admin", "doctor", "medicine",
    "password", "passwort", "welcome", "secret", "login", "letmein", "qwerty",
}  # fmt: skip


class NoWordsOfThisSite:
    """Refuses what is nothing but such words: "Cancer-Clinic 2026!"."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        letters = rest = _letters(password)
        named = map(_letters, SiteProfile.current().organization.split())
        for word in sorted({*WORDS, *named} - {""}, key=len, reverse=True):
            rest = rest.replace(word, " ")
        if letters and not rest.strip():
            sentence = _("This password is made of words of this site, which others would try first.")
            raise ValidationError(sentence, code="words_of_this_site")

    def get_help_text(self) -> str:
        return str(_("It must not be made of words of this site alone."))


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text).casefold()
