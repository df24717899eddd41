"""What readers search for, without anybody in it: folded words, how often in a week, and whether something was found.

Counted in the process and written down once a minute (`write_down`), so that no reader waits for it. What holds an @
or five digits may be an address or a number of somebody: it is not counted. Not counted either is what never gets
here: names chosen from the suggestions, and the same question within a minute, which nginx and browsers answer.
"""

from __future__ import annotations

import datetime
from collections import Counter

from django.db.models import F
from django.utils.crypto import salted_hmac

from content.models import AskedTerm
from content.models.asked_term import READABLE_FROM
from content.search.words import fold

MOST = 2_000  # questions a minute; of a flood the rest is not counted
_MOST_DIGITS = 4

_counted: Counter[tuple[str, str, bool]] = Counter()


def count(query: str, language: str, *, found: bool) -> None:
    """Once for each time the answer was handed out."""
    words = " ".join(fold(query).replace("\0", " ").split())[:100]  # PostgreSQL keeps no NUL
    if words and len(_counted) < MOST and not _may_name_somebody(words):
        _counted[language, words, found] += 1


def _may_name_somebody(words: str) -> bool:
    return "@" in words or sum(map(str.isdigit, words)) > _MOST_DIGITS


def forget() -> None:
    """What no reader asked: pages that the server opens for itself."""
    _counted.clear()


def write_down(*, today: datetime.date) -> None:
    """What was counted since the last time. If the database is away, that much is lost."""
    global _counted
    counted, _counted = _counted, Counter()
    week = today - datetime.timedelta(days=today.weekday())
    for (language, words, found), times in counted.items():
        row, _is_new = AskedTerm.objects.get_or_create(
            week=week, digest=_digest(week, language, words), defaults={"language": language}
        )
        same = AskedTerm.objects.filter(pk=row.pk)
        same.update(times=F("times") + times, found=found)
        same.filter(times__gte=READABLE_FROM).update(words=words)
    AskedTerm.objects.past_use(week).delete()


def _digest(week: datetime.date, language: str, words: str) -> str:
    """Of each week another one: nobody can follow words that are asked for seldom."""
    return salted_hmac("asked term", f"{week}:{language}:{words}", algorithm="sha256").hexdigest()
