"""Open data at /api/v1: the form that was promised, only what is public, and its documentation."""

import datetime
import io
import json
import re
import zipfile

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.models import (
    FACT_MODELS,
    DrugContent,
    FormerSlug,
    Indication,
    SideEffect,
    SideEffectOccurrence,
    Sign,
    SiteProfile,
    Source,
    content_models,
)
from content.web.open_data import list_changes
from immuno_site import page_cache
from tests.factories import create_occurrence, create_page

pytestmark = pytest.mark.django_db

SITE = "https://testserver"
REVIEW = {"status", "reviewer", "reviewed_on", "next_review_due"}
SOURCE = {"key", "title", "publisher", "url", "published_on", "text_of", "text_of_on", "checked_on"}
ENTRY = {"license", "slug", "name", "other_names", "summary", "sections", "sources", "review", "url"}
INDICATION = {
    "key", "same_use", "part_of",
    "cancer", "regimen", "drug", "with", "setting", "lines", "condition", "biomarkers", "population", "min_age",
    "max_age", "regulator", "approval", "approved_on", "approved_source", "narrowed_on", "narrowed_source",
    "converted_on", "converted_source", "announced_on", "announced_source", "withdrawn_on", "withdrawn_source",
    "note", "status", "sources",
}  # fmt: skip
OWN = {
    "cancers": {"icd10", "indications", "results", "biomarkers", "side_effects"},
    "therapies": {"parent", "act", "indications", "results"},
    "drugs": {
        "brand_names", "therapy_class", "kind", "form", "targets", "route", "act", "indications", "coverage", "results",
        "side_effects",
    },
    "side-effects": {"body_system", "urgency", "symptoms", "act", "occurrences"},
    "biomarkers": {"indications"},
    "centers": {"city", "country", "website"},
}  # fmt: skip
ONE = {
    "cancers": "melanoma",
    "therapies": "pd-1-inhibitors",
    "drugs": "pembrolizumab",
    "side-effects": "lung-inflammation",
    "biomarkers": "pd-l1",
    "centers": "sheba-medical-center",
}


def get(client, path: str, status: int = 200) -> dict:
    """What a page that is built afresh answers."""
    response = client.get(path, headers={"authorization": "Test"})
    assert response.status_code == status, response.content[:300]
    assert response["Content-Type"].startswith("application/json")
    return json.loads(response.content)


# --- The promised form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [*ONE, "sources"])
def test_list_counts_and_names_what_is_public(client, folder):
    data = get(client, f"/api/v1/{folder}/")
    assert set(data) == {"license", "count", "results"}
    assert data["count"] == len(data["results"]) > 0
    assert all(set(row) == {"slug", "name", "summary", "url"} for row in data["results"])
    assert all(row["url"].startswith("http") for row in data["results"])


@pytest.mark.parametrize(("folder", "slug"), ONE.items())
def test_entry_has_every_promised_field_and_no_other(client, folder, slug):
    data = get(client, f"/api/v1/{folder}/{slug}/")
    assert set(data) == ENTRY | OWN[folder]
    assert data["slug"] == slug
    assert data["url"] == f"{SITE}/{folder}/{slug}/"
    assert data["sections"]["key_message"]
    assert not any(mark in text for text in data["sections"].values() for mark in ("[@", "](", "**"))
    assert set(data["review"]) == REVIEW
    assert data["review"]["status"] == "unreviewed"
    assert data["sources"]
    assert all(set(source) == SOURCE for source in data["sources"])


def test_drug_is_told_in_full(client):
    data = get(client, "/api/v1/drugs/pembrolizumab/")
    content = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    assert data["brand_names"] == content.brand_names
    assert data["therapy_class"] == {"slug": "pd-1-inhibitors", "name": "PD-1 inhibitors"}
    assert data["kind"] in {"immunotherapy", "related", "partner"}
    assert data["targets"] == ["PD-1"]
    assert data["route"] == content.route
    for row in data["side_effects"]:
        assert set(row) == {"slug", "name", "urgency", "how_common"}
        assert row["urgency"] in {"emergency", "same_day", "routine", None}


def test_every_indication_has_the_promised_form(client):
    rows = get(client, "/api/v1/drugs/pembrolizumab/")["indications"]
    stored = Indication.objects.approved().filter(members__drug__slug="pembrolizumab")
    assert len(rows) == stored.count()
    keys = {source["key"] for source in get(client, "/api/v1/drugs/pembrolizumab/")["sources"]}
    for row in rows:
        assert set(row) == INDICATION
        assert set(row["cancer"]) == set(row["drug"]) == {"slug", "name"}
        assert all(set(partner) == {"slug", "name"} for partner in row["with"])
        need = {"slug", "name", "scale", "at_least", "below", "any_of", "level"}
        assert all(set(one) == need for one in row["biomarkers"])
        assert {row["drug"]["slug"], *(one["slug"] for one in row["with"])} >= {
            one["slug"] for one in row["regimen"] if "slug" in one
        }
        assert row["status"] in {"current", "withdrawn"}
        assert (row["withdrawn_on"] is None) == (row["status"] == "current")
        assert row["sources"]
        assert set(row["sources"]) <= keys


def test_withdrawn_uses_stay_and_are_marked(client):
    withdrawn = Indication.objects.approved().filter(status="withdrawn").first()
    rows = get(client, f"/api/v1/drugs/{withdrawn.drugs[0]}/")["indications"]
    row = next(row for row in rows if row["status"] == "withdrawn")
    assert row["withdrawn_on"]


def test_partner_is_named(client):
    rows = get(client, "/api/v1/drugs/pembrolizumab/")["indications"]
    (row,) = (row for row in rows if row["key"] == "fda-lung-nonsquamous-first-line")
    assert row["regimen"] == [
        {"slug": "pembrolizumab", "name": "Pembrolizumab"},
        {"name": "pemetrexed"},
        {"name": "platinum chemotherapy"},
    ]
    assert [one["name"] for one in row["with"]] == ["pemetrexed", "platinum chemotherapy"]


def test_use_of_two_medicines_is_told_once_and_by_both(client):
    """The medicine first in the regimen is `drug`, wherever the decision is read."""
    for folder, slug in (("drugs", "nivolumab"), ("cancers", "melanoma")):
        rows = get(client, f"/api/v1/{folder}/{slug}/")["indications"]
        (row,) = (row for row in rows if row["key"] == "fda-melanoma-ipilimumab-advanced")
        assert [one["slug"] for one in row["regimen"]] == ["nivolumab", "ipilimumab"]
        assert (row["drug"]["slug"], row["with"][0]["slug"]) == ("nivolumab", "ipilimumab")


def test_cancer_is_told_in_full(client):
    data = get(client, "/api/v1/cancers/melanoma/")
    assert data["icd10"] == ["C43"]
    assert {row["cancer"]["slug"] for row in data["indications"]} == {"melanoma"}
    assert all(set(row) == {"slug", "name"} for row in data["biomarkers"])
    assert all(set(row) == {"slug", "name", "urgency", "how_common"} for row in data["side_effects"])


def test_side_effect_is_told_in_full(client):
    data = get(client, "/api/v1/side-effects/lung-inflammation/")
    assert data["urgency"] == "emergency"
    # As its badge: its file says "routine", a sign on its page is an emergency.
    assert get(client, "/api/v1/side-effects/fatigue/")["urgency"] == "emergency"
    assert client.get("/side-effects/fatigue/").content.decode().count("urgency-badge urgency-emergency") == 1
    assert data["body_system"] == "lungs"
    assert data["symptoms"]
    assert set(data["act"]) == {"emergency", "same_day", "routine"}
    assert data["act"]["emergency"]
    stored = SideEffectOccurrence.objects.approved().filter(side_effect__slug="lung-inflammation")
    assert len(data["occurrences"]) == stored.count()
    for row in data["occurrences"]:
        assert set(row) == {
            "side_effect", "treatment", "counts", "given_with", "how_common", "percent_any", "percent_severe", "people",
            "context", "sources",
        }  # fmt: skip


def test_words_beside_a_medicine_stay_as_they_are(client):
    """ "GM CSF" is nothing that anybody looks for."""
    lungs = SideEffect.objects.get(slug="lung-inflammation")
    create_occurrence(side_effect=lungs, given_with=["GM-CSF", "nivolumab"], percent_any="77")
    page_cache.generation.start_new()
    rows = get(client, "/api/v1/side-effects/lung-inflammation/")["occurrences"]
    (given_with,) = (row["given_with"] for row in rows if row["percent_any"] == 77)
    assert [one["name"] for one in given_with] == ["GM-CSF", "Nivolumab"]


def test_one_source(client):
    data = get(client, "/api/v1/sources/fda-keytruda-label/")
    assert set(data) == SOURCE
    assert data["publisher"] == Source.objects.get(key="fda-keytruda-label").publisher


# --- Languages, addresses, refusals --------------------------------------------------------------------------


def test_other_languages_are_asked_for_by_parameter(client):
    assert get(client, "/api/v1/drugs/?language=he") == {"license": "", "count": 0, "results": []}
    assert get(client, "/api/v1/drugs/pembrolizumab/?language=he", 404) == {"detail": "Not Found"}


def test_translation_gives_its_own_address(client, editor):
    english = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    values = {
        field.name: getattr(english, field.name)
        for field in english._meta.concrete_fields
        if field.name not in ("id", "language")
    }
    content = DrugContent.objects.with_user(editor).create(**values, language="he")
    content.versions.get().publish(editor)
    data = get(client, "/api/v1/drugs/pembrolizumab/?language=he")
    assert data["url"] == f"{SITE}/he/drugs/pembrolizumab/"
    listed = get(client, "/api/v1/drugs/?language=he")["results"]
    assert [row["url"] for row in listed] == [f"{SITE}/he/drugs/pembrolizumab/"]


def test_answers_do_not_follow_the_browsers_language(client):
    response = client.get("/api/v1/drugs/", headers={"accept-language": "he"})
    assert json.loads(response.content)["count"] > 0
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/", 404),
        ("/api/v1/made-up/", 404),
        ("/api/v1/drugs/made-up/", 404),
        ("/api/v1/sources/made-up/", 404),
        ("/api/v1/drugs/pembrolizumab/more/", 404),
        ("/api/v2/drugs/", 404),
        ("/api/v1/drugs/?language=xx", 422),
        ("/api/v1/drugs/?language=%00", 422),
        ("/api/v1/drugs/PEMBROLIZUMAB/", 422),
        ("/api/v1/drugs/%00/", 422),
        ("/api/v1/drugs/" + "a" * 3000 + "/", 422),
        ("/api/v1/drugs/%F0%9F%99%82/", 422),
    ],
)
def test_refusal_is_json_too(client, path, status):
    assert "detail" in get(client, path, status)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client, method):
    assert getattr(client, method)("/api/v1/drugs/").status_code == 405


def test_renamed_entry_is_found_at_its_new_address(client):
    FormerSlug.objects.create(folder="drugs", slug="pembro", new_slug="pembrolizumab")
    response = client.get("/api/v1/drugs/pembro/?language=en", headers={"authorization": "Test"})
    assert response.status_code == 301
    assert response["Location"] == "/api/v1/drugs/pembrolizumab/?language=en"


# --- Only what is public -------------------------------------------------------------------------------------


def test_drafts_never_come_out(client, editor, settings):
    settings.CLINICAL_REVIEW = "required"
    public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    draft = public.versions.get().copy(editor).content
    draft.summary = "Nobody has seen this."
    draft.save()
    assert "Nobody has seen this." not in json.dumps(get(client, "/api/v1/drugs/pembrolizumab/"))
    for model in content_models().values():
        for content in model.objects.all():
            content.versions.get().unpublish(editor)
    for folder, slug in ONE.items():
        assert get(client, f"/api/v1/{folder}/") == {"license": "", "count": 0, "results": []}
        get(client, f"/api/v1/{folder}/{slug}/", 404)


def test_draft_of_a_fact_never_comes_out(client, editor):
    fact = Indication.objects.approved().filter(members__drug__slug="pembrolizumab").first()
    before = get(client, "/api/v1/drugs/pembrolizumab/")["indications"]
    draft = fact.propose(by=editor)
    draft.texts.update(condition="Nobody has approved this.")
    assert get(client, "/api/v1/drugs/pembrolizumab/")["indications"] == before


# --- Cost ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "slug"), ONE.items())
def test_number_of_queries_is_small(client, folder, slug):
    for path, most in ((f"/api/v1/{folder}/", 3), (f"/api/v1/{folder}/{slug}/", 22)):
        get(client, path)
        with CaptureQueriesContext(connection) as queries:
            get(client, path)
        assert len(queries) <= most, path


def test_second_visit_costs_no_query(client, django_assert_num_queries):
    first = client.get("/api/v1/cancers/melanoma/")
    with django_assert_num_queries(0):
        second = client.get("/api/v1/cancers/melanoma/")
    assert second.content == first.content
    assert second["Cache-Control"] == "public, max-age=60, stale-if-error=3600"


# --- Documentation -------------------------------------------------------------------------------------------


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for part in value.values() for found in references(part)]
    return [found for part in value for found in references(part)] if isinstance(value, list) else []


def test_openapi_describes_every_address_and_resolves(client):
    data = get(client, "/api/v1/openapi.json")
    assert data["openapi"].startswith("3.")
    assert set(data["paths"]) == {
        f"/api/v1/{folder}/{rest}" for folder in [*ONE, "sources", "signs"] for rest in ("", "{slug}/")
    } | {f"/api/v1/{name}" for name in ("results/", "uses/", "coverage/", "changes/", "all.zip")}
    ids = [method["operationId"] for path in data["paths"].values() for method in path.values()]
    assert len(ids) == len(set(ids)) == 21
    for reference in references(data):
        target = data
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        assert target
    names = data["components"]["schemas"]["IndicationOut"]["properties"]
    assert set(names) == INDICATION


def test_documentation_loads_nothing_from_elsewhere(client):
    text = client.get("/api/v1/docs").content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=", text)
    assert '"validatorUrl": null' in text.replace("&quot;", '"')
    assert '<html lang="en">' in text


# --- Lists of facts, changes, all of it ----------------------------------------------------------------------


def test_uses_are_those_of_the_entries(client):
    listed = get(client, "/api/v1/uses/?drug=pembrolizumab")
    assert {row["key"]: row for row in listed["results"]} == {
        row["key"]: row for row in get(client, "/api/v1/drugs/pembrolizumab/")["indications"]
    }
    assert {key for row in listed["results"] for key in row["sources"]} == {
        source["key"] for source in listed["sources"]
    }
    every = get(client, "/api/v1/uses/")
    assert every["count"] == Indication.objects.approved().count() > listed["count"]
    assert {row["cancer"]["slug"] for row in get(client, "/api/v1/uses/?cancer=melanoma")["results"]} == {
        "melanoma"
    }


def test_coverage_is_that_of_the_medicines(client):
    listed = get(client, "/api/v1/coverage/?drug=pembrolizumab")["results"]
    of_drug = get(client, "/api/v1/drugs/pembrolizumab/")["coverage"]
    assert [{name: value for name, value in row.items() if name != "drug"} for row in listed] == of_drug
    assert {row["drug"]["slug"] for row in listed} == {"pembrolizumab"}


def test_unknown_cancer_has_no_uses(client):
    assert get(client, "/api/v1/uses/?cancer=made-up")["results"] == []
    assert "detail" in get(client, "/api/v1/uses/?cancer=A%00", 422)
    for day in ("yesterday", "0", "2026-13-01", "%00"):
        assert "detail" in get(client, f"/api/v1/changes/?since={day}", 422)


def test_license_is_that_of_the_profile(client):
    SiteProfile.objects.update_or_create(pk=1, defaults={"data_license": "CC BY 4.0"})
    for path in ("drugs/", "drugs/pembrolizumab/", "uses/", "results/", "signs/", "coverage/", "changes/"):
        assert get(client, f"/api/v1/{path}")["license"] == "CC BY 4.0", path


def test_changes_tell_what_came_and_what_went(client, editor):
    public = DrugContent.objects.get(entry__slug="nivolumab", language="en")
    public.versions.get().unpublish(editor)
    fact = Sign.objects.approved().first()
    Sign.objects.filter(pk=fact.pk).retire(by=editor, reason="Wrong.", now=datetime.date(2026, 11, 20))
    told = {(row["what"], row["kind"], row["key"]): row for row in get(client, "/api/v1/changes/")["results"]}
    assert ("published", "drug", "pembrolizumab") in told
    assert ("withdrawn", "drug", "pembrolizumab") not in told
    assert ("withdrawn", "drug", "nivolumab") in told
    assert told["taken off", "sign", fact.key]["note"] == "Wrong."
    assert told["taken off", "sign", fact.key]["on"] == "2026-11-20"
    assert get(client, "/api/v1/changes/?since=2999-01-01")["results"] == []


def test_changes_since_a_day_are_those_of_that_day_and_later(client, editor):
    for day, kind in ((21, Sign), (19, Indication)):
        fact = kind.objects.approved().first()
        now = datetime.date(2026, 11, day)
        kind.objects.filter(pk=fact.pk).retire(by=editor, reason="Wrong.", now=now)
    create_page(slug="goneumab", by=editor)
    DrugContent.objects.get(entry__slug="goneumab").versions.get().unpublish(editor)
    every = get(client, "/api/v1/changes/")["results"]
    assert {row["what"] for row in every} == {"published", "withdrawn", "approved", "taken off"}
    days = sorted({row["on"] for row in every})
    assert len(days) > 2
    for day in days:
        later = [row for row in every if row["on"] >= day]
        assert get(client, f"/api/v1/changes/?since={day}")["results"] == later


def test_changes_are_found_by_the_database_and_of_facts_their_words_are_not_read(client):
    get(client, "/api/v1/changes/?since=2999-01-01")
    with CaptureQueriesContext(connection) as asked:
        list_changes(None, since=datetime.date(2999, 1, 1))
    assert len(asked) == 2 * len(content_models()) + len(FACT_MODELS)
    assert all("2999-01-01" in query["sql"] for query in asked)
    assert not any("created_at" in query["sql"] for query in asked)


def test_changes_are_asked_for_again_by_their_etag(client):
    first = client.get("/api/v1/changes/")
    page_cache.generation.start_new()
    again = client.get("/api/v1/changes/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_all_of_it_is_one_file_with_what_the_addresses_answer(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert get(client, "/api/v1/all.zip", 404) == {"detail": "Not Found"}
    call_command("write_open_data", stdout=io.StringIO())
    answer = client.get("/api/v1/all.zip")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    drugs = json.loads(packed.read("en/drugs.json"))
    assert get(client, "/api/v1/drugs/pembrolizumab/") in drugs
    assert json.loads(packed.read("en/uses.json")) == get(client, "/api/v1/uses/")
    assert json.loads(packed.read("he/drugs.json")) == []
    assert {"about.json", "sources.json", "en/signs.json", "en/results.json"} <= set(packed.namelist())
    answer.close()


@pytest.mark.parametrize("what", ["entry", "fact"])
def test_file_that_holds_what_was_withdrawn_is_handed_out_no_more(client, editor, settings, tmp_path, what):
    settings.DATA_DIR = tmp_path
    call_command("write_open_data", stdout=io.StringIO())
    before = client.get("/api/v1/all.zip")
    if what == "entry":
        DrugContent.objects.get(entry__slug="pembrolizumab").versions.get().unpublish(editor)
    else:
        rows = Indication.objects.filter(pk=Indication.objects.approved()[0].pk)
        rows.retire(by=editor, reason="Wrong.", now=datetime.date.today())
    page_cache.generation.start_new()
    get(client, "/api/v1/all.zip", 404)
    call_command("write_open_data", stdout=io.StringIO())
    answer = client.get("/api/v1/all.zip")
    assert (before.status_code, answer.status_code) == (200, 200)
    before.close()
    answer.close()


@pytest.mark.parametrize("path", ["drugs/", "drugs/made-up/", "drugs/?language=xx", "changes/"])
def test_pages_of_other_sites_may_read_it(client, path):
    for answer in (client.get(f"/api/v1/{path}"), client.options(f"/api/v1/{path}")):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Origin" not in client.get("/drugs/pembrolizumab/")
