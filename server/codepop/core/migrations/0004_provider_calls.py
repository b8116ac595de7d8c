import django.db.models.functions.datetime
from django.db import migrations, models

import codepop.kit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_alert"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderState",
            fields=[
                ("provider", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("window_at", models.DateTimeField()),
                ("calls", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("open_until", models.DateTimeField(null=True)),
                ("probe_until", models.DateTimeField(null=True)),
                ("openings", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.UUIDField(default=codepop.kit.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("provider", models.CharField(max_length=20)),
                ("reason", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("provider",),
                        name="one_open_incident_per_provider",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RateBudget",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=20)),
                ("operation", models.CharField(max_length=40)),
                ("tokens", models.FloatField()),
                ("granted", models.PositiveIntegerField()),
                ("filled_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "operation"), name="one_budget_per_operation")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecretUse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("variable", models.CharField(max_length=40)),
                ("fingerprint", models.CharField(max_length=12)),
                ("first_seen_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("fallbacks", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("variable", "fingerprint"), name="secret_seen_once")],
            },
        ),
        # Losing these at a crash of the database is harmless, and writing them costs no log.
        migrations.RunSQL(
            sql="ALTER TABLE core_providerstate SET UNLOGGED; ALTER TABLE core_ratebudget SET UNLOGGED",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
