from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0041_looked_up_by_editors"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="searchname",
            name="search_name_by_stems",
        ),
        migrations.AddIndex(
            model_name="searchname",
            index=models.Index(
                fields=["language", "stems", "kind", "is_title", "document"], name="search_name_by_stems"
            ),
        ),
    ]
