"""What a patient finds on an entry page, in the small library."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from content.models import Indication

pytestmark = pytest.mark.django_db


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_many_uses_are_folded_by_cancer_and_counted(client):
    """A patient finds their cancer in a short list and opens it; nothing is left out."""
    page = read(client, "/drugs/pembrolizumab/")
    current = Indication.objects.approved().filter(members__drug__slug="pembrolizumab", status="current")
    counted = [int(number) for number in re.findall(r">(\d+) uses?<", page)]
    *by_cancer, over = counted
    assert len(by_cancer) == current.values("cancer").distinct().count() > 10
    assert sum(by_cancer) == page.count('<details class="use">') - over
    uses = page.partition('<div class="uses">')[2].partition("</section>")[0]
    groups = re.findall(r'<details id="use-([\w-]+)" class="wide-open">', uses)
    assert len(groups) == len(by_cancer)
    # The last ones share a line, which names them while it is closed.
    first, more = uses.split('<details class="wide-open">')
    assert first.count('id="use-') == 6
    told = re.search(r"(\d+) more: <i>(.*?)</i>", more)
    inside = re.findall(r"<h3>(.*?):</h3>", more.partition("No longer approved")[0])
    assert told
    assert (int(told[1]), told[2]) == (len(inside), ", ".join(inside))
    assert len(inside) == len(groups) - 6


def test_page_of_a_medicine_has_no_link_to_itself_among_its_uses(client):
    uses = read(client, "/drugs/nivolumab/").partition('id="indications"')[2].partition("</section>")[0]
    assert "with ipilimumab" in uses
    assert 'href="/drugs/nivolumab/"' not in uses
    assert 'href="/drugs/nivolumab/"' in read(client, "/cancers/melanoma/")
