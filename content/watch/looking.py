"""Goes round all sources, one after another and never fast, and writes down what each says now."""

from __future__ import annotations

import datetime
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from content.models import Source, SourceLook
from content.watch import reading
from content.watch.fetching import Answer, NoAnswer, NotAllowed, TooLong, within
from content.watch.reading import Found

AGAIN_AFTER = datetime.timedelta(days=6, hours=12)
PAUSE = 10.0  # seconds between two questions to one host
LONGEST_PAUSE = 120.0
LONGEST_READING = 20.0
# Without an answer so many times, on different days, and others answered: it is not we who are offline.
SILENT_AFTER = 3
AGENT = "ImmunoSourceWatch"

Fetch = Callable[..., Answer]


@dataclass
class Report:
    """What a round found."""

    looked: int = 0
    unanswered: int = 0
    told: list[SourceLook] = field(default_factory=list)


def due(now: datetime.datetime) -> list[Source]:
    """Sources that were not looked at for a while, the longest first."""
    rows = Source.objects.filter(Q(look=None) | Q(look__tried_at__lte=now - AGAIN_AFTER)).select_related(
        "look"
    )
    return list(rows.order_by(F("look__tried_at").asc(nulls_first=True), "key"))


def look_at(
    sources: Iterable[Source],
    *,
    fetch: Fetch,
    clock: Callable[[], datetime.datetime],
    pause: float = PAUSE,
) -> Report:
    """Each host in its own time; what is known of a source is saved at once."""
    report, silent = Report(), []
    rounds = _Round(fetch, pause)
    for source in rounds.in_turn(sources):
        row = _row_of(source, clock())
        try:
            answered = rounds.look(source, row)
        except NoAnswer as error:
            row.why_not = str(error)[:200]
            row.save()
            silent.append(row)
            continue
        except (
            NotAllowed,
            ValueError,
            RecursionError,
        ) as error:  # whatever it answers, the others have their turn
            known = isinstance(error, NotAllowed)
            row.why_not = str(error)[:200] if known else "What it answers cannot be read. Open it yourself."
            row.failures = 0
            row.save()
            report.looked += 1
            continue
        _note(row, answered, clock())
        report.looked += 1
        if row.finding and row.since == timezone.localdate(clock()):
            report.told.append(row)
    report.unanswered = len(silent)
    if report.looked:
        report.told += [row for row in silent if _is_silent(row, timezone.localdate(clock()))]
    return report


def _row_of(source: Source, now: datetime.datetime) -> SourceLook:
    """What is on record. Another address, or a person who has read it again: what was found before says nothing."""
    row = getattr(source, "look", None) or SourceLook(source=source, url=source.url)
    if row.url != source.url:
        row = SourceLook(pk=row.pk, source=source, url=source.url)
    if row.read_on is None or source.checked_on > row.read_on:
        row.read_on, row.read_digest, row.read_edition = source.checked_on, "", ""
        row.finding, row.since = "", None
    row.tried_at, row.why_not = now, ""
    return row


@dataclass(frozen=True)
class _Answered:
    """What one look at a source found: an answer, and its text if there was one."""

    status: int
    found: Found | None = None
    moved_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_restless: bool = False


def _note(row: SourceLook, answered: _Answered, now: datetime.datetime) -> None:
    row.looked_at, row.status, row.failures = now, answered.status, 0
    row.moved_to = _kept_words(answered.moved_to, 500)
    if found := answered.found:
        row.digest, row.edition, row.edition_on = (
            found.digest,
            _kept_words(found.edition, 120),
            found.edition_on,
        )
        row.etag = _kept_words(answered.headers.get("etag", ""), 200)
        row.last_modified = _kept_words(answered.headers.get("last-modified", ""), 100)
        row.is_restless = row.is_restless or answered.is_restless
        if not row.read_digest:
            row.read_digest, row.read_edition = found.digest, row.edition
    finding = _finding(row, answered)
    if finding != row.finding:
        row.finding, row.since = finding, timezone.localdate(now) if finding else None
    row.save()


def _kept_words(said: str, most: int) -> str:
    return said.replace("\0", "")[:most]  # PostgreSQL keeps no NUL


def _finding(row: SourceLook, answered: _Answered) -> str:
    if answered.status in (404, 410):
        return SourceLook.Finding.GONE
    if row.edition_on and row.read_on and row.edition_on > row.read_on:
        return SourceLook.Finding.CHANGED
    if row.edition != row.read_edition:
        return SourceLook.Finding.CHANGED
    if row.digest != row.read_digest and not row.is_restless:
        return SourceLook.Finding.CHANGED
    is_elsewhere = bool(row.moved_to) and _place(row.moved_to) != _place(row.url)
    return SourceLook.Finding.MOVED if is_elsewhere else ""


def _place(url: str) -> str:
    """With or without https, www or a slash at the end it is the same page."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def _is_silent(row: SourceLook, today: datetime.date) -> bool:
    """Counts a day without an answer. Says whether that is news."""
    row.failures += 1
    is_news = row.failures >= SILENT_AFTER and row.finding != SourceLook.Finding.SILENT
    if is_news:
        row.finding, row.since = SourceLook.Finding.SILENT, today
    row.save(update_fields=["failures", "finding", "since"])
    return is_news


class _Round:
    """One round: what hosts allow, when each may be asked again, and the tables that tell of many sources."""

    def __init__(self, fetch: Fetch, pause: float) -> None:
        agent = f"{AGENT}/1.0 (+{settings.SITE_URL})"
        self._fetch = fetch
        self._headers = {"User-Agent": agent, "Accept": "text/html,application/json,*/*;q=0.5"}
        self._pause = pause
        self._next: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser] = {}
        self._tables: dict[str, Mapping[str, Found]] = {}
        self._closed: set[str] = set()  # hosts that asked for rest

    def in_turn(self, sources: Iterable[Source]) -> Iterator[Source]:
        """So that while one host rests another is asked."""
        waiting: dict[str, deque[Source]] = {}
        for source in sources:
            waiting.setdefault(_host(source.url), deque()).append(source)
        while waiting:
            host = min(waiting, key=lambda name: self._next.get(name, 0.0))
            yield waiting[host].popleft()
            if not waiting[host]:
                del waiting[host]

    def look(self, source: Source, row: SourceLook) -> _Answered:
        host = _host(source.url)
        if host in self._closed:
            raise NoAnswer("Its host asked for rest.")
        if not self._may_open(source.url):
            raise NotAllowed("Its site asks programs to stay away. Open it yourself.")
        if (name := reading.ema_medicine(source.url)) and (found := self._ema(source.url).get(name)):
            return _Answered(200, found)  # of one that has left the table its own page says more
        return self._look(source.url, row)

    def _look(self, url: str, row: SourceLook) -> _Answered:
        known = row.digest and row.status == 200
        asked = {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified} if known else {}
        answer = self._ask(url, **{name: value for name, value in asked.items() if value})
        if answer.status == 304:
            return _Answered(200, Found(row.digest, row.edition, row.edition_on), row.moved_to, _kept(row))
        if answer.status in (429, 503):
            self._closed.add(_host(url))
            raise NoAnswer("Its host asked for rest.")
        if answer.status >= 500:
            raise NoAnswer(f"It answered {answer.status}.")
        if answer.status in (401, 403, 406, 451):
            raise NotAllowed("Its site lets no program in. Open it yourself.")
        if answer.status != 200:
            return _Answered(answer.status)
        found = _read(answer)
        again = self._ask(url) if not row.digest and not found.edition else None
        restless = again is not None and again.status == 200 and _read(again) != found
        return _Answered(200, found, answer.moved_to, answer.headers, restless)

    def _ask(self, url: str, **headers: str) -> Answer:
        host = _host(url)
        time.sleep(max(0.0, self._next.get(host, 0.0) - time.monotonic()))
        try:
            return self._fetch(url, headers={**self._headers, **headers})
        finally:
            self._next[host] = time.monotonic() + self._pause_of(host)

    def _pause_of(self, host: str) -> float:
        robots = self._robots.get(host)
        asked = robots.crawl_delay(AGENT) if robots and self._pause else None
        return min(LONGEST_PAUSE, max(self._pause, float(asked or 0)))

    def _may_open(self, url: str) -> bool:
        """By what the host says to programs. A host without such words allows all."""
        host = _host(url)
        if host not in self._robots:
            robots = RobotFileParser()
            answer = self._ask(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/robots.txt")
            is_text = answer.status == 200 and answer.media_type in ("text/plain", "")
            robots.parse(answer.body[:500_000].decode(errors="replace").splitlines() if is_text else [])
            self._robots[host] = robots
        return self._robots[host].can_fetch(AGENT, url)

    def _ema(self, url: str) -> Mapping[str, Found]:
        """One table instead of a hundred pages."""
        host = _host(url)
        if host not in self._tables:
            address = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}{reading.EMA_TABLE}"
            answer = self._ask(address)
            table = reading.ema_table(answer.body) if answer.status == 200 else {}
            if not table:  # its pages would say other things than the table did
                self._closed.add(host)
                raise NoAnswer("The table of all medicines could not be read.")
            self._tables[host] = table
        return self._tables[host]


def _read(answer: Answer) -> Found:
    try:
        with within(LONGEST_READING):
            return reading.found_in(answer)
    except TooLong as error:
        raise NotAllowed("It takes too long to read.") from error


def _kept(row: SourceLook) -> Mapping[str, str]:
    return {"etag": row.etag, "last-modified": row.last_modified}


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
