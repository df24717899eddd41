"""How often something came from one place in one hour."""

from __future__ import annotations

import datetime
import ipaddress
from typing import Self

from django.db import connection, models

from immuno_site.consultations.crypto import blind_index

WINDOW = datetime.timedelta(hours=1)
KEEP_COUNTERS = datetime.timedelta(hours=2)


class RateCounterQuerySet(models.QuerySet):
    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(window__lt=moment - KEEP_COUNTERS)

    def count(self, what: str, *, address: str, now: datetime.datetime) -> int:
        """Counts one more and returns how many this hour has seen.

        One statement: nothing is lost between reading and writing, which no cache of Django's promises.
        """
        window = now.replace(minute=0, second=0, microsecond=0)
        table = connection.ops.quote_name(self.model._meta.db_table)
        sql = (
            f'INSERT INTO {table} ("key", "window", "times") VALUES (%s, %s, 1) '  # noqa: S608 - our own name
            f'ON CONFLICT ("key", "window") DO UPDATE SET "times" = {table}."times" + 1 RETURNING "times"'
        )
        window_value = self.model._meta.get_field("window").get_db_prep_value(window, connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, [blind_index(f"{what}:{_place(address)}"), window_value])
            return cursor.fetchone()[0]


class RateCounter(models.Model):
    """A number per place and hour. The place is hashed with our key: no address of a visitor is kept."""

    key = models.CharField(max_length=64)
    window = models.DateTimeField()
    times = models.PositiveIntegerField(default=0)

    objects = RateCounterQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_counter_one_per_hour")]

    def __str__(self) -> str:
        return f"{self.times} in the hour of {self.window:%Y-%m-%d %H:%M}"


def _place(address: str) -> str:
    """One visitor owns a whole /64 of IPv6, so that is what is counted."""
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if place.version == 6 and place.ipv4_mapped:
        place = place.ipv4_mapped
    return str(ipaddress.ip_network(f"{place}/64", strict=False)) if place.version == 6 else str(place)
