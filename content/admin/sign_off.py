"""The reviewer's desk: drafts that wait, and the page to read one and sign it."""

from __future__ import annotations

import datetime

from cms.models import PageContent
from cms.toolbar.utils import get_object_edit_url, get_object_preview_url
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.constants import PUBLISHED
from djangocms_versioning.models import Version

from content import edition
from content.account import signed_in
from content.admin import changes_shown, form_address, stack, writing
from content.admin.read_only import ReadOnlyAdmin
from content.admin.writing import ScheduleForm, SendForm
from content.models import Clinician, Handover, Remark, Schedule, SignOff
from content.review import gate, signing, texts, workflow
from content.text.hints import HandedOn, Words

# Proposed to whoever signs; they may choose an earlier day.
NEXT_REVIEW = datetime.timedelta(days=365)
# On the desk; a list that is cut says so.
SHOWN = 200
# What the page can be asked to do beside signing.
STEPS = frozenset({"_ask", "_send", "_publish", "_plan"})
REMARK = "remark:"
WITHOUT_TOOLBAR = "toolbar_off=1&persist=0"
_ORDER = [
    workflow.State.SENT, workflow.State.SIGNED, workflow.State.BACK, workflow.State.IN_WORK,
    workflow.State.PUBLISHED, workflow.State.PAST,
]  # fmt: skip


def _edit_url(content: signing.Reviewable) -> str:
    """Where its text is changed."""
    if isinstance(content, PageContent):
        return get_object_edit_url(content, language=content.language)
    return form_address.of(content)


def _storable(text: str) -> str:
    return text.replace("\0", "").strip()  # PostgreSQL knows no NUL


class SignOffForm(forms.Form):
    """What a clinician says when signing. `seen` is the digest of the text on their screen."""

    seen = forms.CharField(widget=forms.HiddenInput)
    next_review_due = forms.DateField(
        label=_("Next review due"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At most a year."),
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Not public.")
    )
    have_read = forms.BooleanField(label=_("I have read this text and stand for it."))

    def clean_next_review_due(self) -> object:
        due = self.cleaned_data["next_review_due"]
        today = timezone.localdate()
        if not today < due <= today + NEXT_REVIEW:
            raise forms.ValidationError(_("Choose a day after today, at most a year ahead."))
        return due


@admin.register(SignOff)
class SignOffAdmin(ReadOnlyAdmin):
    """The list of sign-offs is a record; the desk and the reading page are where work is done."""

    list_display = ("version", "reviewer", "signed_on", "next_review_due")
    list_filter = ("reviewer",)
    change_list_template = "admin/content/sign_off_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("desk/", view(self.desk_view), name="content_signoff_desk"),
            *stack.urls(self.admin_site),
            path("read/<int:version_pk>/", view(self.read_view), name="content_signoff_read"),
            *super().get_urls(),
        ]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """Drafts and where they are; those that wait for whoever looks, first."""
        self._must_see(request)
        if request.method == "POST":
            self._publish_signed(request)
            return redirect("admin:content_signoff_desk")
        with edition.of_one_page():  # what all drafts are held against is read once
            waiting, is_cut = self._waiting(self._clinician(request))
            ready = workflow.ready_for(signed_in(request))
        return self._page(
            request,
            "admin/content/sign_off_desk.html",
            _("Drafts to sign off"),
            waiting=waiting,
            ready=ready,
            cut_at=SHOWN if is_cut else 0,
        )

    def _waiting(self, clinician: Clinician | None) -> tuple[list[dict[str, HandedOn]], bool]:
        """The lines of the desk, and whether there are more."""
        rows = workflow.for_desk(clinician).select_related("created_by").prefetch_related("edits")
        drafts = list(rows[: SHOWN + 1])
        is_cut = len(drafts) > SHOWN
        signing.load(drafts)
        steps = workflow.last_steps(drafts)
        waiting = [self._row(version, steps.get(version.pk), clinician) for version in drafts[:SHOWN]]
        return sorted(waiting, key=lambda row: row["rank"]), is_cut

    @staticmethod
    def _row(version: Version, last: Handover | None, clinician: Clinician | None) -> dict[str, HandedOn]:
        content, state = version.content, workflow.state_of(version, last)
        is_for = bool(clinician and last and last.to in (None, clinician))
        why_not = signing.why_not_sign(version, by=clinician) if clinician else ""
        is_mine = state == workflow.State.SENT and is_for and not why_not
        return {
            "rank": (not is_mine, _ORDER.index(state)),
            "version": version,
            "name": texts.name_of(content),
            "kind": texts.kind_of(content),
            "language": dict(settings.LANGUAGES).get(content.language, ""),
            "state": state,
            "last": last,
            "signed": signing.valid_sign_off(version) if state == workflow.State.SIGNED else None,
            "why_not": why_not,
            "is_mine": is_mine,
        }

    def _publish_signed(self, request: HttpRequest) -> None:
        published = workflow.publish_signed(by=signed_in(request))
        names = ", ".join(texts.name_of(version.content) for version in published)
        if published:
            messages.success(request, _("Published: %(names)s") % {"names": names})
        else:
            messages.info(request, _("Nothing was published: no signed text waits."))

    def read_view(self, request: HttpRequest, version_pk: int) -> HttpResponse:
        """What the draft changes, how readers will see it, and the next step: sign, ask, send, publish."""
        self._must_see(request)
        version = get_object_or_404(Version, pk=version_pk)
        clinician = self._clinician(request)
        today = timezone.localdate()
        proposed = {"seen": signing.digest(version.content), "next_review_due": today + NEXT_REVIEW}
        is_signing = request.method == "POST" and not STEPS.intersection(request.POST)
        form = SignOffForm(request.POST if is_signing else None, initial=proposed)
        may_plan = version.check_modify.as_bool(request.user) or version.check_unpublish.as_bool(request.user)
        plan = Schedule.objects.filter(version=version).first() or Schedule(
            version=version, by=signed_in(request)
        )
        planning = ScheduleForm(request.POST if "_plan" in request.POST else None, instance=plan)
        if "_plan" in request.POST:
            if not may_plan:
                raise PermissionDenied
            if planning.is_valid():
                planning.instance.by = signed_in(request)
                planning.save()
                messages.success(request, _("Planned. The gate is asked when the time comes."))
                return redirect("admin:content_signoff_read", version_pk=version.pk)
        elif request.method == "POST" and not is_signing:
            self._take_step(request, version, clinician)
            return redirect("admin:content_signoff_read", version_pk=version.pk)
        if is_signing and form.is_valid() and clinician and self._sign(request, version, form, by=clinician):
            return redirect("admin:content_signoff_desk")
        content = version.content
        preview = get_object_preview_url(content, language=content.language)
        changes = changes_shown.of_draft(content)
        not_ready = gate.why_not_ready(content)
        may_write = version.check_modify.as_bool(request.user)
        return self._page(
            request,
            "admin/content/sign_off_read.html",
            _("Sign off: %(name)s") % {"name": content},
            version=version,
            form=form,
            changes=changes,
            preview_url=preview,
            bare_preview_url=f"{preview}{'&' if '?' in preview else '?'}{WITHOUT_TOOLBAR}",
            state=workflow.state_of(version, last := workflow.last_step(version)),
            last=last,
            is_clinician=clinician is not None,
            why_not=self._why_not(version, clinician, not_ready),
            why_not_publish=not_ready or gate.why_not_signed(version),
            why_not_send=workflow.why_not_send(version, not_ready=not_ready) if may_write else "",
            send=SendForm(version=version) if may_write else None,
            edit_url=_edit_url(content) if may_write else "",
            valid=signing.valid_sign_off(version),
            planning=planning if may_plan else None,
        )

    def _take_step(self, request: HttpRequest, version: Version, clinician: Clinician | None) -> None:
        if "_ask" in request.POST:
            self._ask(request, version, clinician)
        elif not version.check_modify.as_bool(request.user):
            raise PermissionDenied
        elif "_send" in request.POST:
            writing.send(request, version)
        else:
            writing.publish(request, version)

    @staticmethod
    def _ask(request: HttpRequest, version: Version, clinician: Clinician | None) -> None:
        if clinician is None:
            raise PermissionDenied
        longest = Remark._meta.get_field("section").max_length
        marks = {  # two blocks of a page may have one heading
            _storable(name.removeprefix(REMARK))[:longest]: "\n".join(
                filter(None, map(_storable, request.POST.getlist(name)))
            )
            for name in request.POST
            if name.startswith(REMARK)
        }
        try:
            words = _storable(request.POST.get("words", ""))
            workflow.ask_for_changes(version, by=clinician, words=words, remarks=marks)
        except workflow.StepRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Sent back. Its writer gets a letter."))

    def _sign(self, request: HttpRequest, version: Version, form: SignOffForm, *, by: Clinician) -> bool:
        try:
            workflow.sign(
                version,
                by=by,
                next_review_due=form.cleaned_data["next_review_due"],
                seen=form.cleaned_data["seen"],
                now=timezone.localdate(),
                notes=form.cleaned_data["notes"],
            )
        except PermissionDenied as refused:
            form.add_error(None, str(refused))
            # The form must now carry what is on the screen, or signing could never succeed.
            form.data = {**request.POST.dict(), "seen": signing.digest(version.content)}
            return False
        is_public = Version.objects.get(pk=version.pk).state == PUBLISHED
        done = (
            _("Signed off and published.")
            if is_public
            else _("Signed off. The version can now be published.")
        )
        messages.success(request, done)
        return True

    def _must_see(self, request: HttpRequest) -> None:
        if not request.user.has_perm("content.view_signoff"):
            raise PermissionDenied

    @staticmethod
    def _clinician(request: HttpRequest) -> Clinician | None:
        return Clinician.objects.filter(user=signed_in(request)).select_related("user").first()

    @staticmethod
    def _why_not(version: Version, clinician: Clinician | None, not_ready: str) -> str:
        if clinician is None:
            return gettext("Your account is not linked to a clinician, so you can read but not sign.")
        return workflow.why_not_sign(version, by=clinician, not_ready=not_ready)

    def _page(self, request: HttpRequest, template: str, title: Words, **context: object) -> TemplateResponse:
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context},
        )
