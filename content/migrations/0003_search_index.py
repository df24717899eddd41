import django.db.models.deletion
from django.db import migrations, models

VECTORS = ("names_words", "lead_words", "text_words")


def make_index(apps, schema_editor):
    """The words themselves, in what each database has for it; content/search/index.py fills and asks it."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE VIRTUAL TABLE content_searchtext USING fts5(place, title, names, lead, text, content='', "
            "contentless_delete=1, tokenize='unicode61 remove_diacritics 0', prefix='3 4')"
        )
        return
    for column in VECTORS:
        schema_editor.execute(f"ALTER TABLE content_searchdocument ADD COLUMN {column} tsvector")
        # Without fastupdate: until the next vacuum the planner would shun an index with pending rows.
        schema_editor.execute(
            f"CREATE INDEX content_searchdocument_{column} ON content_searchdocument "
            f"USING gin ({column}) WITH (fastupdate = off)"
        )


def remove_index(apps, schema_editor):
    # PostgreSQL's columns go with the table.
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE content_searchtext")


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0002_plugins"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("slug", models.CharField(max_length=200)),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("address", models.CharField(max_length=400)),
                ("summary", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "slug", "language"), name="search_document_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(db_index=True, max_length=250)),
                ("is_title", models.BooleanField(default=False)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="content.searchdocument",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        max_length=10,
                    ),
                ),
                ("word", models.CharField(max_length=60)),
                ("length", models.PositiveSmallIntegerField()),
                ("letters", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["language", "length"], name="search_word_by_length")],
                "constraints": [
                    models.UniqueConstraint(fields=("language", "word"), name="search_word_once")
                ],
            },
        ),
        migrations.RunPython(make_index, remove_index),
    ]
