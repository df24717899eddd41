import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import immuno_site.consultations.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0003_inbox"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", immuno_site.consultations.crypto.EncryptedTextField(verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF document"),
                            ("jpg", "JPEG photograph"),
                            ("png", "PNG image"),
                            ("heic", "HEIC photograph"),
                            ("docx", "Word document"),
                            ("dcm", "DICOM image"),
                            ("zip", "Folder of DICOM images"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                (
                    "notes",
                    immuno_site.consultations.crypto.EncryptedJSONField(
                        blank=True, default=list, verbose_name="findings"
                    ),
                ),
                (
                    "entries",
                    immuno_site.consultations.crypto.EncryptedJSONField(
                        blank=True, default=list, verbose_name="contents"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("stored_as", models.CharField(editable=False, max_length=80, unique=True)),
                ("wrapped_key", models.TextField(editable=False)),
                (
                    "scan",
                    models.CharField(
                        choices=[
                            ("waiting", "Not scanned yet"),
                            ("clean", "No virus found"),
                            ("infected", "Virus found"),
                            ("unscannable", "Cannot be scanned"),
                            ("lost", "File lost"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="scan",
                    ),
                ),
                ("scanned_at", models.DateTimeField(blank=True, null=True, verbose_name="scanned")),
                ("virus", models.CharField(blank=True, max_length=120, verbose_name="virus")),
                ("unlocked_at", models.DateTimeField(blank=True, null=True, verbose_name="unlocked")),
                (
                    "unlock_reason",
                    immuno_site.consultations.crypto.EncryptedTextField(
                        blank=True, verbose_name="unlocked because"
                    ),
                ),
                (
                    "progress",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="consultations.progress",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="consultations.consultationrequest",
                    ),
                ),
                (
                    "unlocked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("received_at", "pk"),
                "permissions": [("unlock_attachment", "May unlock a file that no scan has found clean")],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["scan", "received_at"], name="attachment_scan")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("progress__isnull", False), ("request__isnull", True)),
                            models.Q(("progress__isnull", True), ("request__isnull", False)),
                            _connector="OR",
                        ),
                        name="attachment_belongs_to_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["pdf", "jpg", "png", "heic", "docx", "dcm", "zip"])),
                        name="attachment_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scan__in", ["waiting", "clean", "infected", "unscannable", "lost"])
                        ),
                        name="attachment_scan_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="attachment_not_empty"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stored_as", ""), _negated=True),
                            models.Q(("wrapped_key", ""), _negated=True),
                        ),
                        name="attachment_stored_with_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scan__in", ("clean", "infected")), _negated=True),
                            ("scanned_at__isnull", False),
                            _connector="OR",
                        ),
                        name="attachment_verdict_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scan", "infected"), models.Q(("virus", ""), _negated=True)),
                            models.Q(models.Q(("scan", "infected"), _negated=True), ("virus", "")),
                            _connector="OR",
                        ),
                        name="attachment_infected_names_virus",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("unlocked_at__isnull", True), ("unlocked_by__isnull", True)),
                            models.Q(("unlocked_at__isnull", False), ("unlocked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="attachment_unlocked_by_and_at_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scan__in", ("infected", "lost")), _negated=True),
                            ("unlocked_at__isnull", True),
                            _connector="OR",
                        ),
                        name="attachment_infected_stays_locked",
                    ),
                ],
            },
        ),
    ]
