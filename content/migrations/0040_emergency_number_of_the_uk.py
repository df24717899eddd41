from django.db import migrations

import content.lines
import content.models.site_profile

THREE = ["112 in the European Union", "911 in the United States", "101 in Israel"]


def add(apps, schema_editor):
    """To a profile as it came: lines that editors set stay theirs."""
    for profile in apps.get_model("content", "SiteProfile").objects.all():
        if profile.emergency_numbers == THREE:
            profile.emergency_numbers = [*THREE, "999 in the United Kingdom"]
            profile.save(update_fields=["emergency_numbers"])


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0039_signs_of_cancers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="siteprofile",
            name="emergency_numbers",
            field=content.lines.LinesField(
                blank=True,
                db_default=[],
                default=content.models.site_profile.default_emergency_numbers,
                help_text="One a line, as 112 in the European Union. The first four are large buttons.",
                verbose_name="emergency numbers",
            ),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
