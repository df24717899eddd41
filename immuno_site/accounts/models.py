"""Invitations: how a colleague gets an account without anybody choosing the password for them. And sessions."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

VALID_FOR = timedelta(days=3)


class Session(AbstractBaseSession):
    """Django's session with the account it belongs to: who ends a person's sessions need not open everybody's."""

    account = models.BigIntegerField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """The one of the settings, found as Django finds it: that file leans on this one."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, now: datetime | None = None) -> InvitationQuerySet:
        """Can still be accepted."""
        return self.filter(used_at=None, expires_at__gt=now or timezone.now(), user__is_active=True)

    def with_code(self, code: str) -> InvitationQuerySet:
        return self.filter(digest=_digest(code))


class Invitation(models.Model):
    """A letter with a code that lets one person set the password of one account, once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Whoever reads the table cannot use it.
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        constraints = [
            models.CheckConstraint(
                name="invitation does not end before it was made",
                condition=models.Q(expires_at__gte=models.F("made_at")),
            )
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    @classmethod
    @transaction.atomic
    def make(cls, user: User, *, by: User | None, now: datetime | None = None) -> str:
        """A new invitation; returns its code, which is kept nowhere. Earlier ones end."""
        now = now or timezone.now()
        cls.objects.open(now=now).filter(user=user).update(expires_at=now)
        code = secrets.token_urlsafe(24)
        cls.objects.create(
            user=user, made_by=by, digest=_digest(code), made_at=now, expires_at=now + VALID_FOR
        )
        return code

    @transaction.atomic
    def accept(self, password: str, *, now: datetime | None = None) -> bool:
        """Sets the password. False if somebody was faster."""
        now = now or timezone.now()
        if not type(self).objects.open(now=now).filter(pk=self.pk).update(used_at=now):
            return False
        self.user.set_password(password)
        self.user.save(update_fields=["password"])
        return True


def _digest(code: str) -> str:
    # Plain SHA-256 is enough for 192 random bits.
    return hashlib.sha256(code.strip().encode()).hexdigest()
