"""What readers search for in a week: counted by a keyed digest, in words from the third asking on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0022_signatures_of_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.DateField(help_text="The Monday it begins with.", verbose_name="week from")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                (
                    "words",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="words"
                    ),
                ),
                ("times", models.PositiveIntegerField(db_default=0, default=0, verbose_name="times asked")),
                (
                    "found",
                    models.BooleanField(db_default=False, default=False, verbose_name="something was found"),
                ),
            ],
            options={
                "verbose_name": "searched word",
                "verbose_name_plural": "what readers search for",
                "ordering": ("-week", "-times", "words"),
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("week", "digest"), name="asked_term_once_a_week"),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), ("times__gte", 3), _connector="OR"),
                        name="asked_term_readable_from_three",
                    ),
                ],
            },
        ),
    ]
