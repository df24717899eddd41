"""What readers saw before: every version of an entry that was public, and the way back to it."""

from __future__ import annotations

from cms.admin.utils import GrouperModelAdmin
from cms.toolbar.utils import get_object_preview_url
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from djangocms_versioning.constants import PUBLISHED

from content.account import signed_in
from content.admin import form_address
from content.models import Publication
from content.review import standing, workflow


def view(admin: GrouperModelAdmin, request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Newest first; one button brings a text back, and publishes it where the gate lets it."""
    entry = get_object_or_404(admin.model, pk=pk)
    if not admin.has_view_permission(request, entry):
        raise PermissionDenied
    contents = admin.content_model.admin_manager.filter(entry=pk, language=language)
    content = get_object_or_404(contents.current_content().select_related("entry"))
    publications = standing.publications_of(content)
    form_url = form_address.of(content)
    if request.method == "POST":
        if not admin.has_change_permission(request, entry):
            raise PermissionDenied
        chosen = next((one for one in publications if str(one.pk) == request.POST.get("publication")), None)
        if chosen is None:
            raise Http404
        return _bring_back(request, chosen, form_url)
    rows = [
        {
            "publication": one,
            "is_now": one.version.state == PUBLISHED,
            "preview": get_object_preview_url(one.version.content, language=language),
        }
        for one in publications
    ]
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Earlier versions of %(name)s") % {"name": content.name},
        "rows": rows,
        "form_url": form_url,
        "may_change": admin.has_change_permission(request, entry),
    }
    return TemplateResponse(request, "admin/content/earlier.html", context)


def _bring_back(request: HttpRequest, chosen: Publication, form_url: str) -> HttpResponse:
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
    return redirect(form_url)
