"""The reviewer's desk: drafts that wait, and the page to read one and sign it."""

from __future__ import annotations

from cms.models import PageContent
from cms.toolbar.utils import get_object_preview_url
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
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.account import signed_in
from content.admin import stack
from content.models import Clinician, SignOff
from content.review import gate, signing, version_diff
from content.text.hints import Words


def _title(content: signing.Reviewable) -> str:
    return content.title if isinstance(content, PageContent) else content.name


def _kind(content: signing.Reviewable) -> str:
    return gettext("page") if isinstance(content, PageContent) else str(content.entry._meta.verbose_name)


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
        if not today < due <= today.replace(year=today.year + 1):
            raise forms.ValidationError(_("Choose a day after today, at most a year ahead."))
        return due


@admin.register(SignOff)
class SignOffAdmin(admin.ModelAdmin):
    """The list of sign-offs is a record; the desk and the reading page are where work is done."""

    list_display = ("version", "reviewer", "signed_on", "next_review_due")
    list_filter = ("reviewer",)
    change_list_template = "admin/content/sign_off_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignOff | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SignOff | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("desk/", view(self.desk_view), name="content_signoff_desk"),
            *stack.urls(self.admin_site),
            path("read/<int:version_pk>/", view(self.read_view), name="content_signoff_read"),
            *super().get_urls(),
        ]

    def desk_view(self, request: HttpRequest) -> TemplateResponse:
        """Drafts that wait for a clinician, oldest first."""
        self._must_see(request)
        drafts = Version.objects.filter(state=DRAFT).order_by("created").select_related("created_by")
        waiting = [
            {
                "version": version,
                "name": _title(version.content),
                "kind": _kind(version.content),
                "language": dict(settings.LANGUAGES).get(version.content.language, ""),
                "signed": signing.valid_sign_off(version),
                "why_not": self._why_not(request, version),
            }
            for version in drafts
            if gate.is_medical(version.content)
        ]
        return self._page(
            request, "admin/content/sign_off_desk.html", _("Drafts to sign off"), waiting=waiting
        )

    def read_view(self, request: HttpRequest, version_pk: int) -> HttpResponse:
        """The draft as readers will see it, beside what changed, and the form to sign."""
        self._must_see(request)
        version = get_object_or_404(Version, pk=version_pk)
        clinician = self._clinician(request)
        form = SignOffForm(request.POST or None, initial={"seen": signing.digest(version.content)})
        sent = request.method == "POST" and form.is_valid()
        if sent and clinician and self._sign(request, version, form, by=clinician):
            return redirect("admin:content_signoff_desk")
        content = version.content
        return self._page(
            request,
            "admin/content/sign_off_read.html",
            _("Sign off: %(name)s") % {"name": content},
            version=version,
            form=form,
            diff=version_diff.against_public(content),
            preview_url=get_object_preview_url(content, language=content.language),
            why_not=self._why_not(request, version),
            why_not_publish=gate.why_not_publish(version),
            valid=signing.valid_sign_off(version),
        )

    def _sign(self, request: HttpRequest, version: Version, form: SignOffForm, *, by: Clinician) -> bool:
        try:
            signing.sign_off(
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
        messages.success(request, _("Signed off. The version can now be published."))
        return True

    def _must_see(self, request: HttpRequest) -> None:
        if not request.user.has_perm("content.view_signoff"):
            raise PermissionDenied

    @staticmethod
    def _clinician(request: HttpRequest) -> Clinician | None:
        return Clinician.objects.filter(user=signed_in(request)).first()

    def _why_not(self, request: HttpRequest, version: Version) -> str:
        clinician = self._clinician(request)
        if clinician is None:
            return gettext("Your account is not linked to a clinician, so you can read but not sign.")
        return signing.why_not_sign(version, by=clinician)

    def _page(self, request: HttpRequest, template: str, title: Words, **context: object) -> TemplateResponse:
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context},
        )
