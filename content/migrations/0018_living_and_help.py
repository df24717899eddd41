"""Pages of cancers may tell of life with the cancer, and where to find help."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0017_who_we_are"),
    ]

    operations = [
        migrations.AddField(
            model_name="cancertypecontent",
            name="find_help",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Help lines, patient groups, counseling, by country and language.",
                verbose_name="where to find help",
            ),
        ),
        migrations.AddField(
            model_name="cancertypecontent",
            name="living",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Lasting effects, check-ups, work, mind and body.",
                verbose_name="living with it, and after treatment",
            ),
        ),
    ]
