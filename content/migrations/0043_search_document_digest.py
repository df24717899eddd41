from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0042_search_names_by_stems"),
    ]

    operations = [
        migrations.AddField(
            model_name="searchdocument",
            name="digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
