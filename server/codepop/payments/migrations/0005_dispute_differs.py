from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_staff_money"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reconciliationbreak",
            name="kind",
            field=models.CharField(
                choices=[
                    ("unknown_charge", "charged at the provider, not in our books"),
                    ("unknown_refund", "given back at the provider, not in our books"),
                    ("charge_differs", "charge differs from the provider's"),
                    ("refund_differs", "refund differs from the provider's"),
                    ("missing_charge", "in our books, unknown to the provider"),
                    ("dispute_differs", "dispute differs from our charge"),
                    ("ledger_differs", "the ledger differs from the provider's book"),
                ],
                max_length=20,
            ),
        ),
    ]
