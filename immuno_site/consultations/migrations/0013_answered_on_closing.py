"""Closing as answered is an answer, and closing late without one a broken promise: also of those closed before."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def decide(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("consultations", "ConsultationRequest").objects.filter(answered_at=None)
    # Only what the columns say: whether one without a reply was waiting for the patient is not known any more.
    rows.filter(closed_reason="not_ours", closed_at__gt=F("reply_due_at")).update(answered_in_time=False)
    answered = rows.filter(closed_reason="answered")
    answered.filter(closed_at__gt=F("reply_due_at")).update(
        answered_at=F("closed_at"), answered_in_time=False
    )
    answered.filter(~Q(closed_at=None)).update(answered_at=F("closed_at"), answered_in_time=True)


class Migration(migrations.Migration):
    dependencies = [("consultations", "0012_messages")]

    operations = [migrations.RunPython(decide, migrations.RunPython.noop, elidable=True)]
