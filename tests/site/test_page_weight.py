"""What an entry page weighs on the wire, computed from bytes: the page and every file it names."""

from __future__ import annotations

import re
import statistics

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from content.models import content_models

pytestmark = pytest.mark.django_db

TYPICAL, WORST = 25_000, 35_000
MOST_REQUESTS = 5

_FILE = re.compile(r'(?:src|<use href|rel="(?:stylesheet|icon)"[^>]* href)="([^"#]+)')


def entry_addresses() -> list[str]:
    return [
        row.get_absolute_url()
        for model in content_models().values()
        for row in model.objects.in_language("en")
    ]


def files_of(page: str) -> set[str]:
    return set(_FILE.findall(page))


def weight_of_file(address: str) -> int:
    """As WhiteNoise sends it: compressed at full strength, once, when it is collected."""
    path = finders.find(address.removeprefix("/static/"))
    with open(path, "rb") as file:
        return len(brotli.compress(file.read()))


def weigh(client: Client, address: str) -> tuple[int, int]:
    """(bytes, requests) of somebody's first visit."""
    response = client.get(address, headers={"accept-encoding": "br"})
    assert response["Content-Encoding"] == "br"
    files = files_of(brotli.decompress(response.content).decode())
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.items())
    return headers + len(response.content) + sum(map(weight_of_file, files)), 1 + len(files)


def test_entry_pages_are_light(client):
    weights = {address: weigh(client, address)[0] for address in entry_addresses()}
    assert len(weights) >= 20
    heaviest = max(weights, key=weights.get)
    assert weights[heaviest] <= WORST, f"{heaviest}: {weights[heaviest]} bytes"
    assert statistics.median(weights.values()) <= TYPICAL


def test_entry_pages_need_few_files_and_all_of_them_from_here(client):
    for address in entry_addresses():
        page = client.get(address).content.decode()
        assert weigh(client, address)[1] <= MOST_REQUESTS, address
        assert all(name.startswith("/static/") for name in files_of(page)), address


def test_weight_counts_every_file_the_page_names(client):
    names = files_of(client.get("/therapies/checkpoint-inhibitors/").content.decode())
    endings = {name.rpartition("/")[2] for name in names}
    assert endings == {"site.css", "site.js", "icons.svg", "checkpoint-inhibitor.svg"}
