"""Joins the site to the library when Django starts."""

from django.apps import AppConfig


class ImmunoSiteConfig(AppConfig):
    name = "immuno_site"

    def ready(self) -> None:
        from immuno_site import page_cache, start_checks  # noqa: F401 - registers the system checks

        page_cache.connect()
