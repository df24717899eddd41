from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models


def take_over(apps, schema_editor):
    """Who is signed in stays signed in. What nobody signed in to is left behind."""
    old, new = apps.get_model("sessions", "Session"), apps.get_model("accounts", "Session")
    store = SessionStore()
    for row in old.objects.iterator():
        if account := store.decode(row.session_data).get(SESSION_KEY):
            values = {"session_data": row.session_data, "expire_date": row.expire_date, "account": account}
            new.objects.update_or_create(session_key=row.session_key, defaults=values)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_invitation"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("account", models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
