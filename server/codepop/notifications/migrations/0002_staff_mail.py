from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("verify_address", "verify address"),
                    ("account_exists", "account exists"),
                    ("no_account", "no account"),
                    ("reset_password", "reset password"),
                    ("password_changed", "password changed"),
                    ("address_change_asked", "address change asked"),
                    ("address_changed", "address changed"),
                    ("security_changed", "security changed"),
                    ("receipt", "receipt"),
                    ("refunded", "refunded"),
                    ("ready", "ready"),
                    ("dispute_opened", "dispute opened"),
                    ("dispute_due", "dispute due"),
                    ("card_testing", "card testing"),
                    ("amends_waiting", "amends waiting"),
                    ("news", "news"),
                ],
                max_length=24,
            ),
        ),
    ]
