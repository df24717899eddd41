"""How one coordinator works: the languages they speak, the lists they look at often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_VIEWS = 20


class TooManyViews(Exception):
    """A list of saved views that nobody could choose from any more."""


class CoordinatorQuerySet(models.QuerySet):
    def of(self, user: User) -> Coordinator:
        """What is known about a member of staff; a blank row, not stored, before they said anything."""
        return self.filter(user=user).first() or self.model(user=user)


class Coordinator(models.Model):
    """A member of staff at work in the inbox."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="coordinator")
    languages = models.JSONField(
        _("languages"), default=list, db_default=[], blank=True
    )  # codes of settings.LANGUAGES
    views = models.JSONField(
        _("saved views"), default=list, db_default=[], blank=True
    )  # {"name", "query"}, never a search

    objects = CoordinatorQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.user.get_username()

    def speak(self, languages: list[str]) -> None:
        self.languages = languages
        self._write()

    def keep_view(self, name: str, query: str) -> None:
        """A view under a name of one's own; the same name again replaces it."""
        others = [view for view in self.views if view["name"] != name]
        if len(others) >= MOST_VIEWS:
            raise TooManyViews
        self.views = [*others, {"name": name, "query": query}]
        self._write()

    def forget_view(self, name: str) -> None:
        self.views = [view for view in self.views if view["name"] != name]
        self._write()

    def _write(self) -> None:
        type(self).objects.update_or_create(
            user=self.user, defaults={"languages": self.languages, "views": self.views}
        )
