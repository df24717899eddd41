"""A draft needs an address and a name; days and class are asked for when it goes public."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0026_unsaved"),
    ]

    operations = [
        migrations.AlterField(
            model_name="biomarkercontent",
            name="checked_on",
            field=models.DateField(
                help_text="The day somebody last held every sentence against its source.",
                null=True,
                verbose_name="checked on",
            ),
        ),
        migrations.AlterField(
            model_name="biomarkercontent",
            name="next_check_due",
            field=models.DateField(
                help_text="After this day the page says by itself that it is overdue.",
                null=True,
                verbose_name="next check due",
            ),
        ),
        migrations.AlterField(
            model_name="cancertypecontent",
            name="checked_on",
            field=models.DateField(
                help_text="The day somebody last held every sentence against its source.",
                null=True,
                verbose_name="checked on",
            ),
        ),
        migrations.AlterField(
            model_name="cancertypecontent",
            name="next_check_due",
            field=models.DateField(
                help_text="After this day the page says by itself that it is overdue.",
                null=True,
                verbose_name="next check due",
            ),
        ),
        migrations.AlterField(
            model_name="drugcontent",
            name="checked_on",
            field=models.DateField(
                help_text="The day somebody last held every sentence against its source.",
                null=True,
                verbose_name="checked on",
            ),
        ),
        migrations.AlterField(
            model_name="drugcontent",
            name="next_check_due",
            field=models.DateField(
                help_text="After this day the page says by itself that it is overdue.",
                null=True,
                verbose_name="next check due",
            ),
        ),
        migrations.AlterField(
            model_name="drugcontent",
            name="therapy_class",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="content.therapyclass",
                verbose_name="therapy class",
            ),
        ),
        migrations.AlterField(
            model_name="sideeffectcontent",
            name="checked_on",
            field=models.DateField(
                help_text="The day somebody last held every sentence against its source.",
                null=True,
                verbose_name="checked on",
            ),
        ),
        migrations.AlterField(
            model_name="sideeffectcontent",
            name="next_check_due",
            field=models.DateField(
                help_text="After this day the page says by itself that it is overdue.",
                null=True,
                verbose_name="next check due",
            ),
        ),
        migrations.AlterField(
            model_name="therapyclasscontent",
            name="checked_on",
            field=models.DateField(
                help_text="The day somebody last held every sentence against its source.",
                null=True,
                verbose_name="checked on",
            ),
        ),
        migrations.AlterField(
            model_name="therapyclasscontent",
            name="next_check_due",
            field=models.DateField(
                help_text="After this day the page says by itself that it is overdue.",
                null=True,
                verbose_name="next check due",
            ),
        ),
        migrations.AlterField(
            model_name="treatmentcentercontent",
            name="checked_on",
            field=models.DateField(
                help_text="The day somebody last held every sentence against its source.",
                null=True,
                verbose_name="checked on",
            ),
        ),
        migrations.AlterField(
            model_name="treatmentcentercontent",
            name="next_check_due",
            field=models.DateField(
                help_text="After this day the page says by itself that it is overdue.",
                null=True,
                verbose_name="next check due",
            ),
        ),
    ]
