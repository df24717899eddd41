"""Updates were public from the moment they were saved: they stay so, and say that no clinician has checked them.

Approved on the day of this migration: nobody wrote down when they went public, and the day of the news is another.
What no door lets through any more, a day ahead or a source that is not there, waits as a draft for a person.
"""

import re
from collections.abc import Iterator

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

_CITATION = re.compile(r"\[@([a-z0-9][a-z0-9.-]*)\]")
_TEXTS = {"glossaryterm": "explanation", "question": "answer", "update": "text"}
_KINDS = ("indication", "sideeffectoccurrence", *_TEXTS)


def approve_what_stands(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    database = schema_editor.connection.alias
    today = timezone.localdate()
    known = set(apps.get_model("content", "Source").objects.using(database).values_list("key", flat=True))
    rows = apps.get_model("content", "Update").objects.using(database)
    good = [
        pk
        for pk, text in rows.filter(happened_on__lte=today).values_list("pk", "text")
        if known.issuperset(_CITATION.findall(text))
    ]
    rows.filter(pk__in=good).update(state="approved", review_state="unreviewed", approved_on=today)


def keep_what_facts_cite(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As every approval does from here on; a content type that is missing has no rows."""
    database = schema_editor.connection.alias
    types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    citation = apps.get_model("content", "Citation")
    sources = dict(apps.get_model("content", "Source").objects.using(database).values_list("key", "pk"))
    for kind in _KINDS:
        content_type = types.filter(app_label="content", model=kind).first()
        rows = apps.get_model("content", kind).objects.using(database).exclude(state="draft")
        if content_type:
            citation.objects.using(database).bulk_create(
                [
                    citation(content_type=content_type, object_id=pk, source_id=source)
                    for pk, source in sorted(set(_cited(rows, kind, sources)))
                ],
                ignore_conflicts=True,
            )


def _cited(rows: models.QuerySet, kind: str, sources: dict[str, int]) -> Iterator[tuple[int, int]]:
    yield from rows.filter(more_sources__isnull=False).values_list("pk", "more_sources")
    if kind in _TEXTS:
        for pk, text in rows.values_list("pk", _TEXTS[kind]):
            yield from ((pk, sources[key]) for key in _CITATION.findall(text) if key in sources)


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0008_updates_are_facts"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(approve_what_stands, migrations.RunPython.noop),
        migrations.RunPython(keep_what_facts_cite, migrations.RunPython.noop),
    ]
