from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_day_differs"),
    ]

    operations = [
        migrations.AddField(
            model_name="guardmark",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
    ]
