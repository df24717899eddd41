"""Addresses of the library, in the order of the site's menu. A promise: they are printed on leaflets."""

from django.urls import URLPattern, path

from content.kinds import KINDS
from content.web import device, tools, views
from content.web.feeds import UpdateFeed

app_name = "content"


def _kind(folder: str, kind: str) -> list[URLPattern]:
    """`/drugs/`, `/drugs/<slug>/`, and its address as a code for paper."""
    return [
        path(f"{folder}/", views.entry_list, {"kind": kind}, name=f"{kind}-list"),
        path(f"{folder}/<slug:slug>/", views.entry_detail, {"kind": kind}, name=f"{kind}-detail"),
        path(f"{folder}/<slug:slug>/qr.svg", views.entry_code, {"kind": kind}, name=f"{kind}-code"),
    ]


urlpatterns = [
    # Named as django CMS names it: the page cache and the toolbar ask for that name.
    path("", views.home, name="pages-root"),
    *(pattern for kind in KINDS.values() for pattern in _kind(kind.folder, kind.name)),
    path("find/", tools.find, name="find"),
    path("compare/", tools.compare, name="compare"),
    path("symptoms/", tools.symptoms, name="symptoms"),
    path("questions/", views.question_list, name="question-list"),
    path("updates/", views.update_list, name="update-list"),
    path("updates/feed/", UpdateFeed(), name="update-feed"),
    path("glossary/", views.glossary, name="glossary"),
    path("emergency-numbers/", views.emergency_numbers, name="emergency-numbers"),
    path("clinicians/<int:pk>.webp", views.clinician_photo, name="clinician-photo"),
    path("pictures/<int:pk>-<int:width>.webp", views.picture, name="picture"),
    path("leaflets/<int:pk>.pdf", views.leaflet, name="leaflet"),
    path("card/", device.card, name="card"),
    path("my-questions/", device.my_questions, name="my-questions"),
    path("diary/", device.diary, name="diary"),
    path("records/", device.records, name="records"),
    path("decision/", device.decision, name="decision"),
    path("offline/", device.offline, name="offline"),
    path("search/", views.search_results, name="search"),
    path("suggest.json", views.suggest, name="suggest"),
]
