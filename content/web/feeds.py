"""Updates for feed readers: all of them, or those about one cancer or medicine."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext

from content import directory
from content.models import Update
from content.page import facts_shown, news
from content.page.decisions import decisions
from content.page.reading import Reading
from content.review import standing
from content.text import prose

MOST_ITEMS = 50


class UpdateFeed(Feed):
    """Its addresses are those of the setting, whatever host the feed was asked for at."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest) -> directory.Listed | None:
        """What the feed is about, if not everything."""
        name = request.GET.get("about", "")
        if not name:
            return None
        kind, _, slug = name.partition(":")
        if kind not in news.NARROWS_TO or (kind, slug) not in directory.planned():
            raise FeedDoesNotExist
        return directory.look_up([(kind, slug)], get_language() or "en")[kind, slug]

    def title(self, about: directory.Listed | None) -> str:
        return f"{gettext('Updates')}: {about.name}" if about else gettext("Updates")

    def subtitle(self) -> str:
        return gettext(
            "New approvals, withdrawn uses, safety news and changes to this site, with dates and sources."
        )

    def link(self, about: directory.Listed | None) -> str:
        return _full(reverse("content:update-list"), about)

    def feed_url(self, about: directory.Listed | None) -> str:
        return _full(reverse("content:update-feed"), about)

    def items(self, about: directory.Listed | None) -> list[news.Told]:
        language = get_language() or "en"
        notes = list(Update.objects.approved().filter(language=language))
        lately = facts_shown.decided_lately()
        reading = Reading([], language=language, facts=lately)
        told: Iterable[news.Told] = news.in_order([*notes, *decisions(lately, reading, notes)])
        return [one for one in told if about is None or about.link in one.about][:MOST_ITEMS]

    def item_title(self, item: news.Told) -> str:
        return item.title

    def item_description(self, item: news.Told) -> str:
        """Read as HTML."""
        text = prose.plain(item.text) if isinstance(item, Update) else f"{'. '.join(item.use)}. {item.said}"
        return escape(f"{text} {standing.NOT_CHECKED['fact']}" if item.is_unchecked else text)

    def item_link(self, item: news.Told) -> str:
        return f"{settings.SITE_URL}{item.address}"

    def item_pubdate(self, item: news.Told) -> datetime.datetime:
        """Feeds have no days, only moments: its first one."""
        return timezone.make_aware(datetime.datetime.combine(item.happened_on, datetime.time.min))

    item_updateddate = item_pubdate


def _full(path: str, about: directory.Listed | None) -> str:
    question = f"?{urlencode({'about': about.link})}" if about else ""
    return f"{settings.SITE_URL}{path}{question}"
