from django.db import migrations

import content.lines


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0034_setting_in_one_place"),
    ]

    operations = [
        migrations.AddField(
            model_name="sign",
            name="medicines",
            field=content.lines.LinesField(
                blank=True,
                db_default=[],
                default=list,
                help_text="Slugs, one a line. It is told where one of them is. Empty: with all of its groups.",
                verbose_name="only with these medicines",
            ),
        ),
    ]
