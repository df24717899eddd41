"""Who looked at a fact and stands for it: a signature for each row, with what was on the screen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0021_drawings"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_id", models.PositiveIntegerField()),
                ("signed_on", models.DateField(verbose_name="signed on")),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the row as it was on the screen.", max_length=64),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fact_signatures",
                        to="content.clinician",
                    ),
                ),
            ],
            options={
                "ordering": ("-signed_on", "-pk"),
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("content_type", "object_id", "reviewer"), name="fact_signed_once_by_each"
                    )
                ],
            },
        ),
    ]
