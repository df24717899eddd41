"""The site map: fixed addresses first, django CMS pages for the rest. (/healthz and /readyz: health.py.)"""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from content.web.open_data import api
from content.web.sitemaps import sitemap
from immuno_site.accounts.views import to_sign_in
from immuno_site.consultations.views.download import download
from immuno_site.offline_worker import offline_worker
from immuno_site.robots import robots
from immuno_site.security_txt import security_txt
from immuno_site.staff.day import day_view
from immuno_site.staff.gallery import gallery
from immuno_site.staff.handbook import TITLES, handbook_view
from immuno_site.web_app import manifest

urlpatterns = [
    # Devices ask for these two by name, whatever a page says of its icons.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("img/favicon.ico")), name="favicon"),
    path(
        "apple-touch-icon.png",
        RedirectView.as_view(url=lazy(static, str)("img/icon-touch.png")),
        name="touch-icon",
    ),
    path("site.webmanifest", manifest, name="manifest"),
    path("robots.txt", robots, name="robots"),
    path("offline-worker.js", offline_worker, name="offline-worker"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path(
        "admin/consultations/consultationrequest/files/<str:reference>/<uuid:attachment>/",
        download,
        name="attachment-download",
    ),
    path("accounts/", include("immuno_site.accounts.urls")),
    path("admin/components/", gallery, name="gallery"),
    re_path(
        rf"^admin/handbook/(?P<whose>{'|'.join(TITLES)})/$",
        admin.site.admin_view(handbook_view),
        name="handbook",
    ),
    path("admin/day/", admin.site.admin_view(day_view), name="day"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    *i18n_patterns(
        path("", include("content.urls")),
        path("", include("immuno_site.consultations.urls")),
        path("cms_login/", to_sign_in),  # instead of the one in cms.urls
        path("", include("cms.urls")),
        prefix_default_language=False,
    ),
]

handler404 = "immuno_site.not_found.page_not_found"
