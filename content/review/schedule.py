"""Versions that go public, or off the site, at a planned time. The gate is asked then, not when it was planned."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext as _
from djangocms_versioning.constants import PUBLISHED

from content.models import Schedule
from content.review import gate, workflow
from content.review.texts import name_of


def run(*, now: datetime.datetime) -> Iterator[str]:
    """What was done, in words: for the command that runs it."""
    for plan in Schedule.objects.due_to_publish(now):
        yield _publish(plan)
    for plan in Schedule.objects.due_to_expire(now):
        yield _take_off(plan)


@transaction.atomic
def _publish(plan: Schedule) -> str:
    """Where it cannot go public, its planner is told once, and plans anew."""
    version = plan.version
    Schedule.objects.filter(pk=plan.pk).update(publish_at=None)
    if workflow.may_publish(version, plan.by):
        version.publish(plan.by)
        subject, why = _("Published as planned: %(name)s"), ""
    else:
        subject = _("Not published as planned: %(name)s")
        why = gate.why_not_publish(version) or _(
            "It is no draft any more, or your account may not publish it."
        )
        Schedule.objects.filter(pk=plan.pk).update(expire_at=None)
    subject %= {"name": name_of(version.content)}
    workflow.tell([plan.by], subject, version, why)
    return subject


@transaction.atomic
def _take_off(plan: Schedule) -> str:
    """A newer version that readers see meanwhile stays."""
    version = plan.version
    Schedule.objects.filter(pk=plan.pk).update(expire_at=None)
    if version.state != PUBLISHED or not version.check_unpublish.as_bool(plan.by):
        subject = _("Not taken off as planned: %(name)s")
        why = _("Another version is public now, or your account may not take it off.")
    else:
        version.unpublish(plan.by)
        subject, why = _("Taken off the site as planned: %(name)s"), ""
    subject %= {"name": name_of(version.content)}
    workflow.tell([plan.by], subject, version, why)
    return subject
