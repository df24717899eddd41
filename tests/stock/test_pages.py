"""The pages of the real library as a reader gets them: there, light, in order, and cheap to make."""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from content.models import Indication, SideEffectContent, Sign, TreatmentGroup, content_models
from content.page import temperatures
from content.stock import pages
from tests.browser.addresses import PRINTED
from tests.stocks import REAL

pytestmark = [pytest.mark.django_db, pytest.mark.stock, pytest.mark.longest]

# Without the font of headings, 8,500. Pembrolizumab is the heaviest, by its uses and their sources.
LIGHT = 41_800  # 2,500 of them are the words explained and the help lines, for paper
QUESTIONS = 50_700  # 107 of them with their answers
WORST = 53_800  # lymphoma: four diseases on one page
MOST_REQUESTS = 5  # and the font

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
def test_entry_page_costs_at_most_twenty_four_queries(queries_of: Callable, path: str) -> None:
    """Built after another: what all pages share is then at hand."""
    assert queries_of(path, 24, after="/centers/sheba-medical-center/").status_code == 200


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
    assert endings == {"site.css", "site.js", "icons.svg", "checkpoint-inhibitor.svg"}


def test_list_of_updates_tells_what_regulators_decided_and_stays_light(client: Client) -> None:
    response = client.get("/updates/", headers={"accept-encoding": "br"})
    html = brotli.decompress(response.content).decode()
    assert len(re.findall(r'<li id="[\w-]+-(?:granted|narrowed|converted|withdrawn)">', html)) > 100
    assert len(response.content) <= 33_000


def test_each_topic_that_people_look_for_has_its_page(client: Client) -> None:
    """topics.toml: where, and words that the page must hold."""
    topics = tomllib.loads((Path(__file__).parent / "topics.toml").read_text(encoding="utf-8"))
    pages_of = {path: client.get(path) for path in {path for path, _ in topics.values()}}
    lacking = {
        topic: (path, words)
        for topic, (path, words) in topics.items()
        if pages_of[path].status_code != 200 or words not in html.unescape(pages_of[path].content.decode())
    }
    assert lacking == {}


# --- Urgent signs


def test_fever_is_told_by_treatment_and_temperature_as_the_list_of_signs_has_it(client: Client) -> None:
    page = client.get("/side-effects/fever/").content.decode()
    table = page.split('<table class="temperatures">')[1].split("</table>")[0]
    rows = [row.split("</tbody>")[0] for row in table.split("<tbody>")[1:]]
    for sign in Sign.objects.approved().filter(key__in=temperatures.SIGNS).with_parts():
        words = f"<td>{sign.text_in('en').words}</td>"
        for group, level in sign.urgency.items():
            own = [
                row
                for row in rows
                if str(TreatmentGroup(group).label) in row or "Whatever your treatment" in row
            ]
            (row,) = [row for row in own if words in row]
            told = "emergency" if group == TreatmentGroup.OTHER else level  # nobody is told that it can wait
            assert f'class="care-{told}"' in row.split(words)[1].split("</tr>")[0], (sign.key, group)
    assert page.index("tel:112") < page.index(table) < page.index("How to recognize it</h2>")


def test_partner_of_a_regimen_and_a_sign_of_one_medicine_are_named_where_they_belong(client: Client) -> None:
    pembrolizumab = client.get("/drugs/pembrolizumab/").content.decode()
    fever = pembrolizumab.split("A temperature of 38 °C (100.4 °F) or more, <strong>")[1].split("</li>")[0]
    others_named = "if you also have enfortumab vedotin, sacituzumab govitecan or chemotherapy<"
    assert fever.startswith(others_named)
    same_day = pembrolizumab.split("care-same_day")[1].split("</section>")[0]
    (others,) = re.findall(r"<li>A temperature of 38 °C \(100.4 °F\) or more (.*?)</li>", same_day)
    assert f"An emergency {others_named}" in others
    pump = "The pump alarm sounds, or the drip stops"
    assert pump not in client.get("/drugs/tarlatamab/").content.decode()
    for address in ("/drugs/blinatumomab/", "/therapies/bispecific-antibodies/"):
        assert f"{pump}, <strong>with blinatumomab</strong>" in client.get(address).content.decode(), address


@pytest.mark.parametrize("slug", ["melanoma", "bladder-cancer"])
def test_medicine_for_any_solid_tumor_has_its_signs_where_it_is_told_of(client: Client, slug: str) -> None:
    """Catumaxomab, for fluid in the belly, is a bispecific antibody: only some cancers have to do with it."""
    bispecific = str(TreatmentGroup.BISPECIFIC.short)
    page = client.get(f"/cancers/{slug}/").content.decode()
    assert bispecific not in page.split('id="signs"')[1].split('class="act-all"')[0]
    assert bispecific not in page.split('id="all-signs"')[1].split("</section>")[0]
    assert 'href="/cancers/any-solid-tumor/#signs">a medicine for any solid tumor with a certain' in page
    assert bispecific in client.get("/cancers/ovarian-cancer/").content.decode()
    assert bispecific in client.get("/cancers/any-solid-tumor/").content.decode()


def test_badge_of_a_side_effect_is_as_urgent_as_the_gravest_sign_on_its_page(client: Client) -> None:
    badges = dict(
        re.findall(
            r'<a href="(/side-effects/[a-z0-9-]+/)">[^<]*</a>\s*<span class="urgency-badge urgency-(\w+)">',
            client.get("/side-effects/").content.decode(),
        )
    )
    assert len(badges) > 30
    for address, badge in badges.items():
        levels = re.findall(r'class="care-card care-(\w+)"', client.get(address).content.decode())
        assert ("emergency" in levels) <= (badge == "emergency"), address
        assert ("same_day" in levels) <= (badge != "routine"), address


@pytest.mark.parametrize(
    ("address", "own", "group", "called"),
    [
        (
            "/drugs/bcg/",
            "A temperature of 38.5 °C",
            TreatmentGroup.CHECKPOINT_INHIBITOR,
            "a checkpoint inhibitor",
        ),
        (
            "/drugs/pembrolizumab/",
            "You get out of breath",
            TreatmentGroup.ANTIBODY_DRUG_CONJUGATE,
            "enfortumab vedotin or sacituzumab govitecan",
        ),
    ],
)
def test_top_has_the_signs_of_the_medicine_and_one_line_for_partners(
    client: Client, address: str, own: str, group: TreatmentGroup, called: str
) -> None:
    page = client.get(address).content.decode()
    top, whole = page.split('id="signs"')[1].split('class="act-all"')[0], page.split('id="all-signs"')[1]
    alone = f"if you also have {called}</strong>"
    assert own in top
    assert alone in whole
    assert alone not in top
    (line,) = re.findall(r"<span>Do you also have (.*?)</span>", top)
    (link,) = re.findall(rf'<a href="([^"]+)">{re.escape(str(group.noun))}</a>', line)
    assert line.endswith("Its signs count for you, too.")
    assert 'id="all-signs"' in client.get(link).content.decode()


def test_long_list_of_signs_is_told_by_part_of_the_body(client: Client) -> None:
    whole = (
        client.get("/drugs/pembrolizumab/").content.decode().split('id="all-signs"')[1].split("</section>")[0]
    )
    emergency, same_day = (
        whole.split("care-same_day")[0],
        whole.split("care-same_day")[1].split("care-next_visit")[0],
    )
    for level, lungs in ((emergency, "Coughing up blood"), (same_day, "A new cough")):
        parts = dict(re.findall(r"<h4[^>]*>(.*?)</h4>\s*(<ul>.*?</ul>)", level, re.DOTALL))
        assert parts.keys() <= {str(label) for label in SideEffectContent.BodySystem.labels}
        assert len(parts) == level.count("<h4") > 5
        assert sum(lines.count("<li") for lines in parts.values()) == level.count("<li")
        assert lungs in parts["Lungs"]


def test_side_effect_has_its_own_signs_first(client: Client) -> None:
    page = client.get("/side-effects/lung-inflammation/").content.decode()
    emergency = page.split('class="care-card care-emergency"')[1].split("</section>")[0]
    assert emergency.index("You get out of breath") < emergency.index("Gasping")
    assert emergency.index("Gasping") < emergency.index("A temperature of 38 °C")


def test_paper_leaves_signs_of_a_partner_to_its_own_page(client: Client) -> None:
    """Forty lines that end in "if you also have a checkpoint inhibitor" hide those of BCG."""
    page = client.get("/therapies/bcg-therapy/").content.decode()
    assert "Do you also have" in page
    listed = page.partition('id="all-signs"')[2].partition("</section>")[0]
    lines = re.findall(r'<li(?: class="(screen-only)")?>(.*?)</li>', listed, re.DOTALL)
    beside = [
        where for where, words in lines if ", <strong>if you also have a checkpoint inhibitor<" in words
    ]
    assert len(beside) > 20
    assert {*beside} == {"screen-only"}
    assert any(not where for where, _words in lines)
    assert "Signs of another treatment that you also have are not printed here" in listed
