"""Addresses that CMS pages have and once had: each leads to its page for good."""

from __future__ import annotations

from cms.models import Page, PageContent, PageUrl
from django.db import models


class PagePathManager(models.Manager["PagePath"]):
    def record(self) -> list[PagePath]:
        """Notes every address that readers can reach now. Returns what is new; of two pages the later one has it."""
        known = {(row.language, row.path): row for row in self.all()}
        public = set(PageContent.objects.order_by().values_list("page", "language"))
        urls = PageUrl.objects.exclude(path=None).exclude(path="").values_list("language", "path", "page")
        came = [
            PagePath(language=language, path=path, page_id=page)
            for language, path, page in urls
            if (page, language) in public
            and (known.get((language, path)) is None or known[language, path].page_id != page)
        ]
        return self.bulk_create(
            came, update_conflicts=True, unique_fields=["language", "path"], update_fields=["page"]
        )

    def new_address(self, path: str, language: str) -> str:
        """Where the page is now that once had this path; empty if there is none, or readers cannot reach it."""
        path = path.strip("/").replace("\0", "")  # PostgreSQL knows no NUL, and no page has one
        former = self.filter(language=language, path=path).select_related("page").first()
        if former is None or not PageContent.objects.filter(page=former.page, language=language).exists():
            return ""
        url = former.page.urls.filter(language=language).exclude(path=None).first()
        return url.get_absolute_url(language) if url and url.path != former.path else ""


class PagePath(models.Model):
    """`path` is or was the address of `page` in one language. Printed on leaflets, it is never forgotten."""

    language = models.CharField(max_length=15)
    path = models.CharField(max_length=255)
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")

    objects = PagePathManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "path"], name="page_path_once")]

    def __str__(self) -> str:
        return f"/{self.path}/ ({self.language})"
