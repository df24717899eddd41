from django.db import migrations, models


def fill(apps, schema_editor):
    """What `rebuild_search` writes, but for the stems: until then names are found as they are spelled."""
    schema_editor.execute(
        "UPDATE content_searchname SET stems = name, "
        "language = (SELECT language FROM content_searchdocument WHERE id = document_id), "
        "kind = (SELECT kind FROM content_searchdocument WHERE id = document_id)"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0036_media"),
    ]

    operations = [
        migrations.AddField(
            model_name="searchname",
            name="language",
            field=models.CharField(db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            model_name="searchname",
            name="kind",
            field=models.CharField(db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="searchname",
            name="stems",
            field=models.CharField(db_default="", default="", max_length=250),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="searchname",
            index=models.Index(
                fields=["language", "name", "kind", "is_title", "document"], name="search_name_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="searchname",
            index=models.Index(fields=["language", "stems"], name="search_name_by_stems"),
        ),
    ]
