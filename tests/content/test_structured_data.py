"""What search engines are told, field by field, as it stands in the pages."""

import datetime
import json
import re
from html import unescape

import pytest
from cms.models import PageContent
from django.core.management import call_command

from content.models import (
    FACT_MODELS,
    Clinician,
    DrugContent,
    Fact,
    Indication,
    Publication,
    Question,
    SignOff,
    SiteProfile,
    Source,
)
from content.review import signing
from content.templatetags.content_tags import json_ld
from content.text import prose
from content.web import structured_data
from immuno_site import page_cache
from tests.factories import create_indication, create_page

pytestmark = pytest.mark.django_db

SITE = "https://testserver"
KINDS = {
    "/cancers/melanoma/": "MedicalCondition",
    "/therapies/pd-1-inhibitors/": "MedicalTherapy",
    "/drugs/pembrolizumab/": "Drug",
    "/side-effects/lung-inflammation/": "MedicalSignOrSymptom",
    "/biomarkers/pd-l1/": "MedicalTest",
    "/centers/sheba-medical-center/": "Hospital",
}


def graph_of(client, path: str) -> dict[str, dict]:
    """The page's one block, its nodes by type."""
    text = client.get(path).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert len(blocks) == 1, f"{path} has {len(blocks)} blocks"
    data = json.loads(blocks[0])
    assert data["@context"] == "https://schema.org"
    return {node["@type"]: node for node in data["@graph"]}


def empty_values(value: object) -> list[object]:
    """Every value that says nothing, however deep."""
    if isinstance(value, dict):
        return [found for part in value.values() for found in empty_values(part)] or [None] * (not value)
    if isinstance(value, list):
        return [found for part in value for found in empty_values(part)] or [None] * (not value)
    return [value] if value in ("", None) else []


@pytest.mark.parametrize(("path", "about"), KINDS.items())
def test_entry_says_what_it_is_about(client, path, about):
    nodes = graph_of(client, path)
    page = nodes["MedicalWebPage"]
    assert page["@id"] == page["url"] == SITE + path
    assert page["inLanguage"] == "en"
    assert page["name"] == page["about"]["name"]
    assert page["about"]["@type"] == about
    assert page["description"]
    assert page["about"]["@id"] == f"{SITE}{path}#about"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page["dateModified"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page["datePublished"])
    assert page["citation"]
    assert empty_values(nodes) == []


@pytest.mark.parametrize("path", KINDS)
def test_entry_has_its_trail(client, path):
    crumbs = graph_of(client, path)["BreadcrumbList"]["itemListElement"]
    folder = path.split("/")[1]
    assert [crumb["position"] for crumb in crumbs] == [1, 2, 3]
    assert [crumb["item"] for crumb in crumbs] == [f"{SITE}/", f"{SITE}/{folder}/", SITE + path]
    assert crumbs[0]["name"] == "Home"


def test_medicine_has_names_codes_and_class(client):
    content = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    about = graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]["about"]
    assert about["nonProprietaryName"] == content.name
    assert about["proprietaryName"] == content.brand_names
    assert about["alternateName"] == list(dict.fromkeys([*content.other_names, *content.brand_names]))
    assert {"@type": "MedicalCode", "codingSystem": "ATC", "codeValue": content.atc} in about["code"]
    assert {"@type": "MedicalCode", "codingSystem": "NCIt", "codeValue": content.ncit} in about["code"]
    assert about["drugClass"] == [
        {"@type": "DrugClass", "name": "PD-1 inhibitors", "url": f"{SITE}/therapies/pd-1-inhibitors/"}
    ]
    assert about["administrationRoute"] == content.route


def test_cancer_has_its_codes_and_current_medicines(client):
    about = graph_of(client, "/cancers/melanoma/")["MedicalWebPage"]["about"]
    assert {"@type": "MedicalCode", "codingSystem": "ICD-10", "codeValue": "C43"} in about["code"]
    medicine = {"@type": "Drug", "name": "Pembrolizumab", "url": f"{SITE}/drugs/pembrolizumab/"}
    assert medicine in about["drug"]


def test_withdrawn_use_is_no_treatment(client):
    """Only current uses count; a medicine all of whose uses in a cancer were withdrawn is left out."""
    drug = create_page().content.entry
    create_indication(drug=drug, status="withdrawn", withdrawn_on=datetime.date(2021, 2, 3))
    assert f"{SITE}/drugs/testumab/" not in medicines_of(client)
    create_indication(drug=drug, key="fda-other", setting="adjuvant")
    assert f"{SITE}/drugs/testumab/" in medicines_of(client)


def medicines_of(client) -> list[str]:
    page_cache.generation.start_new()
    about = graph_of(client, "/cancers/melanoma/")["MedicalWebPage"]["about"]
    return [medicine.get("url", "") for medicine in about["drug"]]


def test_side_effect_names_its_part_of_the_body(client):
    about = graph_of(client, "/side-effects/lung-inflammation/")["MedicalWebPage"]["about"]
    assert about["associatedAnatomy"] == {"@type": "AnatomicalSystem", "name": "Lungs"}


def test_center_says_where_it_is(client):
    about = graph_of(client, "/centers/sheba-medical-center/")["MedicalWebPage"]["about"]
    assert about["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Ramat Gan",
        "addressCountry": "IL",
    }
    assert about["url"].startswith("https://")


def test_citations_are_the_sources_of_the_text_in_their_order_on_the_page(client):
    """Those of facts stand in the list at the foot alone: a page of sixty uses has a hundred."""
    numbered = re.findall(
        r'<li id="source-\d+"[^>]*>\s*<a [^>]*href="([^"]+)"',
        client.get("/drugs/pembrolizumab/").content.decode(),
    )
    text = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    cited = {key for part in text.markdown for key in prose.citation_keys(part)}
    of_text = {source.url for source in Source.objects.filter(key__in=cited)}
    citations = graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]["citation"]
    assert [one["url"] for one in citations] == [url for url in map(unescape, numbered) if url in of_text]
    assert 0 < len(citations) < len(numbered)
    assert {one["@type"] for one in citations} <= {"ScholarlyArticle", "WebPage"}


def test_paper_is_an_article_and_a_label_is_a_page():
    paper = Source(title="T", publisher="P", url="https://example.org/", kind=Source.Kind.PAPER)
    label = Source(title="T", publisher="P", url="https://example.org/", kind=Source.Kind.LABEL)
    assert structured_data._citation(paper)["@type"] == "ScholarlyArticle"
    assert structured_data._citation(label)["@type"] == "WebPage"


# --- Review --------------------------------------------------------------------------------------------------


def sign(slug: str, by: Clinician, *, due: datetime.date) -> None:
    """As if the public version had been signed off before it was published."""
    content = DrugContent.objects.get(entry__slug=slug, language="en")
    version = content.versions.get()
    row = SignOff.objects.create(
        version=version,
        reviewer=by,
        signed_on=datetime.date(2026, 1, 5),
        next_review_due=due,
        digest=signing.digest(content),
        digest_format=signing.DIGEST_FORMAT,
    )
    Publication.objects.filter(version=version).update(sign_off=row)
    for model in FACT_MODELS:
        model.objects.approved().update(review_state=Fact.Review.REVIEWED, reviewer=by)


def test_unreviewed_page_claims_no_review(client):
    page = graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]
    assert "lastReviewed" not in page
    assert "reviewedBy" not in page


def test_reviewed_page_names_who_and_when(client, reviewer):
    sign("pembrolizumab", reviewer, due=datetime.date(2036, 1, 1))
    page = graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]
    assert page["lastReviewed"] == "2026-01-05"
    assert page["reviewedBy"] == {"@type": "Person", "name": "Test Reviewer", "jobTitle": "Oncologist"}


def test_overdue_page_still_names_its_last_review(client, reviewer):
    sign("pembrolizumab", reviewer, due=datetime.date(2026, 2, 1))
    page = graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]
    assert page["lastReviewed"] == "2026-01-05"


def test_unreviewed_fact_on_the_page_takes_the_review_away(client, reviewer):
    sign("pembrolizumab", reviewer, due=datetime.date(2036, 1, 1))
    fact = Indication.objects.approved().filter(members__drug__slug="pembrolizumab").first()
    Indication.objects.filter(pk=fact.pk).update(review_state=Fact.Review.UNREVIEWED, reviewer=None)
    page = graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]
    assert "lastReviewed" not in page
    assert "reviewedBy" not in page


def test_sign_off_of_a_demo_account_is_no_review(client, reviewer):
    Clinician.objects.filter(pk=reviewer.pk).update(is_demo=True)
    sign("pembrolizumab", reviewer, due=datetime.date(2036, 1, 1))
    assert "reviewedBy" not in graph_of(client, "/drugs/pembrolizumab/")["MedicalWebPage"]


# --- Other pages ---------------------------------------------------------------------------------------------


def test_questions_are_given_with_plain_answers(client):
    page = graph_of(client, "/questions/")["FAQPage"]
    rows = Question.objects.approved().filter(language="en")
    assert len(page["mainEntity"]) == rows.count()
    first = page["mainEntity"][0]
    assert first["name"] in set(rows.values_list("question", flat=True))
    assert first["@id"].startswith(f"{SITE}/questions/#")
    assert first["acceptedAnswer"]["@type"] == "Answer"
    assert not any(mark in first["acceptedAnswer"]["text"] for mark in ("[@", "](", "**"))
    assert page["inLanguage"] == "en"


def test_site_tells_how_to_search_it():
    nodes = {node["@type"]: node for node in structured_data.home(SiteProfile(), name="A name")["@graph"]}
    assert set(nodes) == {"WebSite"}
    assert nodes["WebSite"]["name"] == "A name"
    assert nodes["WebSite"]["potentialAction"] == {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{SITE}/search/?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    assert "publisher" not in nodes["WebSite"]


def test_organization_is_told_with_what_its_profile_holds():
    profile = SiteProfile(organization="A clinic", phone="+1", license_number="7", emergency_numbers=[])
    nodes = {node["@type"]: node for node in structured_data.home(profile, name="A name")["@graph"]}
    assert nodes["Organization"] == {
        "@type": "Organization",
        "@id": f"{SITE}/#organization",
        "name": "A clinic",
        "url": f"{SITE}/",
        "telephone": "+1",
        "identifier": {"@type": "PropertyValue", "propertyID": "license", "value": "7"},
    }
    assert nodes["WebSite"]["publisher"]["@id"] == f"{SITE}/#organization"


def test_nobody_is_told_while_the_profile_is_empty():
    assert structured_data.organization(SiteProfile()) is None


def test_list_names_the_entries_that_have_a_page(client):
    nodes = graph_of(client, "/drugs/")
    items = nodes["CollectionPage"]["mainEntity"]
    assert (
        items["numberOfItems"]
        == len(items["itemListElement"])
        == DrugContent.objects.filter(language="en").count()
    )
    assert f"{SITE}/drugs/pembrolizumab/" in [item["url"] for item in items["itemListElement"]]
    assert [crumb["item"] for crumb in nodes["BreadcrumbList"]["itemListElement"]] == [
        f"{SITE}/",
        f"{SITE}/drugs/",
    ]


def test_text_cannot_end_the_block():
    hostile = "</script><script>alert(1)</script> & <!--"
    block = json_ld({"name": hostile})
    inside = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set("<>&") & set(inside)
    assert json.loads(inside) == {"name": hostile}


# --- CMS pages -----------------------------------------------------------------------------------------------


@pytest.fixture
def pages(db) -> None:
    call_command("build_pages", verbosity=0)


def test_home_tells_of_the_site(client, pages):
    nodes = graph_of(client, "/")
    assert nodes["WebSite"]["url"] == f"{SITE}/"
    assert nodes["WebSite"]["name"]


def test_story_page_gives_its_trail_dates_and_sources(client, pages):
    content = PageContent.objects.filter(page__reverse_id="how-it-works", language="en").get()
    path = content.get_absolute_url()
    nodes = graph_of(client, path)
    page = nodes["MedicalWebPage"]
    assert page["url"] == SITE + path
    assert page["name"] == content.title
    assert page["dateModified"]
    assert page["citation"]
    assert "reviewedBy" not in page
    assert nodes["BreadcrumbList"]["itemListElement"][-1]["item"] == SITE + path
