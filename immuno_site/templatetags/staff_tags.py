"""For the staff's first page. A tag, because the admin's site exists before any model can be asked."""

from django import template
from django.contrib.auth.models import User
from django.utils import timezone

from immuno_site.staff.tasks import Task, tasks_for

register = template.Library()


@register.simple_tag
def tasks_of(user: User) -> list[Task]:
    return tasks_for(user, now=timezone.now())
