"""What readers saw before: every version of an entry or page that was public, and the way back to it."""

from __future__ import annotations

from cms.toolbar.utils import get_object_preview_url
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from djangocms_versioning.constants import PUBLISHED

from content.account import signed_in
from content.models import Publication
from content.review import standing, workflow
from content.review.signing import Reviewable
from content.review.texts import name_of


def view(
    admin: ModelAdmin, request: HttpRequest, content: Reviewable, *, text_url: str, may_change: bool
) -> HttpResponse:
    """Newest first; one button brings a text back, and publishes it where the gate lets it.

    `text_url`: where its text is read and written.
    """
    publications = standing.publications_of(content)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        chosen = next((one for one in publications if str(one.pk) == request.POST.get("publication")), None)
        if chosen is None:
            raise Http404
        return _bring_back(request, chosen, text_url)
    rows = [
        {
            "publication": one,
            "is_now": one.version.state == PUBLISHED,
            "preview": get_object_preview_url(one.version.content, language=content.language),
        }
        for one in publications
    ]
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Earlier versions of %(name)s") % {"name": name_of(content)},
        "rows": rows,
        "text_url": text_url,
        "may_change": may_change,
    }
    return TemplateResponse(request, "admin/content/earlier.html", context)


def _bring_back(request: HttpRequest, chosen: Publication, text_url: str) -> HttpResponse:
    user = signed_in(request)
    try:
        draft = workflow.bring_back(chosen, by=user)
    except workflow.StepRefused as refused:
        messages.error(request, str(refused))
        return redirect(request.path)
    if workflow.may_publish(draft, user):
        draft.publish(user)
        messages.success(request, _("The earlier text is public again."))
    else:
        messages.success(
            request, _("The earlier text is a draft now. Send it for sign-off to make it public.")
        )
    return redirect(text_url)
