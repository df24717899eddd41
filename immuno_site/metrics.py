"""What this machine tells whoever watches it: numbers in Prometheus's format, of nobody in particular.

Requests are counted by each worker in a file that all workers read (gunicorn.conf.py says where). How the site is
doing is asked for when somebody wants to know.
"""

from __future__ import annotations

import datetime
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from wsgiref.types import StartResponse, WSGIEnvironment

from cms.models import PageContent
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from content.models import PageCheck, Source, content_models
from immuno_site import watch
from immuno_site.charsets import Application
from immuno_site.client_address import client_address
from immuno_site.consultations.models import Attachment, ConsultationRequest, OutgoingMail
from immuno_site.staff.day import READ_AGAIN

# --- Requests ---------------------------------------------------------------------------------------------

SHARED = values.ValueClass._multiprocess  # the library looks for the folder itself
place = "0"  # of a worker among the others: who comes after it goes on counting in the same file
if SHARED:
    values.ValueClass = values.MultiProcessValue(lambda: place)
_own = CollectorRegistry()
requests = Counter("immuno_requests", "Answers, by what was asked for.", ["view", "status"], registry=_own)
seconds = Histogram(
    "immuno_request_seconds",
    "Time until the answer began.",
    ["view"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
    registry=_own,
)
VIEW = "immuno.view"
KEPT = "kept page"


def counted(application: Application) -> Application:
    """Around everything: what is answered before Django sees it counts as a kept page."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun, status = time.perf_counter(), ["500"]

        def start(said: str, headers: list[tuple[str, str]], *error: object) -> Callable[[bytes], object]:
            status[0] = said[:3]
            return start_response(said, headers, *error)  # type: ignore[arg-type] # handed on as it came

        try:
            return application(environ, start)
        finally:
            view = str(environ.get(VIEW, KEPT))
            requests.labels(view, status[0]).inc()
            seconds.labels(view).observe(time.perf_counter() - begun)

    return serve


def name_views(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tells `counted` which view it was: its name, never the address."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.META[VIEW] = "none"
        response = get_response(request)
        if match := request.resolver_match:
            request.META[VIEW] = match.view_name or "unnamed"
        return response

    return middleware


# --- How the site is doing --------------------------------------------------------------------------------


def letters_waiting(now: datetime.datetime) -> int:
    return OutgoingMail.objects.all().waiting().count()


def letters_age_seconds(now: datetime.datetime) -> float:
    """How long the oldest letter of the outbox has been waiting."""
    oldest = OutgoingMail.objects.all().waiting().aggregate(at=Min("created_at"))["at"]
    return (now - oldest).total_seconds() if oldest else 0


def scans_waiting(now: datetime.datetime) -> int:
    """Files that nobody has scanned yet."""
    return Attachment.objects.to_scan().count()


def requests_open(now: datetime.datetime) -> int:
    """Requests of patients that somebody still has to do something about."""
    return ConsultationRequest.objects.open().count()


def requests_late(now: datetime.datetime) -> int:
    """Patients who wait longer than they were promised."""
    return ConsultationRequest.objects.late(now).count()


def requests_suspected(now: datetime.datetime) -> int:
    """Requests that look like spam and wait for a person to say so."""
    return ConsultationRequest.objects.suspected().count()


def pages_overdue(now: datetime.datetime) -> int:
    """Public entries and pages that should have been checked again."""
    today = timezone.localdate(now)
    entries = (model.objects.filter(next_check_due__lt=today) for model in content_models().values())
    public = PageContent.objects.order_by().values("pk")
    pages = PageCheck.objects.filter(next_check_due__lt=today, extended_object__in=public)
    return sum(rows.count() for rows in entries) + pages.count()


def sources_overdue(now: datetime.datetime) -> int:
    """Sources that nobody has opened for a year."""
    return Source.objects.filter(checked_on__lt=timezone.localdate(now) - READ_AGAIN).count()


def backup_age_seconds(now: datetime.datetime) -> float | None:
    """Since the newest backup was written."""
    return _age(watch.newest_backup(), now)


def backup_copied_age_seconds(now: datetime.datetime) -> float | None:
    """Since a copy of all backups was last found elsewhere."""
    return _age(watch.copied_at(), now)


def drill_age_seconds(now: datetime.datetime) -> float | None:
    """Since somebody last restored a backup to see that it can be done."""
    return _age(watch.drilled_at(), now)


def watch_age_seconds(now: datetime.datetime) -> float | None:
    """Since the hourly look."""
    return _age(watch.looked_at(), now)


def certificate_seconds(now: datetime.datetime) -> float | None:
    """Until the certificate that visitors are shown ends."""
    ends = watch.certificate_ends()
    return (ends - now).total_seconds() if ends else None


def disk_free_bytes(now: datetime.datetime) -> int:
    """Room where the site writes."""
    return shutil.disk_usage(settings.DATA_DIR).free


def _age(moment: datetime.datetime | None, now: datetime.datetime) -> float | None:
    return (now - moment).total_seconds() if moment else None


READINGS: tuple[Callable[[datetime.datetime], float | None], ...] = (
    letters_waiting, letters_age_seconds, scans_waiting, requests_open, requests_late, requests_suspected,
    pages_overdue, sources_overdue, backup_age_seconds, backup_copied_age_seconds, drill_age_seconds,
    watch_age_seconds, certificate_seconds, disk_free_bytes,
)  # fmt: skip


class Site(Collector):
    """Asked anew each time. What cannot be read is left out, and counted."""

    def collect(self) -> Iterator[Metric]:
        now, unread = timezone.now(), 0
        for read in READINGS:
            try:
                value = read(now)
            except (DatabaseError, OSError):
                unread += 1
                continue
            if value is not None:
                help_text = (read.__doc__ or read.__name__.replace("_", " ")).strip()
                yield GaugeMetricFamily(f"immuno_{read.__name__}", help_text, value)
        yield GaugeMetricFamily("immuno_readings_failed", "Of the numbers here, those not to be had.", unread)
        alarms = GaugeMetricFamily("immuno_alarm", "What the last hourly look found.", labels=["name"])
        for name in watch.told():
            alarms.add_metric([name], 1)
        yield alarms


# --- The page ---------------------------------------------------------------------------------------------


def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever watches this machine, on it. nginx lets nobody else in, and neither do we."""
    if not ip_address(client_address(request)).is_loopback:
        return HttpResponseNotFound()
    registry = CollectorRegistry()
    registry.register(Site())
    if SHARED:
        MultiProcessCollector(registry)
    else:
        registry.register(_own)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
