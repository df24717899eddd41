"""What search engines are told: schema.org terms for each kind of page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from content.entry_page import EntryPage
    from content.models import Question


def entry(page: EntryPage) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "MedicalWebPage", "name": page.content.name}


def questions(rows: list[Question]) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "FAQPage"}
