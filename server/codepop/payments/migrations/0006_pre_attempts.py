from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_dispute_differs"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="attempt",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="dispute",
            name="evidence_attempt",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="reconciliationbreak",
            name="looked_at",
            field=models.DateTimeField(null=True),
        ),
    ]
