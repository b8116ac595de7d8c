"""Sessions lie under a hash of their key, and a device on the list ends with its session, by the database itself.

The sessions of before lie under their open keys, and are nobody's any more: everybody signs in again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sign_ins"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=["DELETE FROM accounts_signin", "DELETE FROM django_session"],
            reverse_sql=["DELETE FROM accounts_signin", "DELETE FROM django_session"],
        ),
        migrations.RemoveField(model_name="signin", name="session_key"),
        migrations.AddField(
            model_name="signin",
            name="session",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=models.DO_NOTHING,
                related_name="sign_in",
                to="sessions.session",
            ),
        ),
        migrations.RunSQL(
            sql="ALTER TABLE accounts_signin ADD CONSTRAINT sign_in_ends_with_session"
            " FOREIGN KEY (session_id) REFERENCES django_session (session_key) ON DELETE CASCADE",
            reverse_sql="ALTER TABLE accounts_signin DROP CONSTRAINT sign_in_ends_with_session",
        ),
    ]
