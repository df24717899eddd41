"""A library of any size for measuring: published entries with made-up words, as long and as linked as real ones.

`DATABASE_URL=... python -m tests.synthetic 3000` fills a migrated, empty database. Rows are written in bulk, past
the gate and past versioning: no figure or sentence in here means anything, and none is ever shown to a reader.
"""

import argparse
import datetime
import itertools
import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# How a real library divides, in percent.
SHARES = {"cancer": 12, "therapy": 6, "drug": 30, "side-effect": 30, "biomarker": 10, "center": 12}
INDICATIONS_PER_DRUG = 5
OCCURRENCES_PER_DRUG = 10
SOURCES = 200
TODAY = datetime.date(2026, 1, 15)
APPROVED = {"state": "approved", "review_state": "unreviewed", "approved_on": TODAY}
Rows = list[object]

# Frequent first: the front of the list is what a search for common words meets on every page.
_COMMON = (
    "the and treatment of to your immune cells in cancer is a doctor for team you can side effects this with "
    "it medicine may or are blood skin call that test rash fever pain tumor body visit week often tell other "
    "protein signal nurse hospital clinic before after day night symptom breathing cough liver heart kidney "
    "tired thirst sleep weight drip vein dose scan result sample report question answer surgery radiation "
    "trial study people some many few most hours months years help weak strong change stop start ask talk "
    "write bring card list name number water food travel work family friend child plan choice risk benefit"
)
WORDS = _COMMON.split()
QUERIES = (
    "treatment",
    "immune cells",
    "side effects",
    "skin rash",
    "call your doctor",
    "fever",
    "tumor test",
)


class Sizes(NamedTuple):
    """Words in one section and in one urgent sign."""

    section: int = 150
    line: int = 9


class Writer:
    """Makes up text; the same seed makes the same text."""

    def __init__(self, seed: int, links: list[str]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - made-up words, nothing secret
        self.links = links
        self.weights = [1 / (rank + 3) for rank in range(len(WORDS))]

    def words(self, count: int) -> list[str]:
        return self.random.choices(WORDS, self.weights, k=count)

    def line(self, count: int) -> str:
        return " ".join(self.words(count)).capitalize()

    def cited(self, count: int) -> str:
        return f"{self.line(count)} [@synthetic-{self.random.randrange(SOURCES)}]"

    def prose(self, count: int) -> str:
        """Paragraphs with a citation each, a link to another entry and a list."""
        paragraphs = []
        for _ in range(max(1, count // 50)):
            sentences = ". ".join(self.line(12) for _ in range(3))
            kind = self.random.choice(self.links)
            paragraphs.append(f"{sentences} [{self.line(2)}]({kind}). {self.cited(12)}.")
        items = "\n".join(f"- **{self.line(2)}.** {self.cited(8)}." for _ in range(3))
        return "\n\n".join([*paragraphs, items])


def fill(count: int, *, sizes: Sizes = Sizes(), seed: int = 1) -> None:  # noqa: B008 - a tuple, not a list
    """Writes `count` published English entries of all kinds, with their facts and sources."""
    from django.contrib.auth import get_user_model
    from django.db import connection, transaction

    from content.models import Source, content_models
    from content.review import used
    from content.search import upkeep

    with transaction.atomic():
        user = get_user_model().objects.create_user("synthetic")
        Source.objects.bulk_create(
            Source(
                key=f"synthetic-{number}",
                title=f"Made-up source {number} with a title of usual length",
                publisher="Nobody",
                url=f"https://example.org/source/{number}",
                kind=Source.Kind.PAPER,
                published_on=TODAY,
                checked_on=TODAY,
            )
            for number in range(SOURCES)
        )
        slugs = {kind: _slugs(kind, count * share // 100) for kind, share in SHARES.items()}
        slugs["center"] += _slugs("center", count - sum(map(len, slugs.values())), start=len(slugs["center"]))
        writer = Writer(seed, [f"{kind}:{slug}" for kind, some in slugs.items() for slug in some[:200]])
        for kind, model in content_models().items():
            _entries(model, slugs[kind], writer, sizes, user)
        _facts(writer)
        upkeep.rebuild()
        used.rebuild_links()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _slugs(kind: str, count: int, *, start: int = 0) -> list[str]:
    return [f"{kind}-{number}" for number in range(start, start + count)]


def _in_batches(rows: Iterable[object], size: int = 500) -> Iterator[list[object]]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, size)):
        yield batch


def _entries(model: type, slugs: list[str], writer: Writer, sizes: Sizes, user: object) -> None:
    from django.utils import timezone
    from djangocms_versioning.constants import PUBLISHED
    from djangocms_versioning.models import Version

    from content.models import Publication

    grouper = model.grouper()
    for batch in _in_batches(slugs):
        entries = grouper.objects.bulk_create(grouper(slug=slug) for slug in batch)
        contents = model._base_manager.bulk_create(_content(model, entry, writer, sizes) for entry in entries)
        versions = Version.objects.bulk_create(
            Version(content=content, created_by=user, state=PUBLISHED, number="1") for content in contents
        )
        Publication.objects.bulk_create(
            Publication(version=version, published_at=timezone.now(), change_note="First version.")
            for version in versions
        )


def _content(model: type, entry: object, writer: Writer, sizes: Sizes) -> object:
    """A row whose every column is filled as its kind demands."""
    from django.db import models

    number = int(entry.slug.rpartition("-")[2])
    values = {
        "entry": entry,
        "language": "en",
        "name": f"{writer.line(2)} {number}",
        "summary": writer.line(18),
        "key_message": writer.line(30),
        "written_by": "Nobody",
        "checked_on": TODAY,
        "next_check_due": TODAY + datetime.timedelta(days=model.MAX_CHECK_INTERVAL - 1),
        "change_note": "First version.",
        "leaflets": ["synthetic-1", "synthetic-2"],
        "country": "IL",
        "website": "https://example.org/",
    }
    for field in model._meta.concrete_fields:
        if field.name in values or field.primary_key:
            continue
        if field.is_relation:
            values[field.name] = None if field.blank else field.related_model.objects.order_by("?").first()
        elif field.choices:
            values[field.name] = writer.random.choice([value for value, _ in field.flatchoices if value])
        elif isinstance(field, models.JSONField):
            make = writer.cited if field.name.startswith("act_") else writer.line
            values[field.name] = [make(sizes.line) for _ in range(5)]
        elif isinstance(field, models.TextField):
            values[field.name] = writer.prose(sizes.section)
        else:
            values[field.name] = writer.line(2)[: field.max_length]
    known = {field.name for field in model._meta.concrete_fields}
    return model(**{name: value for name, value in values.items() if name in known})


def _facts(writer: Writer) -> None:
    from content.models import Biomarker, CancerType, Drug, SideEffect, Source

    sources, cancers = list(Source.objects.all()), list(CancerType.objects.all())
    effects, biomarkers = list(SideEffect.objects.all()), list(Biomarker.objects.all())
    for drugs in _in_batches(Drug.objects.all(), 200):
        _uses(writer, drugs, cancers, biomarkers, sources)
        _occurrences(writer, drugs, effects, sources)


def _uses(writer: Writer, drugs: Rows, cancers: Rows, biomarkers: Rows, sources: Rows) -> None:
    from content.models import BiomarkerRequirement, Indication, IndicationText, RegimenMember

    pick = writer.random.choice
    indications = Indication.objects.bulk_create(
        Indication(
            cancer=pick(cancers),
            key=f"{drug.slug}-{number}",
            setting=pick(Indication.Setting.values),
            regulator=pick(Indication.Regulator.values),
            approval=Indication.Approval.REGULAR,
            granted_on=TODAY,
            terms=f"{drug.slug} {number}",
            source=pick(sources),
            **APPROVED,
        )
        for drug in drugs
        for number in range(INDICATIONS_PER_DRUG)
    )
    RegimenMember.objects.bulk_create(
        RegimenMember(indication=row, drug=drugs[number // INDICATIONS_PER_DRUG])
        for number, row in enumerate(indications)
    )
    IndicationText.objects.bulk_create(
        IndicationText(indication=row, condition=writer.line(15), population=writer.line(4))
        for row in indications
    )
    BiomarkerRequirement.objects.bulk_create(
        BiomarkerRequirement(
            indication=row, biomarker=pick(biomarkers), scale="TPS", at_least=50, level="50% or more"
        )
        for row in indications[::2]
    )


def _occurrences(writer: Writer, drugs: Rows, effects: Rows, sources: Rows) -> None:
    from content.models import OccurrenceText, SideEffectOccurrence

    pick = writer.random.choice
    occurrences = SideEffectOccurrence.objects.bulk_create(
        SideEffectOccurrence(
            drug=drug,
            side_effect=effect,
            how_common=pick(SideEffectOccurrence.HowCommon.values),
            percent_any=20,
            percent_severe=2,
            people=500,
            source=pick(sources),
            **APPROVED,
        )
        for drug in drugs
        for effect in writer.random.sample(effects, min(OCCURRENCES_PER_DRUG, len(effects)))
    )
    OccurrenceText.objects.bulk_create(
        OccurrenceText(occurrence=row, context=writer.line(5)) for row in occurrences
    )


def main() -> None:
    import django

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, help="how many entries")
    count = parser.parse_args().count
    django.setup()
    fill(count)


if __name__ == "__main__":
    main()
