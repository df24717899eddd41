"""Words as people look for them: any alphabet, without case, accents, vowel points and apostrophes."""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u02bc\u05f3\u05f4\""))
WORDS = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """O'Brien-Müller -> obrien, muller."""
    plain = unicodedata.normalize("NFKD", text.translate(APOSTROPHES)).casefold()
    return WORDS.findall("".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf")))
