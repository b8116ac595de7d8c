from django.db import migrations

import codepop.core.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0004_remakes"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="cancel_note",
            field=codepop.core.encryption.EncryptedTextField(db_default="", default=""),
        ),
    ]
