import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_pre_attempts"),
        ("stores", "0002_store_version"),
    ]

    operations = [
        migrations.AlterField(
            model_name="guardalert",
            name="store",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="stores.store"
            ),
        ),
        migrations.AlterField(
            model_name="guardmark",
            name="payment",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="payments.payment",
            ),
        ),
        migrations.AddField(
            model_name="guardmark",
            name="saving_id",
            field=models.CharField(db_default="", default="", max_length=255),
        ),
        migrations.AddField(
            model_name="guardmark",
            name="failures",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="guardmark",
            constraint=models.UniqueConstraint(
                condition=models.Q(("saving_id", ""), _negated=True),
                fields=("saving_id", "kind", "key_hash"),
                name="guard_mark_of_saving_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardmark",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment", None), ("saving_id", ""), _connector="XOR"),
                name="guard_mark_has_one_source",
            ),
        ),
    ]
