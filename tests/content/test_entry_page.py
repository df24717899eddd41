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
    assert page.count('class="wide-open">') == len(by_cancer)


def test_page_of_a_medicine_has_no_link_to_itself_among_its_uses(client):
    uses = read(client, "/drugs/nivolumab/").partition('id="indications"')[2].partition("</section>")[0]
    assert "with ipilimumab" in uses
    assert 'href="/drugs/nivolumab/"' not in uses
    assert 'href="/drugs/nivolumab/"' in read(client, "/cancers/melanoma/")
