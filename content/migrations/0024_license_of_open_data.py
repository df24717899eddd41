"""Under which license others may use the open data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0023_what_readers_search_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="siteprofile",
            name="data_license",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Its name or address, as CC BY 4.0. Empty: nobody is told that they may use the data.",
                max_length=200,
                verbose_name="license of the open data",
            ),
        ),
    ]
