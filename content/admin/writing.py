"""Beside the form of an entry: what keeps its text from readers, where it is on its way, and the next step."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from cms.admin.utils import CONTENT_PREFIX, GrouperModelAdmin
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.account import signed_in
from content.admin import form_address
from content.models import Clinician, EntryContent, Schedule
from content.review import gate, workflow
from content.review.texts import place_of
from content.rules import parts, reading, rows
from content.rules.entry_text import Finding
from content.text import prose, reading_level
from content.text.hints import HandedOn, Words


@dataclass(frozen=True)
class Place:
    """The findings about one field, and where it stands in the form."""

    name: Words
    anchor: str
    findings: list[Finding]


@dataclass(frozen=True)
class Checked:
    """A text as it stands in the form now."""

    places: list[Place]
    reasons: list[str]  # why it cannot go public
    blocks: int
    warnings: int
    key_words: int
    level: reading_level.Level

    @property
    def grade(self) -> float | None:
        """Too few words say nothing."""
        return self.level.grade if self.level.words >= reading.MIN_WORDS_TO_GRADE else None


def check(content: EntryContent, version: Version) -> Checked:
    """Every rule, held against what is typed."""
    known = rows.known_now(content.language)
    found = rows.check_content(content, known)
    blocks = [finding for finding in found if finding.level == "block"]
    text = rows.text_of(content)
    number = len(blocks)
    reasons = [ngettext("%d thing to put right", "%d things to put right", number) % number] if blocks else []
    if not blocks and (reason := gate.why_not_signed(version)):
        reasons.append(reason)
    return Checked(
        places=list(_places(content, found)),
        reasons=reasons,
        blocks=len(blocks),
        warnings=len(found) - len(blocks),
        key_words=len(prose.words(content.key_message)),
        level=reading.of_whole(text, known),
    )


def _places(content: EntryContent, found: list[Finding]) -> Iterator[Place]:
    """In the order of the form; what is about the whole page last."""
    by_field: dict[str, list[Finding]] = {}
    for finding in found:
        by_field.setdefault(finding.at.partition(".")[0], []).append(finding)
    for field in content._meta.concrete_fields:
        if findings := by_field.pop(field.name, None):
            yield Place(place_of(content, field), f"id_{CONTENT_PREFIX}{field.name}", _worst_first(findings))
    if rest := [finding for findings in by_field.values() for finding in findings]:
        yield Place(_("The page as a whole"), "", _worst_first(rest))


def _jumps(content: EntryContent) -> Iterator[tuple[str, Words]]:
    """Where the form is left for most often: what a person writes, and what is new."""
    yield f"id_{CONTENT_PREFIX}key_message", _("Key message")
    for section in content.SECTIONS:
        if not section.built:
            yield f"id_{CONTENT_PREFIX}{section.name}", section.heading
    yield f"id_{CONTENT_PREFIX}checked_on", _("Checked on")
    yield f"id_{CONTENT_PREFIX}change_note", _("Change note")


def _worst_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.level != "block", finding.line))


class Writing(GrouperModelAdmin):
    """For an admin of entries: its form checks while somebody types, sends, publishes."""

    def writing_urls(self) -> list[URLPattern]:
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [path("<int:pk>/check/<str:language>/", view(self.check_view), name=f"{name}_check")]

    def check_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The panel beside the form, for the text that was sent; for the stored one where none was."""
        entry = get_object_or_404(self.model, pk=pk)
        contents = self.content_model.admin_manager.filter(entry=pk, language=language).current_content()
        content = get_object_or_404(contents.select_related("entry"))
        if not self.has_view_permission(request, entry):
            raise PermissionDenied
        version = content.versions.get()
        typed = copy.copy(content)
        if request.method == "POST" and version.state == DRAFT:
            self._as_typed(request, entry, typed)
        context = {"checked": check(typed, version), "max_key_words": parts.MAX_KEY_MESSAGE}
        return TemplateResponse(request, "admin/content/check_panel.html", context)

    def _as_typed(self, request: HttpRequest, entry: models.Model, content: EntryContent) -> None:
        """Only what is valid by itself: half a date says nothing."""
        form = self.get_form(request, entry, change=True)(request.POST, instance=entry)
        form.is_valid()
        for name, value in form.cleaned_data.items():
            field = name.removeprefix(CONTENT_PREFIX)
            if name != field and field not in ("language", "entry"):
                setattr(content, field, value)

    def workflow_of(self, request: HttpRequest, content: EntryContent | None) -> dict[str, object]:
        """What the form's last row and its panel show."""
        version = Version.objects.get_for_content(content) if content else None
        if content is None or version is None or version.state != DRAFT:
            return {}
        address = reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_check",
            args=[content.entry_id, content.language],
        )
        return {
            "version": version,
            "state": workflow.state_of(version, last := workflow.last_step(version)),
            "last": last,
            "check_url": address,
            "jumps": list(_jumps(content)),
            "send": SendForm(version=version),
            "label_mode": not gate.needs_signature(content),
        }

    def after_saving(self, request: HttpRequest, content: EntryContent | None) -> HttpResponse | None:
        """The step that was asked for together with saving; nothing if there was none."""
        steps = {"_send": send, "_publish": publish}
        step = next((steps[name] for name in steps if name in request.POST), None)
        if step is None or content is None:
            return None
        step(request, content.versions.get())
        return redirect(form_address.of(content))


class SendForm(forms.Form):
    """To whom a draft goes."""

    to = forms.ModelChoiceField(
        queryset=Clinician.objects.none(), required=False, label="To", empty_label="Any clinician"
    )
    publish_when_signed = forms.BooleanField(
        required=False, initial=True, label="Publish as soon as it is signed"
    )

    def __init__(self, *args: object, version: Version, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # handed on to Django's form
        self.fields["to"].queryset = workflow.clinicians()  # type: ignore[attr-defined] # a choice of rows
        self.initial["to"] = workflow.usual_reviewer(version)


class _Moment(forms.DateTimeInput):
    """The browser's own field for a day and a time."""

    def __init__(self) -> None:
        super().__init__({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ScheduleForm(forms.ModelForm):
    """When a version goes public, or off the site, by itself."""

    class Meta:
        model = Schedule
        fields = ("publish_at", "expire_at")
        widgets = {"publish_at": _Moment, "expire_at": _Moment}

    def clean(self) -> dict[str, HandedOn]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("publish_at", "expire_at"):
            moment = cleaned.get(name)
            if moment and name in self.changed_data and moment <= timezone.now():
                self.add_error(name, _("Choose a moment that is still to come."))
        if cleaned.get("publish_at") and self.instance.version.state != DRAFT:
            self.add_error("publish_at", _("Only a draft can be published."))
        return cleaned


def send(request: HttpRequest, version: Version) -> None:
    """Sends it, or says why not; the text is saved either way."""
    form = SendForm(request.POST, version=version)
    form.is_valid()
    try:
        workflow.send(
            version,
            by=signed_in(request),
            to=form.cleaned_data.get("to"),
            publish_when_signed=bool(form.cleaned_data.get("publish_when_signed")),
        )
    except workflow.StepRefused as refused:
        messages.error(request, _("Saved, not sent. %(why)s") % {"why": refused})
    else:
        messages.success(request, _("Sent for sign-off."))


def publish(request: HttpRequest, version: Version) -> None:
    """Publishes it, or says why not; the text is saved either way."""
    user = signed_in(request)
    reason = gate.why_not_publish(version)
    if not reason and not version.check_publish.as_bool(user):
        reason = _("Your account may not publish.")
    if reason:
        messages.error(request, _("Saved, not published. %(why)s") % {"why": reason})
        return
    version.publish(user)
    messages.success(request, _("Published. Readers see it now."))
