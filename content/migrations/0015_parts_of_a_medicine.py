"""A medicine's page is full or short, and what people compare has a text of its own. Old texts stay where they are
until the next import."""

from django.db import migrations, models

from content.database_defaults import SetDatabaseDefaults


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0014_coverage"),
    ]

    operations = [
        migrations.AddField(
            model_name="drugcontent",
            name="breastfeeding",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="breastfeeding"),
        ),
        migrations.AddField(
            model_name="drugcontent",
            name="driving",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="driving"),
        ),
        migrations.AddField(
            model_name="drugcontent",
            name="form",
            field=models.CharField(
                choices=[("full", "Full page"), ("short", "Short page")],
                db_default="full",
                default="full",
                help_text="Short for medicines that are not immunotherapy: fewer sections have to be written.",
                max_length=10,
                verbose_name="form",
            ),
        ),
        migrations.AddField(
            model_name="drugcontent",
            name="pregnancy",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Also birth control, and for how long after the last dose.",
                verbose_name="pregnancy",
            ),
        ),
        migrations.AddField(
            model_name="drugcontent",
            name="schedule",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="How often, how long a visit takes, for how long in all.",
                verbose_name="how often and for how long",
            ),
        ),
        migrations.AddField(
            model_name="drugcontent",
            name="vaccines",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="vaccines"),
        ),
        SetDatabaseDefaults(
            [
                migrations.AlterField(
                    model_name="drugcontent",
                    name="daily_life",
                    field=models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Fertility, alcohol, travel, work, other medicines.",
                        verbose_name="daily life",
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="how_given",
                    field=models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="What a visit is like. How often has a text of its own.",
                        verbose_name="how it is given",
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="side_effects",
                    field=models.TextField(
                        blank=True, db_default="", default="", verbose_name="side effects"
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="unknowns",
                    field=models.TextField(
                        blank=True, db_default="", default="", verbose_name="what is not known"
                    ),
                ),
            ]
        ),
    ]
