from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0013_regimens_converted")]

    operations = [
        migrations.AddConstraint(
            model_name="biomarkerrequirement",
            constraint=models.UniqueConstraint(
                fields=("indication", "biomarker", "scale"), name="requirement_once_per_scale"
            ),
        ),
        migrations.AddConstraint(
            model_name="indication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved")),
                fields=("key",),
                name="indication_key_once",
                violation_error_message="An approved row has this key already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="indication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved"), ("status", "current")),
                fields=("cancer", "regulator", "setting", "terms"),
                name="indication_once_per_use",
                violation_error_message="This use is already on record for this regulator.",
            ),
        ),
    ]
