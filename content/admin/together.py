"""Many texts at once: looked through, replaced, given a new date, published; each change can be undone."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeAlias

from cms.models import PageContent
from cms.toolbar.utils import get_object_preview_url
from django import forms
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content import edition
from content.account import signed_in
from content.admin import form_address
from content.admin.read_only import ReadOnlyAdmin
from content.admin.source import look_in_words
from content.models import BulkChange, BulkDraft, Coverage, EntryContent, Fact, Source
from content.review import gate, signing, texts, together, used, workflow
from content.review.texts import Whole, name_of
from content.text.hints import HandedOn, Words

LONGEST_QUESTION = 200
MOST_FOUND = 100  # of each kind
TOKEN = re.compile(r"([0-9]{1,9})-([0-9]{1,18})")
# The content type of a text and its number.
Named: TypeAlias = tuple[int, int]


def address_of(row: Whole | Coverage) -> str:
    """Where staff work on it."""
    if isinstance(row, PageContent):
        return str(get_object_preview_url(row, language=row.language))
    return form_address.of(row)


def token_of(whole: Whole) -> str:
    """Names a text in a form."""
    return "{}-{}".format(*_named(whole))


def _named(whole: Whole) -> Named:
    return ContentType.objects.get_for_model(whole).pk, whole.pk


def wholes_of(tokens: Iterable[str]) -> list[Whole]:
    """The texts that these name; of what was changed since, the newest version."""
    named = [(int(said[1]), int(said[2])) for said in map(TOKEN.fullmatch, tokens) if said]
    newest = {kind: texts.newest_of(model, pks) for kind, model, pks in _by_kind(named)}
    wholes = [newest[kind][pk] for kind, pk in named if pk in newest.get(kind, ())]
    return list({(whole._meta.label, whole.pk): whole for whole in wholes}.values())


def _by_kind(named: Iterable[Named]) -> Iterator[tuple[int, type[models.Model], list[int]]]:
    """The texts and facts among these, kind by kind."""
    pks: dict[int, list[int]] = {}
    for kind, pk in named:
        pks.setdefault(kind, []).append(pk)
    for kind, content_type in ContentType.objects.in_bulk(pks).items():
        model = content_type.model_class()
        if model and issubclass(model, (EntryContent, PageContent, Fact)):
            yield kind, model, pks[kind]


def _versions_of(named: Collection[Named]) -> dict[Named, Version]:
    """Each with its text and all that the gate asks of it."""
    asked = Q(pk__in=[])
    for kind, model, pks in _by_kind(named):
        if not issubclass(model, Fact):
            asked |= Q(content_type=kind, object_id__in=pks)
    versions = list(Version.objects.filter(asked))
    signing.load(versions)
    return {(version.content_type_id, version.object_id): version for version in versions}


def _facts_of(named: Iterable[Named]) -> dict[Named, Fact]:
    return {
        (kind, fact.pk): fact
        for kind, model, pks in _by_kind(named)
        if issubclass(model, Fact)
        for fact in model.objects.filter(pk__in=pks).with_everything()
    }


class ReplaceForm(forms.Form):
    """What is put in place of what was found."""

    by = forms.CharField(label=_("Replace by"), max_length=LONGEST_QUESTION, required=False, strip=False)
    note = forms.CharField(label=_("Change note"), max_length=250, help_text=_("Readers see it."))


class SourceForm(forms.Form):
    """The source that takes the place of another."""

    source = forms.CharField(
        label=_("Replace it by"),
        widget=forms.TextInput(
            attrs={
                "list": "sources",
                "autocomplete": "off",
                "data-find": reverse_lazy("admin:content_find_sources"),
            }
        ),
        help_text=_("Its key. Type a part of the key, title or publisher to choose from what fits."),
    )
    note = forms.CharField(
        label=_("Change note"),
        max_length=250,
        initial=_("A newer source was read."),
        help_text=_("Readers see it."),
    )

    def __init__(self, data: QueryDict | None, *, old: Source) -> None:
        super().__init__(data)
        self.old = old

    def clean_source(self) -> Source:
        key = self.cleaned_data["source"].strip()
        source = Source.objects.filter(key=key).first()
        if source is None:
            raise forms.ValidationError(_("There is no source %(key)s. Add it first."), params={"key": key})
        if source == self.old:
            raise forms.ValidationError(_("Choose another source."))
        return source


class CheckForm(forms.Form):
    """The day by which these texts are to be checked again."""

    def clean_due(self) -> datetime.date:
        due: datetime.date = self.cleaned_data["due"]
        if due <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day after today."))
        return due

    due = forms.DateField(label=_("Next check due"), widget=forms.DateInput(attrs={"type": "date"}))
    read_today = forms.BooleanField(
        label=_("I have held every sentence against its source today."),
        required=False,
        help_text=_("Otherwise the day of the last check stays as it is."),
    )
    note = forms.CharField(
        label=_("Change note"),
        max_length=250,
        required=False,
        help_text=_("Readers see it. Empty: it says whether the texts were held against their sources."),
    )

    def clean(self) -> dict[str, HandedOn]:
        cleaned = super().clean() or self.cleaned_data
        read = gettext("Held against its sources again; the text is the same.")
        unread = gettext("The day of the next check was set anew.")
        cleaned["note"] = cleaned.get("note") or (read if cleaned.get("read_today") else unread)
        return cleaned


@admin.register(BulkChange)
class BulkChangeAdmin(ReadOnlyAdmin):
    """What was changed in many texts at once, newest first; and the pages on which such a change begins."""

    list_display = ("words", "made_by", "made_at", "number", "undone_at")
    list_display_links = ("words",)
    change_list_template = "admin/content/together_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        return super().get_queryset(request).annotate(drafts_made=Count("drafts"))

    @admin.display(description=_("drafts"))
    def number(self, row: BulkChange) -> int:
        return int(getattr(row, "drafts_made", 0))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("find/", view(self.find_view), name="content_bulkchange_find"),
            path("next-check/", view(self.check_view), name="content_bulkchange_check"),
            path("publish/", view(self.publish_view), name="content_bulkchange_publish"),
            path("send/", view(self.send_view), name="content_bulkchange_send"),
            path("drawings/", view(self.drawings_view), name="content_bulkchange_drawings"),
            path("source/<int:pk>/", view(self.source_view), name="content_bulkchange_source"),
            path("<int:pk>/undo/", view(self.undo_view), name="content_bulkchange_undo"),
            path("<int:pk>/change/", view(self.made_view), name="content_bulkchange_change"),
            *super().get_urls(),
        ]

    # --- Looking, and putting something else in its place

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Every draft, fact and page that holds some words; and what would be, if others stood in their place."""
        _must_see(request)
        asked = request.POST if request.method == "POST" else request.GET
        question = " ".join(asked.get("q", "")[:LONGEST_QUESTION].replace("\0", "").split())
        kind = asked.get("kind", "") if asked.get("kind", "") in texts.kinds() else ""
        phrase = request.method == "POST" or bool(asked.get("phrase"))
        words = [question] if phrase else question.split()
        found = texts.holding(words, among=[kind] if kind else (), most=MOST_FOUND) if question else []
        context: dict[str, Any] = {
            "q": question, "kind": kind, "kinds": texts.kinds(), "phrase": phrase,
            "may_change": _may_change(request), "form": ReplaceForm(), "most": MOST_FOUND,
        }  # fmt: skip
        if request.method == "POST":
            _must_change(request)
            form = ReplaceForm(request.POST)
            if form.is_valid() and question:
                by = form.cleaned_data["by"]
                change = together.replacing_words(question, by)
                words_said = gettext("“%(old)s” replaced by “%(new)s”") % {"old": question, "new": by}
                if "make" in request.POST:
                    return self._make(request, change, form.cleaned_data["note"], words_said)
                would = [(whole, together.changes_of(whole, change)) for whole in found]
                context["changes"] = [(line_of(whole), differs) for whole, differs in would if differs]
            context["form"] = form
        context["items"] = [(line_of(whole), texts.hits(whole, words)) for whole in found]
        return self._page(request, "together_find", _("Find and replace"), **context)

    def source_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What rests on a source, ticked; another source takes its place in what stays ticked."""
        if not request.user.has_perm("content.view_source"):
            raise PermissionDenied
        source = get_object_or_404(Source.objects.select_related("look"), pk=pk)
        form = SourceForm(request.POST or None, old=source)
        if request.method == "POST":
            _must_change(request)
            if form.is_valid():
                by = form.cleaned_data["source"]
                said = gettext("Source %(old)s replaced by %(new)s") % {"old": source, "new": by}
                change = together.replacing_source(source, by)
                return self._make(request, change, form.cleaned_data["note"], said)
        uses = [(line_of(use.whole), use) for use in used.of_source(source)]
        return self._page(
            request,
            "source_used",
            _("Where it is used: %(name)s") % {"name": source.key},
            source=source,
            look=getattr(source, "look", None),
            seen=look_in_words(source),
            uses=uses,
            form=form,
            may_change=_may_change(request),
        )

    def _make(self, request: HttpRequest, change: together.Change, note: str, words: str) -> HttpResponse:
        wholes = wholes_of(request.POST.getlist("text"))
        made, left = together.change_all(wholes, change, by=signed_in(request), note=note, words=words)
        for name, reason in left:
            messages.warning(request, f"{name}: {reason}")
        number = made.drafts.count()
        if not number:
            made.delete()
            messages.error(request, _("Nothing was changed: tick at least one text that can be."))
            return redirect("admin:content_bulkchange_changelist")
        text = ngettext("%d draft holds the change.", "%d drafts hold the change.", number) % number
        messages.success(request, text)
        return redirect("admin:content_bulkchange_change", made.pk)

    # --- Dates and publishing

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for the day of the next check of the texts that a list sent here, and sets it."""
        wholes = [whole for whole in wholes_of(request.POST.getlist("text")) if not isinstance(whole, Fact)]
        if not wholes:
            messages.error(request, _("Tick at least one text first."))
            return redirect(reverse("admin:index"))
        if "due" not in request.POST:
            return ask_next_check(request, wholes)
        _must_change(request)
        form = CheckForm(request.POST)
        if not form.is_valid():
            return ask_next_check(request, wholes, form=form)
        due, today = form.cleaned_data["due"], timezone.localdate()
        change = together.checking_next(due, checked_on=today if form.cleaned_data["read_today"] else None)
        return self._make(
            request, change, form.cleaned_data["note"], gettext("Next check on %(day)s") % {"day": due}
        )

    def publish_view(self, request: HttpRequest) -> HttpResponse:
        """The drafts that a list sent here."""
        if request.method == "POST":
            publish(request, wholes_of(request.POST.getlist("text")))
        return _back_to_where_it_began(request)

    def send_view(self, request: HttpRequest) -> HttpResponse:
        """The drafts that a list sent here, to who signs them."""
        if request.method == "POST":
            send(request, wholes_of(request.POST.getlist("text")))
        return _back_to_where_it_began(request)

    # --- What was done, and undoing it

    def made_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The drafts of one change, with what keeps each from going public."""
        _must_see(request)
        change = get_object_or_404(BulkChange, pk=pk)
        with edition.of_one_page():  # what all drafts are held against is read once
            drafts = _draft_lines(request, change.drafts.all())
        return self._page(
            request,
            "together_made",
            change.words,
            change=change,
            drafts=drafts,
            may_change=_may_change(request),
            ready=sum(bool(draft["token"]) for draft in drafts),
            to_send=sum(bool(draft.get("to_send")) for draft in drafts),
        )

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back to what was; what somebody went on with stays, with a word."""
        _must_change(request)
        change = get_object_or_404(BulkChange, pk=pk)
        if request.method == "POST" and change.undone_at is None:
            for name, reason in together.undo(change):
                messages.warning(request, f"{name}: {reason}")
            messages.success(request, _("Undone."))
        return redirect("admin:content_bulkchange_change", pk)

    def drawings_view(self, request: HttpRequest) -> HttpResponse:
        """Each of the site's own drawings with what shows it."""
        _must_see(request)
        shown = [(label, [(line_of(use.whole), use) for use in uses]) for label, uses in used.of_drawings()]
        return self._page(request, "drawings_used", _("Where drawings are used"), shown=shown)

    def _page(self, request: HttpRequest, template: str, title: Words, **context: Any) -> TemplateResponse:
        every = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/content/{template}.html", every)


def ask_next_check(
    request: HttpRequest, wholes: Iterable[Whole], form: CheckForm | None = None
) -> TemplateResponse:
    """The form that asks for the day, for these texts."""
    _must_change(request)
    context = {
        **admin.site.each_context(request),
        "opts": BulkChange._meta,
        "title": _("Set the next check"),
        "form": form or CheckForm(),
        "items": [line_of(whole) for whole in wholes],
    }
    return TemplateResponse(request, "admin/content/together_check.html", context)


def publish(request: HttpRequest, wholes: Iterable[Whole]) -> None:
    """Those that may go public; of each other the reason is told."""
    _must_change(request)
    number, chosen = 0, {_named(whole): whole for whole in wholes}
    versions = _versions_of(chosen)
    for named, whole in chosen.items():
        version = versions.get(named)
        if reason := _why_not_publish(request, version):
            messages.warning(request, f"{texts.name_of(whole)}: {reason}")
        elif version:
            version.publish(signed_in(request))
            number += 1
    if number:
        text = ngettext("%d draft is public now.", "%d drafts are public now.", number) % number
        messages.success(request, text)


def send(request: HttpRequest, wholes: Iterable[Whole]) -> None:
    """Those that are ready to be signed; of each other the reason is told."""
    _must_change(request)
    chosen = [_named(whole) for whole in wholes]
    versions = _versions_of(chosen)
    drafts = [versions[named] for named in chosen if named in versions]
    left = workflow.send_many(drafts, by=signed_in(request))
    for version, reason in left:
        messages.warning(request, f"{name_of(version.content)}: {reason}")
    if number := len(drafts) - len(left):
        text = ngettext("%d draft was sent for sign-off.", "%d drafts were sent for sign-off.", number)
        messages.success(request, text % number)


def _back_to_where_it_began(request: HttpRequest) -> HttpResponse:
    """One change of many texts, the day, or the list of changes."""
    change = request.POST.get("change", "")
    if change.isdecimal():
        return redirect("admin:content_bulkchange_change", int(change))
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        return redirect(url)
    return redirect("admin:content_bulkchange_changelist")


def line_of(row: Whole | Coverage) -> dict[str, object]:
    """How a list names a text."""
    is_coverage = isinstance(row, Coverage)
    return {
        "name": str(row) if is_coverage else texts.name_of(row),
        "kind": _("Coverage") if is_coverage else texts.kind_of(row),
        "url": address_of(row),
        "token": "" if is_coverage else token_of(row),
        "language": getattr(row, "language", "en"),
    }


def _draft_lines(request: HttpRequest, rows: Iterable[BulkDraft]) -> list[dict[str, object]]:
    """What became of each."""
    names = {(row.content_type_id, row.object_id): row.name for row in rows}
    found = {**_versions_of(names), **_facts_of(names)}
    return [_draft_line(request, name, found.get(named)) for named, name in names.items()]


def _draft_line(request: HttpRequest, name: str, draft: Version | Fact | None) -> dict[str, object]:
    if isinstance(draft, Fact):
        return line_of(draft) | {"state": draft.get_state_display(), "token": ""}
    if draft is None or draft.content is None:
        return {"name": name, "state": _("no draft any more"), "token": ""}
    line = line_of(draft.content)
    if draft.state != DRAFT:
        return line | {"state": _("published"), "token": ""}
    why_not = _why_not_publish(request, draft)
    may_send = bool(why_not) and not workflow.why_not_send(draft)
    return line | {
        "to_send": line["token"] if may_send else "",
        "state": why_not or _("ready to publish"),
        "token": "" if why_not else line["token"],
        "read": reverse("admin:content_signoff_read", args=[draft.pk]),
    }


def _why_not_publish(request: HttpRequest, version: Version | None) -> str:
    if version is None:
        return gettext("A fact is approved on its own page.")
    if version.state != DRAFT:
        return gettext("There is no draft of it.")
    allowed = version.check_publish.as_bool(request.user)
    return "" if allowed else gate.why_not_publish(version) or gettext("Your account cannot publish it.")


def _must_see(request: HttpRequest) -> None:
    if not request.user.has_perm("content.view_bulkchange"):
        raise PermissionDenied


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("content.add_bulkchange")


def _must_change(request: HttpRequest) -> None:
    if not _may_change(request):
        raise PermissionDenied
