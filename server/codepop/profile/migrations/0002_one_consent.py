from django.db import migrations

# The yes to health notes lies with all other consents from now on; nobody's is lost on the way.
FORWARDS = """
INSERT INTO privacy_consent (id, created_at, user_id, purpose, version, given, source, at)
SELECT gen_random_uuid(), agreed_at, user_id, 'allergies', 1, true, 'profile', agreed_at
FROM profile_healthnotes
"""


class Migration(migrations.Migration):
    dependencies = [("profile", "0001_initial"), ("privacy", "0001_initial")]

    operations = [
        migrations.RunSQL(FORWARDS, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="healthnotes", name="agreed_at"),
    ]
