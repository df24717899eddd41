"""The blocks that editors can place on CMS pages: fields, one line of context, a template.

A plugin gathers its rows with one query; `story.py` loads all names and sources of the page at once. Library
files name a block by its plugin: DrugCardPlugin is `drug_card`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from cms.plugin_base import CMSPluginBase
from cms.plugin_pool import plugin_pool
from django import forms
from django.db import models
from django.http import HttpRequest
from django.template import Context
from django.utils.translation import gettext_lazy as _

from content import directory
from content.look_up import LooksUp
from content.models import (
    Block,
    Clinician,
    Coverage,
    Fact,
    Indication,
    ProseBlock,
    Question,
    Result,
    SideEffectContent,
    Sign,
    TreatmentCenterContent,
    Update,
)
from content.models import block as blocks
from content.models.block import CareCardBlock, DoDontListBlock, DrugCardBlock
from content.page import care_cards, coverage_shown, signs_shown, uses
from content.page.diagrams import DIAGRAMS
from content.page.results_shown import result_shown
from content.page.story import Story, story_of
from content.prose_editor import ProseEditor
from content.text.hints import HandedOn


class BlockPlugin(CMSPluginBase):
    """What all blocks share. `name_in_files` is how library files place it."""

    module = _("Blocks")
    cache = False  # facts change without the page; finished pages are kept by the page cache
    name_in_files: ClassVar[str]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        words = re.findall("[A-Z][a-z]+", cls.__name__.removesuffix("Plugin"))
        cls.name_in_files = "_".join(words).lower()
        cls.render_template = f"content/plugins/{cls.name_in_files}.html"

    def gather(self, block: Block, language: str) -> Sequence[object]:
        """The rows it shows, and the facts that it no longer shows: one query."""
        return []

    def texts(self, block: Block, rows: Sequence[object]) -> Iterable[str]:
        """Every Markdown text it shows, so that the page loads all their sources at once."""
        return block.markdown

    def cited(self, block: Block, language: str) -> set[str]:
        """The sources that it cites beside those of its texts and facts."""
        return set()

    def mentions(self, block: Block, rows: Sequence[object]) -> set[directory.Key]:
        """The entries it names."""
        return set()

    def show(self, block: Block, story: Story) -> dict[str, object]:
        """What its template gets."""
        return {}

    def render(self, context: Context, instance: Block, placeholder: str) -> Context:
        context.update(self.show(instance, story_of(context["request"], instance)))
        return context


@plugin_pool.register_plugin
class ProsePlugin(BlockPlugin):
    model = ProseBlock
    name = _("Text")
    formfield_overrides = {models.TextField: {"widget": ProseEditor}}

    def show(self, block: ProseBlock, story: Story) -> dict[str, object]:
        return {"html": story.prose(block.body)}


@plugin_pool.register_plugin
class CareCardPlugin(BlockPlugin):
    model = CareCardBlock
    name = _("Care card: when to act")

    def gather(self, block: CareCardBlock, language: str) -> list[Sign]:
        return list(dict.fromkeys(line.sign for line in _signs(block, language).lines))

    def cited(self, block: CareCardBlock, language: str) -> set[str]:
        return care_cards.keys_of(_signs(block, language))

    def show(self, block: CareCardBlock, story: Story) -> dict[str, object]:
        own = {block.urgency: block.lines} if block.is_own else None
        return {"cards": care_cards.cards(_signs(block, story.reading.language), story.reading, own)}


def _signs(block: CareCardBlock, language: str) -> signs_shown.Card:
    if block.is_own:
        return signs_shown.Card(())
    readers = signs_shown.readers(block.groups) if block.groups else signs_shown.WITHOUT_TREATMENT
    return signs_shown.card(readers, language)


@plugin_pool.register_plugin
class DoDontListPlugin(BlockPlugin):
    model = DoDontListBlock
    name = _("Do and do not")

    def show(self, block: DoDontListBlock, story: Story) -> dict[str, object]:
        line = story.reading.line
        return {"do": [line(text) for text in block.do], "dont": [line(text) for text in block.dont]}


@plugin_pool.register_plugin
class DrugCardPlugin(BlockPlugin):
    model = DrugCardBlock
    name = _("Medicine")

    def mentions(self, block: DrugCardBlock, rows: Sequence[object]) -> set[directory.Key]:
        return {("drug", block.drug.slug)}

    def show(self, block: DrugCardBlock, story: Story) -> dict[str, object]:
        return {"entry": story.reading.entry("drug", block.drug.slug)}


@plugin_pool.register_plugin
class CancerGridPlugin(BlockPlugin):
    model = blocks.CancerGridBlock
    name = _("Cancers")

    def gather(self, block: blocks.CancerGridBlock, language: str) -> list[directory.Listed]:
        listed = {entry.slug: entry for entry in directory.all_of("cancer", language)}
        if block.cancers:
            return [listed[slug] for slug in block.cancers if slug in listed]
        return [entry for entry in listed.values() if entry.state == "written"]

    def show(self, block: blocks.CancerGridBlock, story: Story) -> dict[str, object]:
        return {"entries": story.rows(block, of=directory.Listed)}


@plugin_pool.register_plugin
class SideEffectGridPlugin(BlockPlugin):
    model = blocks.SideEffectGridBlock
    name = _("Side effects")

    def gather(self, block: blocks.SideEffectGridBlock, language: str) -> list[SideEffectContent]:
        order = SideEffectContent.Urgency.values
        shown = [row for row in signs_shown.with_badges(language) if block.urgency in ("", row.urgency)]
        return sorted(shown, key=lambda row: (order.index(row.urgency), row.name))

    def show(self, block: blocks.SideEffectGridBlock, story: Story) -> dict[str, object]:
        return {"effects": story.rows(block, of=SideEffectContent)}


@plugin_pool.register_plugin
class IndicationTablePlugin(BlockPlugin):
    model = blocks.IndicationTableBlock
    name = _("Approved uses")

    def gather(self, block: blocks.IndicationTableBlock, language: str) -> list[Indication | Coverage]:
        about = {"cancer": block.cancer_id} if block.cancer_id else {"members__drug": block.drug_id}
        rows = Indication.objects.on_record().with_everything().filter(**about)
        uses = list(rows.filter(regulator=block.regulator) if block.regulator else rows)
        return [*uses, *coverage_shown.rows_about(_about(block), uses)]

    def mentions(self, block: Block, rows: Sequence[object]) -> set[directory.Key]:
        return coverage_shown.mentioned(row for row in rows if isinstance(row, Coverage))

    def show(self, block: blocks.IndicationTableBlock, story: Story) -> dict[str, object]:
        facts, reading = story.rows(block, of=Indication), story.reading
        rows = story.rows(block, of=Coverage)
        coverage = coverage_shown.covered(_about(block), facts, reading, rows, regulator=block.regulator)
        regulators = (block.regulator,) if block.regulator else uses.REGULATORS
        shown = uses.uses_of(facts, reading, by_setting=block.cancer_id is not None, regulators=regulators)
        return {"data": shown, "coverage": coverage}


def _about(block: blocks.IndicationTableBlock) -> directory.Key:
    entry = block.cancer or block.drug
    return (entry.kind, entry.slug)  # type: ignore[union-attr] # one of the two, by its form


@plugin_pool.register_plugin
class QuestionListPlugin(BlockPlugin):
    model = blocks.QuestionListBlock
    name = _("Questions and answers")

    def gather(self, block: blocks.QuestionListBlock, language: str) -> list[Question]:
        rows = Question.objects.on_record().with_everything().filter(language=language)
        rows = rows.filter(topic=block.topic) if block.topic else rows
        found = list(rows.filter(slug__in=block.questions) if block.questions else rows)
        if block.questions:
            found.sort(key=lambda row: block.questions.index(row.slug))
        standing = [row for row in found if row.state == Fact.State.APPROVED]
        return [*standing[: block.limit], *(row for row in found if row.state == Fact.State.RETIRED)]

    def texts(self, block: blocks.QuestionListBlock, rows: Sequence[object]) -> Iterable[str]:
        return [row.answer for row in rows if isinstance(row, Question)]

    def show(self, block: blocks.QuestionListBlock, story: Story) -> dict[str, object]:
        return {
            "questions": [(row, story.reading.block(row.answer)) for row in story.rows(block, of=Question)]
        }


@plugin_pool.register_plugin
class CenterListPlugin(BlockPlugin):
    model = blocks.CenterListBlock
    name = _("Treatment centers")

    def gather(self, block: blocks.CenterListBlock, language: str) -> list[directory.Listed]:
        rows = TreatmentCenterContent.objects.in_language(language).order_by("name")
        rows = rows.filter(country=block.country) if block.country else rows
        return [
            directory.Listed("center", row.entry.slug, row.name, row.summary, row.get_absolute_url())
            for row in rows
        ]

    def show(self, block: blocks.CenterListBlock, story: Story) -> dict[str, object]:
        return {"entries": story.rows(block, of=directory.Listed)}


@plugin_pool.register_plugin
class UpdateListPlugin(BlockPlugin):
    model = blocks.UpdateListBlock
    name = _("Updates")

    def gather(self, block: blocks.UpdateListBlock, language: str) -> list[Update]:
        rows = Update.objects.approved().with_everything().filter(language=language)
        return list((rows.filter(kind=block.kind) if block.kind else rows)[: block.limit])

    def show(self, block: blocks.UpdateListBlock, story: Story) -> dict[str, object]:
        return {"updates": story.rows(block, of=Update)}


@plugin_pool.register_plugin
class DiagramPlugin(BlockPlugin):
    model = blocks.DiagramBlock
    name = _("Drawing")

    def cited(self, block: blocks.DiagramBlock, language: str) -> set[str]:
        return set(DIAGRAMS[block.name].sources)

    def show(self, block: blocks.DiagramBlock, story: Story) -> dict[str, object]:
        diagram = DIAGRAMS[block.name]
        return {"diagram": diagram, "numbers": story.reading.numbers(diagram.sources)}


@plugin_pool.register_plugin
class ResultPlugin(BlockPlugin):
    model = blocks.ResultBlock
    name = _("Result of a trial")

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: HandedOn
    ) -> forms.Field | None:
        """Chosen from what there is, by its trial and cancer."""
        if db_field.name == "key":
            rows = Result.objects.newest().order_by("cancer__slug", "trial")
            found = rows.values_list("key", "cancer__slug", "trial").distinct()
            chosen = [(key, f"{cancer}: {trial} ({key})") for key, cancer, trial in found]
            kwargs["widget"] = forms.Select(choices=[("", "---------"), *chosen])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def gather(self, block: blocks.ResultBlock, language: str) -> list[Result]:
        return list(Result.objects.on_record().for_pages().filter(key=block.key))

    def show(self, block: blocks.ResultBlock, story: Story) -> dict[str, object]:
        rows = story.rows(block, of=Result)
        return {"row": result_shown(rows[0], story.reading) if rows else None}


@plugin_pool.register_plugin
class PicturePlugin(LooksUp, BlockPlugin):
    model = blocks.PictureBlock
    name = _("Picture")
    autocomplete_fields = ("picture",)

    def show(self, block: blocks.PictureBlock, story: Story) -> dict[str, object]:
        caption = story.reading.line(block.caption)
        return {"picture": block.picture, "alt": block.alt, "caption": caption}


@plugin_pool.register_plugin
class LeafletPlugin(LooksUp, BlockPlugin):
    model = blocks.LeafletBlock
    name = _("Leaflet (PDF)")
    autocomplete_fields = ("leaflet",)

    def show(self, block: blocks.LeafletBlock, story: Story) -> dict[str, object]:
        about = story.reading.line(block.about)
        return {"leaflet": block.leaflet, "title": block.title, "about": about}


@plugin_pool.register_plugin
class ConsultationCallPlugin(BlockPlugin):
    model = blocks.ConsultationCallBlock
    name = _("Ask for a consultation")

    def show(self, block: blocks.ConsultationCallBlock, story: Story) -> dict[str, object]:
        return {"about": block.about}


@plugin_pool.register_plugin
class ContactBoxPlugin(BlockPlugin):
    model = blocks.FixedBlock
    name = _("How to reach us")
    show_add_form = False


@plugin_pool.register_plugin
class WhoWeArePlugin(BlockPlugin):
    model = blocks.FixedBlock
    name = _("Who we are")
    show_add_form = False


@plugin_pool.register_plugin
class MedicalTeamPlugin(BlockPlugin):
    model = blocks.FixedBlock
    name = _("Medical team")
    show_add_form = False

    def gather(self, block: Block, language: str) -> list[Clinician]:
        return list(Clinician.objects.on_team_page())

    def show(self, block: Block, story: Story) -> dict[str, object]:
        return {"people": story.rows(block, of=Clinician)}


PLUGINS: dict[str, type[BlockPlugin]] = {
    plugin.name_in_files: plugin for plugin in BlockPlugin.__subclasses__() if plugin is not ProsePlugin
}
