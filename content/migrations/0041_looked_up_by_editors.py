"""What editors' pages look up: which text links to which entry, what is due, what waits."""

import django.db.models.deletion
from django.db import migrations, models

from content.text.prose import entry_links

# Where the blocks of today hold Markdown.
BLOCKS = {
    "ProseBlock": ["body"],
    "CareCardBlock": ["lines"],
    "DoDontListBlock": ["do", "dont"],
    "PictureBlock": ["caption"],
    "LeafletBlock": ["about"],
}
AT_ONCE = 500
TEXTS = (
    "biomarkercontent", "cancertypecontent", "drugcontent", "sideeffectcontent", "therapyclasscontent",
    "treatmentcentercontent",
)  # fmt: skip
FACTS = ("glossaryterm", "indication", "question", "result", "sideeffectoccurrence", "sign", "update")


def fill(apps, schema_editor):
    """What `rebuild_links` writes."""
    for model, columns in _written_in(apps):
        content_type = None
        new = []
        for pk, *values in model._base_manager.order_by("pk").values_list("pk", *columns).iterator(AT_ONCE):
            links = {link for text in _texts(values) for link in entry_links(text) if len(link[1]) <= 80}
            if links and content_type is None:
                content_type = _type_of(apps, model)
            new += [(pk, kind, slug) for kind, slug in sorted(links)]
            if len(new) > AT_ONCE:
                _write(apps, content_type, new)
                new = []
        _write(apps, content_type, new)


def _written_in(apps):
    for model in apps.get_app_config("content").get_models():
        names = {field.name: field.get_internal_type() for field in model._meta.fields}
        if "key_message" in names:
            yield (
                model,
                [name for name, kind in names.items() if kind == "TextField" or name.startswith("act_")],
            )
    for name, columns in BLOCKS.items():
        yield apps.get_model("content", name), columns


def _texts(values):
    for value in values:
        yield from value if isinstance(value, list) else [value]


def _type_of(apps, model):
    """A site whose texts were all written at once may not know the model yet."""
    known = apps.get_model("contenttypes", "ContentType").objects
    return known.get_or_create(app_label=model._meta.app_label, model=model._meta.model_name)[0]


def _write(apps, content_type, links):
    row = apps.get_model("content", "EntryLink")
    row.objects.bulk_create(
        row(content_type=content_type, object_id=pk, kind=kind, slug=slug) for pk, kind, slug in links
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("content", "0040_emergency_number_of_the_uk"),
    ]

    operations = [
        *(
            migrations.AddIndex(text, models.Index(fields=["next_check_due"], name=f"{text}_due"))
            for text in TEXTS
        ),
        *(
            migrations.AddIndex(
                fact,
                models.Index(fields=[column], condition=models.Q(state=state), name=f"{fact}_{name}"),
            )
            for fact in FACTS
            for state, column, name in (
                ("draft", "created_at", "drafts"),
                ("approved", "approved_on", "approved"),
            )
        ),
        migrations.CreateModel(
            name="EntryLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_id", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("slug", models.CharField(max_length=80)),
                (
                    "content_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["kind", "slug", "content_type", "object_id"], name="entry_link_by_entry"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("content_type", "object_id", "kind", "slug"), name="entry_link_once_per_text"
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
