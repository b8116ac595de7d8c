from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_pre_saving_declines"),
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
                    ("day_differs", "a day's sum differs from the provider's balance"),
                ],
                max_length=20,
            ),
        ),
    ]
