"""A photo of a clinician for the page of the medical team, in a table of its own: no sign-off loads it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0019_team_on_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClinicianPhoto",
            fields=[
                (
                    "clinician",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="photo",
                        serialize=False,
                        to="content.clinician",
                    ),
                ),
                ("webp", models.BinaryField()),
            ],
        ),
    ]
