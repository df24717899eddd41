"""What search engines are told: schema.org terms for each kind of page.

One graph a page. It says nothing the page does not say; a review only if it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cms.models import PageContent
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext

from content import directory
from content.kinds import KINDS
from content.models import (
    BiomarkerContent,
    CancerTypeContent,
    DrugContent,
    EntryContent,
    Indication,
    Question,
    SideEffectContent,
    SiteProfile,
    Source,
    TherapyClassContent,
    TreatmentCenterContent,
)
from content.page.reading import NumberedSource
from content.text import prose

if TYPE_CHECKING:
    from content.models import Publication
    from content.page.entry_page import EntryPage
    from content.page.story import StoryFoot
    from content.review.standing import Review

Node = dict[str, object]
Trail = Iterable[tuple[str, str]]  # (name, address), from the home page down

_ARTICLES = frozenset({Source.Kind.PAPER, Source.Kind.GUIDELINE})
_COUNTS = frozenset({"reviewed", "overdue"})


def entry(page: EntryPage) -> Node:
    """The page of one entry: what it is about, on which sources, who checked it."""
    content = page.content
    url = _url(content.get_absolute_url())
    about = {**_about(page), "name": content.name, "description": content.summary}
    names = list(dict.fromkeys([*content.other_names, *getattr(content, "brand_names", [])]))
    node = {
        **_page("MedicalWebPage", url, content.name, content.language),
        "description": content.summary,
        "about": _filled({**about, "@id": f"{url}#about", "alternateName": names}),
        **_publishing(page.publications),
        **_reviewing(page.review, page.publications, content.pk),
        # Of its sentences: those of facts stand in the list at the foot, a hundred of a medicine's.
        "citation": _citations(source for source in page.sources if source.source.key in page.cited_in_texts),
    }
    home, above = _home_crumb(), _list_crumb(content)
    return _graph(_filled(node), _breadcrumbs(url, [home, above, (content.name, content.get_absolute_url())]))


def story(content: PageContent, foot: StoryFoot, trail: Trail, profile: SiteProfile) -> Node:
    """A CMS page. Without a review of its own (contact, privacy) it makes no medical claim."""
    address = content.page.get_absolute_url(content.language)
    url = _url(address)
    review = foot.review
    node = {
        **_page("MedicalWebPage" if review else "WebPage", url, content.title, content.language),
        "description": content.meta_description or "",
        **_publishing(foot.publications),
        **(_reviewing(review, foot.publications, content.pk) if review else {}),
        "citation": _citations(foot.sources),
        **_publisher(profile),
    }
    return _graph(_filled(node), _breadcrumbs(url, [*trail, (content.title, address)]))


def home(profile: SiteProfile, *, name: str) -> Node:
    """The site itself, how to search it, and what it says of who runs it."""
    url = _url(reverse("pages-root"))
    search = _url(reverse("content:search"))
    site = {
        "@type": "WebSite",
        "@id": f"{url}#site",
        "url": url,
        "name": profile.organization or name,
        "inLanguage": get_language(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
        **_publisher(profile),
    }
    return _graph(site, *filter(None, [organization(profile)]))


def listing(title: str, address: str, entries: Iterable[directory.Listed]) -> Node:
    """A list, with the entries that have a page."""
    url = _url(address)
    items = [
        {"@type": "ListItem", "position": position, "name": entry.name, "url": _url(entry.url)}
        for position, entry in enumerate((entry for entry in entries if entry.state == "written"), start=1)
    ]
    page = {
        **_page("CollectionPage", url, title, get_language()),
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }
    return _graph(page, _breadcrumbs(url, [_home_crumb(), (title, address)]))


def questions(rows: list[Question]) -> Node:
    """Every question with its answer, as plain words."""
    address = reverse("content:question-list")
    url, title = _url(address), gettext("Questions and answers")
    page = {
        **_page("FAQPage", url, title, get_language()),
        "mainEntity": [
            {
                "@type": "Question",
                "@id": f"{url}#{row.slug}",
                "name": row.question,
                "acceptedAnswer": {"@type": "Answer", "text": prose.plain(row.answer)},
            }
            for row in rows
        ],
    }
    return _graph(page, _breadcrumbs(url, [_home_crumb(), (title, address)]))


def organization(profile: SiteProfile) -> Node | None:
    """Who runs the site, with what the profile holds and nothing else."""
    if not profile.organization:
        return None
    license_of: Node = {
        "@type": "PropertyValue",
        "propertyID": "license",
        "value": profile.license_number,
        "url": profile.register_url,
    }
    return _filled(
        {
            "@type": "Organization",
            "@id": _organization_id(),
            "name": profile.organization,
            "url": f"{settings.SITE_URL}/",
            "description": profile.about,
            "telephone": profile.phone,
            "email": profile.email,
            "address": profile.address,
            "identifier": _filled(license_of) if profile.license_number else "",
        }
    )


# --- What a page is about ------------------------------------------------------------------------------------


def _about_cancer(content: CancerTypeContent, page: EntryPage) -> Node:
    current = [fact for fact in page.facts if isinstance(fact, Indication) and fact.is_current]
    medicines = {slug for fact in current for slug in fact.drugs}
    markers = {need.biomarker.slug for fact in current for need in fact.requirements.all()}
    return {
        "code": _codes(("ICD-10", content.icd10), ("NCIt", content.ncit)),
        "drug": _mentions("Drug", page, "drug", medicines),
        "typicalTest": _mentions("MedicalTest", page, "biomarker", markers),
    }


def _about_therapy(content: TherapyClassContent, page: EntryPage) -> Node:
    current = [fact for fact in page.facts if isinstance(fact, Indication) and fact.is_current]
    medicines = {slug for fact in current for slug in fact.drugs} & directory.medicines_of(content)
    return {
        "code": _codes(("NCIt", content.ncit)),
        "drug": _mentions("Drug", page, "drug", medicines),
    }


def _class_of(content: DrugContent) -> set[str]:
    """A draft may have none yet."""
    return {content.therapy_class.slug} if content.therapy_class else set()


def _about_drug(content: DrugContent, page: EntryPage) -> Node:
    return {
        "nonProprietaryName": content.name,
        "proprietaryName": content.brand_names,
        "code": _codes(("ATC", content.atc), ("NCIt", content.ncit)),
        "drugClass": _mentions("DrugClass", page, "therapy", _class_of(content)),
        "administrationRoute": content.route,
    }


def _about_side_effect(content: SideEffectContent) -> Node:
    return {
        "code": _codes(("CTCAE", content.ctcae)),
        "associatedAnatomy": {"@type": "AnatomicalSystem", "name": content.get_body_system_display()},
    }


def _about_biomarker(content: BiomarkerContent) -> Node:
    return {"code": _codes(("NCIt", content.ncit))}


def _about_center(content: TreatmentCenterContent) -> Node:
    return {
        "url": content.website,
        "address": {
            "@type": "PostalAddress",
            "addressLocality": content.city,
            "addressCountry": content.country,
        },
    }


def _about(page: EntryPage) -> Node:
    return {"@type": KINDS[page.content.entry.kind].schema_type, **_own(page)}


def _own(page: EntryPage) -> Node:
    """What a kind has to say beside its name; others have nothing."""
    match page.content:
        case CancerTypeContent() as cancer:
            return _about_cancer(cancer, page)
        case TherapyClassContent() as therapy:
            return _about_therapy(therapy, page)
        case DrugContent() as drug:
            return _about_drug(drug, page)
        case SideEffectContent() as side_effect:
            return _about_side_effect(side_effect)
        case BiomarkerContent() as biomarker:
            return _about_biomarker(biomarker)
        case TreatmentCenterContent() as center:
            return _about_center(center)
    return {}


def _codes(*systems: tuple[str, str | list[str]]) -> list[Node]:
    return [
        {"@type": "MedicalCode", "codingSystem": system, "codeValue": code}
        for system, codes in systems
        for code in (codes if isinstance(codes, list) else [codes])
        if code
    ]


def _mentions(kind_of_thing: str, page: EntryPage, kind: str, slugs: Iterable[str]) -> list[Node]:
    """Other entries by name, with the address of those that have a page."""
    listed = sorted((page.entry(kind, slug) for slug in slugs), key=lambda listed: listed.name)
    return [
        _filled({"@type": kind_of_thing, "name": one.name, "url": _url(one.url) if one.url else ""})
        for one in listed
    ]


# --- What every page says ------------------------------------------------------------------------------------


def _graph(*nodes: Node) -> Node:
    return {"@context": "https://schema.org", "@graph": list(nodes)}


def _page(kind: str, url: str, name: str, language: str | None) -> Node:
    return {"@type": kind, "@id": url, "url": url, "name": name, "inLanguage": language}


def _publishing(publications: list[Publication]) -> Node:
    """Newest publication first, as pages keep them. A draft has none."""
    if not publications:
        return {}
    return {
        "datePublished": timezone.localdate(publications[-1].published_at).isoformat(),
        "dateModified": timezone.localdate(publications[0].published_at).isoformat(),
    }


def _reviewing(review: Review, publications: list[Publication], version: int) -> Node:
    """The last review and who made it, only where the page itself says so."""
    own = next((row.sign_off for row in publications if row.version.object_id == version), None)
    if review.status not in _COUNTS or own is None:
        return {}
    person: Node = {
        "@type": "Person",
        "name": own.reviewer.name,
        "jobTitle": own.reviewer.role,
        "url": own.reviewer.register_url,
    }
    return {"lastReviewed": own.signed_on.isoformat(), "reviewedBy": _filled(person)}


def _citations(sources: Iterable[NumberedSource]) -> list[Node]:
    return [_citation(numbered.source) for numbered in sources]


def _citation(source: Source) -> Node:
    """By its address: the list at the foot of the page says the rest, and saying it twice was a tenth of the page."""
    return {"@type": "ScholarlyArticle" if source.kind in _ARTICLES else "WebPage", "url": source.url}


def _publisher(profile: SiteProfile) -> Node:
    """By name; what else is known of it stands on the home page."""
    if not profile.organization:
        return {}
    return {"publisher": {"@type": "Organization", "@id": _organization_id(), "name": profile.organization}}


def _organization_id() -> str:
    return f"{settings.SITE_URL}/#organization"


def _breadcrumbs(url: str, trail: Trail) -> Node:
    return {
        "@type": "BreadcrumbList",
        "@id": f"{url}#breadcrumbs",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": str(name), "item": _url(address)}
            for position, (name, address) in enumerate(trail, start=1)
        ],
    }


def _home_crumb() -> tuple[str, str]:
    return gettext("Home"), reverse("pages-root")


def _list_crumb(content: EntryContent) -> tuple[str, str]:
    kind = KINDS[content.entry.kind]
    return str(kind.title), reverse(f"content:{kind.name}-list")


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _filled(node: Node) -> Node:
    """Without what is not known: an empty value would be a statement."""
    return {name: value for name, value in node.items() if value not in ("", None, [], {})}
