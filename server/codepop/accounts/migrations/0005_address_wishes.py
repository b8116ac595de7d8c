"""A wish for an address goes with the address, by the database itself: two changes at once can't strand one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0004_sessions_by_hash"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressWish",
            fields=[
                (
                    "address",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="wish",
                        serialize=False,
                        to="account.emailaddress",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["asked_at"], name="accounts_ad_asked_a_b7220d_idx")],
            },
        ),
        migrations.RunSQL(
            sql="ALTER TABLE accounts_addresswish ADD CONSTRAINT wish_ends_with_address"
            " FOREIGN KEY (address_id) REFERENCES account_emailaddress (id) ON DELETE CASCADE",
            reverse_sql="ALTER TABLE accounts_addresswish DROP CONSTRAINT wish_ends_with_address",
        ),
    ]
