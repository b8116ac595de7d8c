"""Who is signed in where. Sessions of before are on no list, so nobody could end them: their people sign in again."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import codepop.kit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignInGuard",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("account", "tries at one address"), ("network", "tries from one network address")],
                        max_length=7,
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32, unique=True)),
                ("tries", models.PositiveIntegerField()),
                ("last_try_at", models.DateTimeField()),
                ("locked_until", models.DateTimeField(null=True)),
                ("needs_unlock", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [models.Index(fields=["last_try_at"], name="accounts_si_last_tr_e8636d_idx")],
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.UUIDField(default=codepop.kit.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("client", models.CharField(max_length=7)),
                ("device", models.CharField(max_length=60)),
                ("seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-seen_at"], name="accounts_si_user_id_07932c_idx")],
            },
        ),
        migrations.RunSQL(sql="DELETE FROM django_session", reverse_sql=migrations.RunSQL.noop),
    ]
