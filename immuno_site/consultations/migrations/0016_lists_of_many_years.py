from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0015_urgent_late_entered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(
                fields=[
                    "status",
                    "owner",
                    "is_urgent",
                    "reply_due_at",
                    "news_since",
                    "next_action_on",
                    "erase_after",
                ],
                name="request_numbers",
            ),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(fields=["-changed_at", "-id"], name="request_latest"),
        ),
    ]
