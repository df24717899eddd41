"""The page of the medical team says in which languages somebody answers, and what."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0018_living_and_help"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinician",
            name="languages",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="As readers should see them: Hebrew, Arabic, English.",
                max_length=160,
                verbose_name="languages",
            ),
        ),
        migrations.AddField(
            model_name="clinician",
            name="answers",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What this person does here: checks the pages on lung cancer, answers questions on side effects.",
                max_length=300,
                verbose_name="what they answer",
            ),
        ),
    ]
