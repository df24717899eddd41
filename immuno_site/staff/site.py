"""The admin's menu and first page. A model without a room is reached from one that has one, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from content import unsaved
from content.models import content_models

# Where the model's own name says less than what people come for.
NAMES = {
    "AccessEvent": _("Who looked at what"),
    "BulkChange": _("Many texts at once"),
    "Feedback": _("Remarks on pages"),
    "OutgoingMail": _("Letters"),
    "PageContent": _("Pages"),
    "SideEffectOccurrence": _("How common side effects are"),
    "User": _("People"),
}
# Pages that show a text before it is public.
DRAFTS = re.compile(r"cms_placeholder_render_object_\w+|djangocms_versioning_\w+_compare")

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


_FACTS = (
    "Indication", "Coverage", "SideEffectOccurrence", "Result", "Sign", "LayWords", "Source", "GlossaryTerm",
    "Question", "Update",
)  # fmt: skip


def _rooms() -> tuple[tuple[Promise, tuple[str, ...]], ...]:
    """The title of each, and its models."""
    entries = tuple(model.grouper().__name__ for model in content_models().values())
    return (
        (_("Patients"), ("ConsultationRequest", "Feedback", "ReplyTemplate")),
        (_("Review"), ("SignOff", "Clinician", "AskedTerm")),
        (_("Library"), (*entries, "BulkChange")),
        (_("Facts"), _FACTS),
        (_("Site"), ("PageContent", "Picture", "Leaflet", "SiteProfile")),
        (_("People and records"), ("User", "AccessEvent", "OutgoingMail")),
    )


class StaffSite(AdminSite):
    site_header = site_title = _("Immunotherapy, explained")
    index_title = _("What waits for you")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """django CMS and its versioning show drafts to all staff; here they are for who works on the library.

        What a form had kept while somebody typed goes once it is saved, whichever admin it belongs to.
        """
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def for_the_library(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            is_draft = DRAFTS.fullmatch((request.resolver_match and request.resolver_match.url_name) or "")
            if is_draft and request.user.is_authenticated and not request.user.has_perm("cms.view_page"):
                raise Http404
            response = guarded(request, *args, **kwargs)
            if request.method == "POST":
                unsaved.forget_if_saved(request, response)
            return response

        return for_the_library  # type: ignore[return-value] # is called as the view it stands for

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        from content.admin.named import (
            NamedResults,  # its package registers with this site, which is still made
        )

        return NamedResults.as_view(admin_site=self)(request)  # type: ignore[return-value] # JSON

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, object]]:
        """Rooms instead of apps. Each person sees what their role may open. Django asks for its first page and its
        frame."""
        asked: dict[str | None, list[dict[str, object]]] = request.__dict__.setdefault("_rooms", {})
        if app_label not in asked:
            asked[app_label] = self._rooms_of(request, app_label)
        return asked[app_label]

    def _rooms_of(self, request: HttpRequest, app_label: str | None) -> list[dict[str, object]]:
        models = {
            model["object_name"]: model | {"name": NAMES.get(model["object_name"], model["name"])}
            for app in super().get_app_list(request, app_label)
            for model in app["models"]
        }
        rooms = [
            {"name": title, "models": [models[name] for name in names if name in models]}
            for title, names in _rooms()
        ]
        return [room for room in rooms if room["models"]]
