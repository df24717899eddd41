"""How one coordinator works: the languages they speak, the lists they look at often, and who stands in for them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content import prepared

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TAKE = "consultations.take_consultationrequest"
SEE_ALL = "consultations.see_all_consultationrequest"
BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_VIEWS = 20


def answering(*, include_superusers: bool = False) -> models.QuerySet[User]:
    """Active people whose role lets them work on requests. Administrators look after the site, not after patients."""
    people = get_user_model().objects
    return people.with_perm(TAKE, include_superusers=include_superusers, backend=BACKEND)


def at_work() -> list[int]:
    """Whose requests are looked after: they are there, or somebody who is there stands in.

    Asked apart, not inside other queries: the conditions that need it stand in one query many times.
    """
    today, rows = timezone.localdate(), prepared.ask("people at work", _people_and_cover)
    there = {pk for pk, until, _cover in rows if until is None or until < today}
    return [pk for pk, _until, cover in rows if pk in there or cover in there]


def _people_and_cover() -> models.QuerySet[User, tuple[int, datetime.date | None, int | None]]:
    people = answering(include_superusers=True)
    return people.values_list("pk", "coordinator__away_until", "coordinator__covered_by")


def leading() -> models.QuerySet[User]:
    """Active people whose role lets them see what all have: they hear of a promise that is about to break."""
    return get_user_model().objects.with_perm(SEE_ALL, include_superusers=False, backend=BACKEND)


class TooManyViews(Exception):
    """A list of saved views that nobody could choose from any more."""


class CoordinatorQuerySet(models.QuerySet["Coordinator"]):
    def of(self, user: User) -> Coordinator:
        """What is known about a member of staff; a blank row, not stored, before they said anything."""
        return self.filter(user=user).first() or self.model(user=user)

    def away(self) -> Self:
        return self.filter(away_until__gte=timezone.localdate())


class Coordinator(models.Model):
    """A member of staff at work in the inbox."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="coordinator")
    languages = models.JSONField(
        _("languages"), default=list, db_default=[], blank=True
    )  # codes of settings.LANGUAGES
    views = models.JSONField(
        _("saved views"), default=list, db_default=[], blank=True
    )  # {"name", "query"}, never a search
    away_until = models.DateField(_("away until"), null=True, blank=True)  # the last day away
    covered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="covers"
    )

    objects = CoordinatorQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.user.get_username()

    @property
    def is_away(self) -> bool:
        return self.away_until is not None and self.away_until >= timezone.localdate()

    def is_covered(self, *, by: User) -> bool:
        return self.is_away and self.covered_by_id == by.pk

    def leave(self, *, until: datetime.date | None, covered_by: User | None) -> None:
        """Away from now on; without a day, back again."""
        self.away_until, self.covered_by = until, covered_by
        self._write()

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
        names = ("languages", "views", "away_until", "covered_by")
        values = {name: getattr(self, name) for name in names}
        type(self).objects.update_or_create(user=self.user, defaults=values)
