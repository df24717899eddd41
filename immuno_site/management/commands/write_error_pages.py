"""Writes the pages that nginx shows when the site itself cannot answer."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils import translation

from content.models import SiteProfile
from immuno_site.consultations.files.spool import MAX_FILE, MB

PAGES = ("too_large", "too_many", "unavailable")


class Command(BaseCommand):
    help = "Write DATA_DIR/errors/<language>/<page>.html with the phone and mail of the site profile."

    def handle(self, *args: object, **options: object) -> None:
        profile = SiteProfile.current()
        for language, _name in settings.LANGUAGES:
            folder = settings.DATA_DIR / "errors" / language
            folder.mkdir(parents=True, exist_ok=True)
            with translation.override(language):
                for page in PAGES:
                    text = render_to_string(
                        f"error_pages/{page}.html", {"profile": profile, "most_mb": MAX_FILE // MB}
                    )
                    # Whole or not at all: nginx may be reading it.
                    part = folder / f"{page}.part"
                    part.write_text(text, encoding="utf-8")
                    part.replace(folder / f"{page}.html")
        self.stdout.write(
            f"{settings.DATA_DIR / 'errors'}: {len(PAGES)} pages, {len(settings.LANGUAGES)} languages."
        )
