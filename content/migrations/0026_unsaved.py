"""What people typed and have not saved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0025_urgent_promise"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Unsaved",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.CharField(help_text="Which text, in which language: drug:85:en.", max_length=200),
                ),
                (
                    "stamp",
                    models.CharField(help_text="The text they began with, as a digest.", max_length=64),
                ),
                ("typed", models.JSONField(help_text="Name of a field -> its values.")),
                ("begun_at", models.DateTimeField(auto_now_add=True)),
                ("kept_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("user", "form"), name="unsaved_once_a_form")],
            },
        ),
    ]
