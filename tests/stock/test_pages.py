"""The pages of the real library as a reader gets them: there, light, in order, and cheap to make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from content.models import Indication, content_models
from content.stock import pages
from tests.browser.addresses import PRINTED
from tests.stocks import REAL

pytestmark = [pytest.mark.django_db, pytest.mark.stock, pytest.mark.longest]

# Without the font of headings, 8,500. Pembrolizumab is the heaviest, by its uses and their sources.
LIGHT = 33_200
QUESTIONS = 36_800  # 73 of them with their answers
WORST = 50_950  # Lymphoma: five diseases on one page.
MOST_REQUESTS = 6

_FILE = re.compile(r'(?: src|<use href|rel="(?:stylesheet|icon)"[^>]* href)="([^"#]+)')


@pytest.mark.parametrize("path", PRINTED)
def test_promised_address_answers(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_every_page_is_built_and_public(client: Client) -> None:
    """Nothing of it is left a draft, and nothing is built a second time."""
    again = pages.build(REAL, now=timezone.localdate())
    assert (again.published, again.drafts) == ([], {})
    assert len(again.present) == len(list(REAL.glob("pages/*.md")))
    for name in again.present:
        if not name.startswith("list-"):
            page = pages.Page.objects.get(reverse_id__in=_reverse_ids(name.removesuffix(" (en)")))
            assert client.get(page.get_absolute_url("en")).status_code == 200, name


def _reverse_ids(slug: str) -> set[str]:
    return {pages.reverse_id_of(file) for file in pages.read(REAL) if file.slug == slug}


@pytest.mark.parametrize(
    "path",
    ["/cancers/melanoma/", "/cancers/bladder-cancer/", "/biomarkers/pd-l1/", "/israel/", "/questions/"],
)
def test_sources_are_numbered_as_a_reader_meets_them(client: Client, path: str) -> None:
    """Also in lists, and in tables that show withdrawn uses last."""
    marks = re.findall(r'data-n="([\d, ]+)"', client.get(path).content.decode())
    numbers = list(dict.fromkeys(number for mark in marks for number in mark.split(", ")))
    assert len(numbers) > 5
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_only_words_with_sources_say_when_those_were_read(client: Client) -> None:
    """Above the list of side effects stand words that cite nothing."""
    assert "Sources read" not in client.get("/side-effects/").content.decode()
    assert "Sources read" in client.get("/guide/how-it-works/").content.decode()


# --- What it costs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/cancers/bladder-cancer/",
        "/therapies/checkpoint-inhibitors/",
        "/drugs/pembrolizumab/",
        "/drugs/tisagenlecleucel/",
        "/side-effects/diarrhea-and-colitis/",
        "/centers/hadassah-medical-center/",
    ],
)
def test_entry_page_costs_at_most_nineteen_queries(queries_of: Callable, path: str) -> None:
    """Built after another: what all pages share is then at hand."""
    assert queries_of(path, 19, after="/centers/sheba-medical-center/").status_code == 200


@pytest.mark.parametrize(
    "path", [path for path in PRINTED if path not in ("/healthz", "/readyz", "/metrics")]
)
def test_page_is_light_on_the_wire(client: Client, path: str) -> None:
    response = client.get(path, headers={"accept-encoding": "br"})
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.items())
    assert len(response.content) + headers <= (QUESTIONS if path == "/questions/" else LIGHT)


LONGEST = 3


@cache
def weights() -> dict[str, tuple[int, int, set[str]]]:
    """By address of the longest entries of each kind: bytes, requests and foreign files of somebody's first visit.

    What all weigh in the median is held in tests/browser/test_phone.py, which opens each of them.
    """
    return {address: weigh(Client(), address) for kind in content_models() for address in longest(kind)}


def longest(kind: str) -> list[str]:
    """What cites most is longest: of medicines and cancers by their approved uses."""
    used = Counter(
        key
        for use in Indication.objects.approved().with_everything()
        for key in use.subjects
        if key[0] == kind
    )
    rows = content_models()[kind].objects.in_language("en").select_related("entry")
    by_length = sorted(
        rows,
        key=lambda row: (used[kind, row.entry.slug], sum(map(len, row.markdown))),
        reverse=True,
    )
    return [row.get_absolute_url() for row in by_length[:LONGEST]]


def weigh(client: Client, address: str) -> tuple[int, int, set[str]]:
    response = client.get(address, headers={"accept-encoding": "br"})
    assert response["Content-Encoding"] == "br"
    files = files_of(brotli.decompress(response.content).decode())
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.items())
    ours = {name for name in files if name.startswith("/static/")}
    return headers + len(response.content) + sum(map(weight_of_file, ours)), 1 + len(files), files - ours


def files_of(page: str) -> set[str]:
    return set(_FILE.findall(page))


@cache
def weight_of_file(address: str) -> int:
    """As WhiteNoise sends it: compressed at full strength, once, when it is collected."""
    path = finders.find(address.removeprefix("/static/"))
    with open(path, "rb") as file:
        return len(brotli.compress(file.read()))


def test_entry_pages_are_light() -> None:
    bytes_of = {address: weight for address, (weight, _, _) in weights().items()}
    assert len(bytes_of) == LONGEST * len(content_models())
    heaviest = max(bytes_of, key=bytes_of.get)
    assert bytes_of[heaviest] <= WORST, f"{heaviest}: {bytes_of[heaviest]} bytes"


def test_entry_pages_need_few_files_and_all_of_them_from_here() -> None:
    for address, (_, requests, foreign) in weights().items():
        assert requests <= MOST_REQUESTS, address
        assert not foreign, address


def test_weight_counts_every_file_the_page_names(client: Client) -> None:
    names = files_of(client.get("/therapies/checkpoint-inhibitors/").content.decode())
    endings = {name.rpartition("/")[2] for name in names}
    assert endings == {"site.css", "print.css", "site.js", "icons.svg", "checkpoint-inhibitor.svg"}


def test_list_of_updates_tells_what_regulators_decided_and_stays_light(client: Client) -> None:
    response = client.get("/updates/", headers={"accept-encoding": "br"})
    html = brotli.decompress(response.content).decode()
    assert len(re.findall(r'<li id="[\w-]+-(?:granted|narrowed|converted|withdrawn)">', html)) > 100
    assert len(response.content) <= 32_000
