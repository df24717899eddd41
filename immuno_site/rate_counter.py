"""How often something came from one place in one hour: for patients' forms and for the sign-in."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import connection, models

from immuno_site.keyring import blind_index

WINDOW = datetime.timedelta(hours=1)
DAY = datetime.timedelta(hours=24)
KEEP_COUNTERS = DAY + WINDOW


class RateCounterQuerySet(models.QuerySet["RateCounter"]):
    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(window__lt=moment - KEEP_COUNTERS)

    def count_one(self, what: str, *, place: str, now: datetime.datetime) -> int:
        """Counts one more from this place (client_network) and returns how many this hour has seen.

        One statement: nothing is lost between reading and writing, which no cache of Django's promises.
        """
        table = connection.ops.quote_name(self.model._meta.db_table)
        sql = (
            f'INSERT INTO {table} ("key", "window", "times") VALUES (%s, %s, 1) '  # noqa: S608 - our own name
            f'ON CONFLICT ("key", "window") DO UPDATE SET "times" = {table}."times" + 1 RETURNING "times"'
        )
        window_value = models.DateTimeField().get_db_prep_value(_hour(now), connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, [blind_index(f"{what}:{place}", use="counter"), window_value])
            return cursor.fetchone()[0]

    def times(self, what: str, *, place: str, now: datetime.datetime) -> int:
        """How many this hour has seen, without counting one more."""
        row = self.filter(key=blind_index(f"{what}:{place}", use="counter"), window=_hour(now)).first()
        return row.times if row else 0

    def times_today(self, what: str, *, place: str, now: datetime.datetime) -> int:
        """How many the last 24 hours have seen."""
        rows = self.filter(key=blind_index(f"{what}:{place}", use="counter"), window__gt=_hour(now) - DAY)
        return rows.aggregate(times=models.Sum("times"))["times"] or 0


class RateCounter(models.Model):
    """A number per place and hour. The place is hashed with our key: no address of a visitor is kept."""

    key = models.CharField(max_length=64)
    window = models.DateTimeField()
    times = models.PositiveIntegerField(default=0, db_default=0)

    objects = RateCounterQuerySet.as_manager()

    class Meta:
        app_label = "consultations"  # its table was made there
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_counter_one_per_hour")]

    def __str__(self) -> str:
        return f"{self.times} in the hour of {self.window:%Y-%m-%d %H:%M}"


def _hour(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
