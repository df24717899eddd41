"""The page of an entry that nobody has written yet: what facts alone can say about it."""

from __future__ import annotations

from content import directory
from content.models import CancerTypeContent, EntryContent, content_models
from content.models.cancer_type import ANY_SOLID_TUMOR, is_solid
from content.page import facts_shown, unchecked, uses
from content.page.entry_page import EntryPage


class HoldingPage(EntryPage):
    """As a written page, without words of its own."""

    def __init__(self, content: EntryContent) -> None:
        self.elsewhere = facts_shown.uses_for(ANY_SOLID_TUMOR) if _is_of_solid_cancer(content) else []
        super().__init__(content, also=self.elsewhere)
        self.any_solid_tumor = uses.uses_of(self.elsewhere, self, by_setting=False)

    @property
    def unchecked(self) -> list[str]:
        """What of its facts no clinician has checked, by kind and number."""
        return unchecked.named({*self.facts, *self.elsewhere})

    @property
    def english_name(self) -> str:
        return directory.planned()[self.content.entry.kind, self.content.entry.slug].name


def _is_of_solid_cancer(content: EntryContent) -> bool:
    return isinstance(content, CancerTypeContent) and is_solid(content.entry.slug)


def unwritten(kind: str, slug: str, language: str) -> EntryContent | None:
    """A planned entry as if somebody had just begun to write it; nothing for a slug that is not planned."""
    listed = directory.planned().get((kind, slug))
    model = content_models()[kind]
    entry = model.grouper().objects.filter(slug=slug).first() if listed else None
    if listed is None or entry is None:
        return None
    name = directory.name_without_page(kind, slug)
    content = model(language=language, name=name, other_names=list(listed.other_names))
    content.entry = entry
    return content
