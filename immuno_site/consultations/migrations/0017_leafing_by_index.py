from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0016_lists_of_many_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="consultationrequest", name="request_latest"),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(
                fields=["-changed_at", "-id", "status", "owner", "closed_reason"], name="request_latest"
            ),
        ),
    ]
