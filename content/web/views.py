"""The library's pages: fetch what is public, decide, respond."""

from __future__ import annotations

import string
from functools import partial
from itertools import groupby
from typing import IO, cast

import segno
from cms.models import PageContent
from cms.views import details as cms_details
from django.conf import settings
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext, override

from content import directory, prepared
from content.emergency import NUMBERS
from content.kinds import KINDS
from content.models import (
    Clinician,
    ClinicianPhoto,
    DrugContent,
    EntryContent,
    Fact,
    FormerSlug,
    GlossaryTerm,
    Leaflet,
    LeafletFile,
    PagePath,
    Picture,
    Question,
    Rendition,
    SideEffectContent,
    SideEffectOccurrence,
    Update,
    content_models,
)
from content.models.media import Media
from content.page import component, drawings, fact_changes, facts_shown, holding, languages, news, signs_shown
from content.page.decisions import decisions
from content.page.entry_page import EntryPage, public_entry
from content.page.story import WordsAbove
from content.search import asked_for, find
from content.search.suggest import names_in
from content.text.hints import Words
from content.web import structured_data

MOST_OPEN_UPDATES = 12  # more are folded by year, but for the newest

# --- Entries -----------------------------------------------------------------------------------------------


def entry_detail(request: HttpRequest, slug: str, *, kind: str) -> HttpResponse:
    """The published page of an entry; else its new address, its English page, or near names."""
    content = public_entry(kind, slug, get_language() or "en")
    if content is None:
        return _missing(request, slug, kind=kind)
    # Lets django CMS offer staff the toolbar for this entry.
    if hasattr(request, "toolbar"):
        request.toolbar.set_object(content)
    return render_entry(request, content)


class _EntryResponse(TemplateResponse):
    """The longest pages there are: sent without the indentation of the templates around their components, too."""

    @property
    def rendered_content(self) -> str:
        return component.tidied(super().rendered_content)


def render_entry(request: HttpRequest, content: EntryContent) -> TemplateResponse:
    """One version of an entry as readers see it: public, preview and the page for sign-off alike."""
    page = EntryPage(content)
    context = {
        "page": page,
        "breadcrumbs": _trail(content),
        "structured_data": structured_data.entry(page),
        "languages": _languages_of(content),
    }
    return _EntryResponse(request, content.get_template(), context)


def entry_code(request: HttpRequest, slug: str, *, kind: str) -> HttpResponse:
    """The address of a public entry as a code that a phone reads from paper."""
    if public_entry(kind, slug, get_language() or "en") is None:
        raise Http404
    code = segno.make(settings.SITE_URL + directory.address(kind, slug), micro=False)
    answer = HttpResponse(content_type="image/svg+xml")
    code.save(cast("IO[str]", answer), kind="svg", scale=4, omitsize=True)  # bytes, whatever its types say
    return answer


def clinician_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of somebody who stands on the page of the medical team."""
    shown = ClinicianPhoto.objects.filter(clinician__in=Clinician.objects.on_team_page())
    return HttpResponse(bytes(get_object_or_404(shown, pk=pk).webp), content_type="image/webp")


def picture(request: HttpRequest, pk: int, width: int) -> HttpResponse:
    """A picture of editors in one of its widths."""
    _must_be_shown(request, Picture, pk)
    # Not by `picture=pk`: Django hands a number that is too long for a key on to the database.
    webp = get_object_or_404(Rendition, picture__pk=pk, width=width).webp
    return HttpResponse(bytes(webp), content_type="image/webp")


def leaflet(request: HttpRequest, pk: int) -> HttpResponse:
    """A PDF of editors, to be kept."""
    _must_be_shown(request, Leaflet, pk)
    answer = HttpResponse(
        bytes(get_object_or_404(LeafletFile, leaflet__pk=pk).pdf), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'attachment; filename="leaflet-{pk}.pdf"'
    return answer


def _must_be_shown(request: HttpRequest, model: type[Media], pk: int) -> None:
    """On a public page; whoever works on the library also sees what is in drafts."""
    if model._default_manager.on_public_pages().filter(pk=pk).exists():
        return
    if not request.user.has_perm(f"content.view_{model._meta.model_name}"):
        raise Http404


def _trail(content: EntryContent) -> list[tuple[str, str]]:
    kind = content.entry.kind
    return [(gettext("Home"), "/"), (str(KINDS[kind].title), reverse(f"content:{kind}-list"))]


def _languages_of(content: EntryContent) -> list[dict[str, object]]:
    """The languages this entry is published in, for the switcher and hreflang."""
    model = type(content)
    published = prepared.ask(
        ("languages", model),
        lambda entry: model.objects.filter(Q(entry=entry)).values_list("language", flat=True),
        entry=content.entry_id,
    )
    return languages.links(published, content.get_absolute_url)


def _missing(request: HttpRequest, slug: str, *, kind: str) -> HttpResponse:
    moved = FormerSlug.objects.filter(folder=KINDS[kind].folder, slug=slug).first()
    if moved:
        return HttpResponsePermanentRedirect(directory.address(kind, moved.new_slug))
    english = content_models()[kind].objects.public(slug, "en").first()
    if english and get_language() != "en":
        with override("en"):
            context = {"english": english, "english_url": directory.address(kind, slug)}
        return TemplateResponse(request, "content/not_translated.html", context, status=404)
    if unwritten := holding.unwritten(kind, slug, get_language() or "en"):
        return _holding_page(request, unwritten)
    context = {"near": find.near(slug, language=get_language()), "asked_for": slug}
    return TemplateResponse(request, "404.html", context, status=404)


def _holding_page(request: HttpRequest, content: EntryContent) -> TemplateResponse:
    """What facts say of an entry without a page: found by readers, not by search engines."""
    context = {"page": holding.HoldingPage(content), "breadcrumbs": _trail(content)}
    return TemplateResponse(request, "content/holding.html", context)


# --- Lists ---------------------------------------------------------------------------------------------------


def entry_list(request: HttpRequest, *, kind: str) -> TemplateResponse:
    """Every entry of a kind, A to Z; planned ones without a link."""
    title = str(KINDS[kind].title)
    entries = directory.all_of(kind, get_language())
    by_letter = [
        (letter, list(group)) for letter, group in groupby(entries, key=lambda entry: entry.name[:1].upper())
    ]
    context = {
        "kind": kind,
        "title": title,
        "has_planned": any(entry.state == "planned" for entry in entries),
        "by_letter": by_letter,
        "letters": [(letter, letter in dict(by_letter)) for letter in string.ascii_uppercase],
        "breadcrumbs": [(gettext("Home"), "/")],
        "intro": WordsAbove(request, f"list-{kind}"),
        "structured_data": structured_data.listing(title, reverse(f"content:{kind}-list"), entries),
    }
    if kind == "cancer" and request.GET.get("by") != "name":
        context["by_body_part"] = drawings.by_body_part(entries)
    if kind == "side-effect":
        effects = signs_shown.with_badges()
        context |= {"by_body_system": _by_body_system(effects), "by_therapy": _by_therapy(effects)}
    return TemplateResponse(request, "content/list.html", context)


def _by_body_system(effects: list[SideEffectContent]) -> list[tuple[str, Words, list[SideEffectContent]]]:
    """(code, name, side effects): by part of the body."""
    rows = sorted(effects, key=lambda row: (row.body_system, row.name))
    return [
        (code, SideEffectContent.BodySystem(code).label, list(group))
        for code, group in groupby(rows, key=lambda row: row.body_system)
    ]


def _by_therapy(
    effects: list[SideEffectContent],
) -> list[tuple[directory.Listed, list[SideEffectContent]]]:
    """By the therapy that can cause them, or whose medicines can, as far as a fact says so."""
    of_medicine = (
        DrugContent.objects.in_language().filter(entry=OuterRef("drug")).values("therapy_class__slug")
    )
    facts = (
        SideEffectOccurrence.objects.approved()
        .order_by()
        .annotate(therapy=Coalesce("therapy_class__slug", Subquery(of_medicine[:1])))
    )
    caused: dict[directory.Key, set[str]] = {}
    for effect, therapy in facts.values_list("side_effect__slug", "therapy").distinct():
        if therapy:
            caused.setdefault(("therapy", therapy), set()).add(effect)
    listed = directory.look_up(caused, get_language())
    pairs = [
        (listed[key], sorted((row for row in effects if row.entry.slug in slugs), key=lambda row: row.name))
        for key, slugs in caused.items()
    ]
    return sorted((pair for pair in pairs if pair[1]), key=lambda pair: pair[0].name.casefold())


def question_list(request: HttpRequest) -> TemplateResponse:
    record = list(Question.objects.on_record().filter(language=get_language()))
    rows = [row for row in record if row.state == Fact.State.APPROVED]
    intro = WordsAbove(request, "list-question", also=[row.answer for row in rows])
    reading = intro.reading
    topics = [
        (Question.Topic(topic).label, topic, [(row, reading.block(row.answer)) for row in group])
        for topic, group in groupby(
            sorted(rows, key=lambda row: Question.Topic.values.index(row.topic)), key=lambda row: row.topic
        )
    ]
    context = {
        "topics": topics,
        "sources": reading.sources,
        "breadcrumbs": [(gettext("Home"), "/")],
        "intro": intro,
        "structured_data": structured_data.questions(rows),
        "unchecked": intro.leaves_unsaid(rows),
        "changes": fact_changes.of_list(record, reading),
    }
    return TemplateResponse(request, "content/questions.html", context)


def update_list(request: HttpRequest) -> TemplateResponse:
    """What people wrote and what regulators decided, by year; narrowed to a cancer or medicine by `?about=`."""
    record = list(Update.objects.on_record().filter(language=get_language()))
    notes = [row for row in record if row.state == Fact.State.APPROVED]
    lately = facts_shown.decided_lately()
    intro = WordsAbove(request, "list-update", also=[row.text for row in notes], beside=lately)
    reading = intro.reading
    told = news.in_order([*notes, *decisions(lately, reading, notes)])
    subjects = news.subjects(told, get_language() or "en")
    about = next((listed for listed in subjects if listed.link == request.GET.get("about")), None)
    if about:
        told = [one for one in told if about.link in one.about]
        lately = [row for row in lately if (about.kind, about.slug) in row.subjects]
    shown = [
        (one, reading.block(one.text) if isinstance(one, Update) else reading.numbers(one.source_keys))
        for one in told
    ]
    context = {
        "years": [
            (year, list(of_year))
            for year, of_year in groupby(shown, key=lambda pair: pair[0].happened_on.year)
        ],
        "number": len(told),
        "is_short": len(told) <= MOST_OPEN_UPDATES,
        "subjects": [
            (KINDS[kind].title, list(listed)) for kind, listed in groupby(subjects, key=lambda one: one.kind)
        ],
        "about": about,
        "is_unknown": bool(request.GET.get("about")) and about is None,
        "sources": reading.sources,
        "breadcrumbs": [(gettext("Home"), "/")],
        "intro": intro,
        "decided_since": str(facts_shown.DECIDED_SINCE.year),
        "unchecked": intro.leaves_unsaid(lately),
        "changes": fact_changes.of_list(record, reading),
    }
    return TemplateResponse(request, "content/updates.html", context)


def glossary(request: HttpRequest) -> TemplateResponse:
    record = list(GlossaryTerm.objects.on_record().filter(language=get_language()).select_related("source"))
    rows = [row for row in record if row.state == Fact.State.APPROVED]
    intro = WordsAbove(request, "list-glossary", also=[row.explanation for row in rows])
    reading = intro.reading
    terms = [
        (row, reading.block(row.explanation)) for row in sorted(rows, key=lambda row: row.term.casefold())
    ]
    context = {
        "by_letter": [
            (letter, list(group))
            for letter, group in groupby(terms, key=lambda pair: pair[0].term[:1].upper())
        ],
        "sources": reading.sources,
        "breadcrumbs": [(gettext("Home"), "/")],
        "intro": intro,
        "unchecked": intro.leaves_unsaid(rows),
        "changes": fact_changes.of_list(record, reading),
    }
    return TemplateResponse(request, "content/glossary.html", context)


def emergency_numbers(request: HttpRequest) -> TemplateResponse:
    """In every language, whatever editors have written: a care card leads here."""
    context = {
        "numbers": sorted(NUMBERS, key=lambda row: row.in_words.casefold()),
        "breadcrumbs": [(gettext("Home"), "/")],
        "languages": languages.of_view("content:emergency-numbers"),
    }
    return TemplateResponse(request, "content/emergency_numbers.html", context)


def search_results(request: HttpRequest) -> TemplateResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()[: find.LONGEST_QUERY]
    kind = request.GET.get("kind", "")
    found = find.page_of(query, language=get_language(), kind=kind, number=_page_number(request))
    results = found.results
    context = {
        "query": query,
        "kind": kind if kind in find.kinds() else "",
        "kinds": find.kinds(),
        "found": found,
        "results": results,
        "asked_as": results[0].asked_as if results else "",
        "is_offer": bool(results and results[0].is_offer),
        "breadcrumbs": [(gettext("Home"), "/")],
    }
    response = TemplateResponse(request, "content/search.html", context)
    if query and not kind and found.number == 1 and not request.user.is_staff:
        count = partial(asked_for.count, query, get_language() or "en", found=bool(found.total))
        count()
        vars(response)["each_time"] = count  # also whenever the page cache hands it out again
    return response


def suggest(request: HttpRequest) -> JsonResponse:
    """The names to choose from while typing. Takes no question: what is typed stays on the device."""
    names = names_in(get_language() or "en", max(1, _page_number(request, "part")))
    return JsonResponse(names, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


def _page_number(request: HttpRequest, name: str = "page") -> int:
    """What is no number is the first page."""
    asked = request.GET.get(name, "")
    return int(asked) if asked.isdecimal() and len(asked) < 6 else 1


def home(request: HttpRequest) -> HttpResponse:
    """The home page; where a language has none, the English one. Never the admin, where django CMS would send."""
    if request.user.is_staff or _home_in(get_language()):
        return cms_details(request, "")
    english = _home_in("en")
    if english is None:
        raise Http404
    context = {"english": english, "english_url": english.page.get_absolute_url("en")}
    return TemplateResponse(request, "content/not_translated.html", context, status=404)


def _home_in(language: str) -> PageContent | None:
    return PageContent.objects.filter(page__is_home=True, language=language).select_related("page").first()


def _english_page(path: str) -> dict[str, object]:
    """The English page at an address that another language does not have yet."""
    language = get_language()
    if language in (None, "en") or "\0" in path:  # PostgreSQL takes no NUL
        return {}
    bare = path.removeprefix(f"/{language}/").strip("/")
    pages = PageContent.objects.filter(language="en", page__urls__language="en", page__urls__path=bare)
    english = pages.exclude(page__reverse_id__startswith="list-").select_related("page").first()
    return {"english": english, "english_url": english.page.get_absolute_url("en")} if english else {}


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The new address of a page that was moved; else 404 with the names nearest to the last part of the address."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": "Not Found"}, status=404)
    language = get_language() or "en"
    if moved := PagePath.objects.new_address(request.path_info.removeprefix(f"/{language}/"), language):
        return HttpResponsePermanentRedirect(moved)
    if in_english := _english_page(request.path_info):
        return TemplateResponse(request, "content/not_translated.html", in_english, status=404).render()
    asked_for = request.path.strip("/").rpartition("/")[2][:80]
    if isinstance(exception, Http404) and asked_for:
        context = {"near": find.near(asked_for, language=get_language() or "en"), "asked_for": asked_for}
        return TemplateResponse(request, "404.html", context, status=404).render()
    return TemplateResponse(request, "404.html", {}, status=404).render()
