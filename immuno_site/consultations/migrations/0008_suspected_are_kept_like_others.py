"""What came before the rule changed gets the same time to be looked at."""

import datetime

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def keep_longer(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    requests = apps.get_model("consultations", "ConsultationRequest").objects
    requests.filter(status="suspected").update(erase_after=F("received_at") + datetime.timedelta(days=90))


class Migration(migrations.Migration):
    dependencies = [("consultations", "0007_life_of_a_request")]

    operations = [migrations.RunPython(keep_longer, migrations.RunPython.noop)]
