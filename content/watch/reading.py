"""What of an answer counts as the text of a source: the words of a page, a label's version, a medicine's revision."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from content.text import prose
from content.watch.fetching import Answer

# Where the EMA tells of all its medicines at once, on its own host.
EMA_TABLE = "/en/documents/report/medicines-output-medicines_json-report_en.json"
_EMA_MEDICINE = re.compile(r"^/[a-z]{2}/medicines/human/EPAR/([^/]+)/?$")
_PAGE = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Found:
    """What a source says now: equal when it says the same."""

    digest: str
    edition: str = ""  # in words: version 12, effective 2026-08-11
    edition_on: datetime.date | None = None


def found_in(answer: Answer) -> Found:
    """Of an openFDA answer its labels or submissions, of a page its words, of anything else its bytes."""
    if answer.media_type == "application/json" and (results := _results(answer.body)) is not None:
        return _of_openfda(results)
    if answer.media_type in _PAGE:
        return Found(
            _digest(
                prose.words_of_page(answer.body.decode(_charset(answer), errors="replace")[:MOST_OF_PAGE])
            )
        )
    return Found(hashlib.sha256(answer.body).hexdigest())


def _digest(value: object) -> str:
    told = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()


# --- openFDA --------------------------------------------------------------------------------------------------


def _results(body: bytes) -> list[dict[str, Any]] | None:
    """Its records without the head, which says another day every day."""
    try:
        data = json.loads(body)
    except ValueError:
        return None
    rows = data.get("results") if isinstance(data, dict) else None
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None


def _of_openfda(results: list[dict[str, Any]]) -> Found:
    """Labels have a version and the day it took effect; applications have submissions, each with its day."""
    labels = [
        (str(row.get("effective_time", "")), str(row["version"]), str(row.get("set_id", "")))
        for row in results
        if "version" in row
    ]
    if labels:
        day, version, _set_id = max(labels)
        return Found(_digest(sorted(labels)), *_edition(f"version {version}, effective", day))
    submissions = [
        tuple(str(one.get(f"submission_{name}", "")) for name in ("status_date", "type", "number"))
        for row in results
        for one in row.get("submissions") or ()
        if isinstance(one, dict)
    ]
    if submissions:
        day, kind, number = max(submissions)
        return Found(_digest(results), *_edition(f"submission {kind} {number}".strip() + ",", day))
    return Found(_digest(results))


def _edition(words: str, day: str) -> tuple[str, datetime.date | None]:
    try:
        on = datetime.datetime.strptime(day[:8], "%Y%m%d").date()
    except ValueError:
        return words.rstrip(",").removesuffix(" effective"), None
    return f"{words} {on}", on


# --- The EMA's medicines ----------------------------------------------------------------------------------------


def ema_medicine(url: str) -> str:
    """The medicine whose page this is, as its address has it; empty for other pages."""
    match = _EMA_MEDICINE.match(urlsplit(url).path)
    return match[1].lower() if match else ""


def ema_table(body: bytes) -> Mapping[str, Found]:
    """The revision of each medicine, by the last part of its address."""
    try:
        rows = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return dict(_of_ema(rows)) if isinstance(rows, list) else {}


def _of_ema(rows: Iterable[object]) -> Iterable[tuple[str, Found]]:
    for row in rows:
        name = ema_medicine(str(row.get("medicine_url", ""))) if isinstance(row, dict) else ""
        if not name or not isinstance(row, dict):
            continue
        revision, updated = str(row.get("revision_number") or ""), str(row.get("last_updated_date") or "")
        try:
            on = datetime.datetime.strptime(updated, "%d/%m/%Y").date()
        except ValueError:
            on = None
        words = f"revision {revision}" if revision else "no revision yet"
        yield name, Found(_digest([revision, str(row.get("medicine_status") or "")]), words, on)


# --- Pages ------------------------------------------------------------------------------------------------------


MOST_OF_PAGE = 4 * 2**20  # letters


def _charset(answer: Answer) -> str:
    """Only those that everybody knows: what is not understood is replaced, the same way each time."""
    named = re.search(r"charset=[\"']?([\w-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    name = named[1].lower() if named else "utf-8"
    return name if name in ("utf-8", "iso-8859-1", "iso-8859-8", "windows-1252", "windows-1255") else "utf-8"
