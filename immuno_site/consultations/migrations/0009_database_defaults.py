"""Whatever has a default in the code has one in the database: a release that does not know a column can still write
its rows. The release before, on the newer tables; or this one, on a table that keeps a column it has given up."""

import copy
import uuid

from django.db import migrations, models

from content.database_defaults import SetDatabaseDefaults
from immuno_site.consultations.crypto import EncryptedTextField


def let_encrypted_columns_be_empty(apps, schema_editor):
    """The fields say so by themselves, in earlier migrations too: only the tables do not know it yet."""
    for model in apps.get_app_config("consultations").get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField) and field.has_db_default():
                before = copy.copy(field)
                before.db_default = models.NOT_PROVIDED
                schema_editor.alter_field(model, before, field)


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0008_suspected_are_kept_like_others"),
    ]

    operations = [
        migrations.AddField(
            model_name="note",
            name="form_id",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        # Only now the default: with it above, all notes there are would have got the same number.
        SetDatabaseDefaults(
            [
                migrations.AlterField(
                    model_name="note",
                    name="form_id",
                    field=models.UUIDField(default=uuid.uuid4, editable=False, null=True, unique=True),
                ),
                migrations.AlterField(
                    model_name="accessevent",
                    name="detail",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=120, verbose_name="detail"
                    ),
                ),
                migrations.AlterField(
                    model_name="accessevent",
                    name="is_allowed",
                    field=models.BooleanField(db_default=True, default=True, verbose_name="allowed"),
                ),
                migrations.AlterField(
                    model_name="accessevent",
                    name="reference",
                    field=models.CharField(
                        blank=True,
                        db_default="",
                        db_index=True,
                        default="",
                        max_length=10,
                        verbose_name="reference",
                    ),
                ),
                migrations.AlterField(
                    model_name="attachment",
                    name="digest",
                    field=models.CharField(
                        blank=True, db_default="", default="", editable=False, max_length=64
                    ),
                ),
                migrations.AlterField(
                    model_name="attachment",
                    name="scan",
                    field=models.CharField(
                        choices=[
                            ("waiting", "Not scanned yet"),
                            ("clean", "No virus found"),
                            ("infected", "Virus found"),
                            ("unscannable", "Cannot be scanned"),
                            ("lost", "File lost"),
                        ],
                        db_default="waiting",
                        default="waiting",
                        max_length=20,
                        verbose_name="scan",
                    ),
                ),
                migrations.AlterField(
                    model_name="attachment",
                    name="virus",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=120, verbose_name="virus"
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="cancer",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=80, verbose_name="cancer"
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="closed_reason",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "Answered"),
                            ("no_reply", "The patient did not reply"),
                            ("not_ours", "Not something we can help with"),
                            ("duplicate", "Sent twice"),
                            ("spam", "Spam"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                        verbose_name="closed because",
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="country",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=2, verbose_name="country"
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="email_index",
                    field=models.CharField(
                        blank=True, db_default="", db_index=True, default="", editable=False, max_length=64
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="is_urgent",
                    field=models.BooleanField(db_default=False, default=False, verbose_name="urgent words"),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="kind",
                    field=models.CharField(
                        choices=[("consultation", "Consultation"), ("callback", "Call back")],
                        db_default="consultation",
                        default="consultation",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="may_share",
                    field=models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="If not, ask the patient first.",
                        verbose_name="may be shown to doctors",
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="phone_index",
                    field=models.CharField(
                        blank=True, db_default="", db_index=True, default="", editable=False, max_length=64
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="status",
                    field=models.CharField(
                        choices=[
                            ("new", "New"),
                            ("read", "Read"),
                            ("waiting", "Waiting for patient"),
                            ("with_doctor", "With doctor"),
                            ("answered", "Answered"),
                            ("closed", "Closed"),
                            ("suspected", "Suspected spam"),
                        ],
                        db_default="new",
                        default="new",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="suspected_because",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=80, verbose_name="suspected because"
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationrequest",
                    name="version",
                    field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
                ),
                migrations.AlterField(
                    model_name="coordinator",
                    name="languages",
                    field=models.JSONField(blank=True, db_default=[], default=list, verbose_name="languages"),
                ),
                migrations.AlterField(
                    model_name="coordinator",
                    name="views",
                    field=models.JSONField(
                        blank=True, db_default=[], default=list, verbose_name="saved views"
                    ),
                ),
                migrations.AlterField(
                    model_name="feedback",
                    name="page",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=300, verbose_name="page"
                    ),
                ),
                migrations.AlterField(
                    model_name="feedback",
                    name="suspected_because",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=80, verbose_name="suspected because"
                    ),
                ),
                migrations.AlterField(
                    model_name="keycanary",
                    name="id",
                    field=models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                migrations.AlterField(
                    model_name="note",
                    name="about",
                    field=models.CharField(
                        choices=[
                            ("internal", "Note"),
                            ("hand_over", "Handed over"),
                            ("patient", "Told the patient"),
                        ],
                        db_default="internal",
                        default="internal",
                        max_length=20,
                        verbose_name="about",
                    ),
                ),
                migrations.AlterField(
                    model_name="outgoingmail",
                    name="last_error",
                    field=models.CharField(blank=True, db_default="", default="", max_length=80),
                ),
                migrations.AlterField(
                    model_name="outgoingmail",
                    name="tries",
                    field=models.PositiveSmallIntegerField(db_default=0, default=0),
                ),
                migrations.AlterField(
                    model_name="ratecounter",
                    name="times",
                    field=models.PositiveIntegerField(db_default=0, default=0),
                ),
            ]
        ),
        migrations.RunPython(let_encrypted_columns_be_empty, migrations.RunPython.noop),
    ]
