"""The audit trail becomes a chain: numbered and linked by the database, also the entries that are there already."""

from django.db import migrations, models

DIGEST = """
CREATE FUNCTION audit_digest(entry core_auditentry) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT sha256(convert_to(string_agg(char_length(part) || ':' || part, ',' ORDER BY place), 'UTF8'))
    FROM unnest(ARRAY[
        entry.chain::text, entry.number::text, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        entry.actor::text, entry.action::text, entry.subject::text, entry.note::text, encode(entry.previous, 'hex')
    ]) WITH ORDINALITY AS parts (part, place)
$$;
"""

# With the owner's rights: the application may not write the heads. The row of the head is the lock of its chain.
LINK = """
CREATE FUNCTION audit_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    head core_audithead;
BEGIN
    INSERT INTO core_audithead (chain, number, hash) VALUES (NEW.chain, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM core_audithead WHERE chain = NEW.chain FOR UPDATE;
    NEW.number := head.number + 1;
    NEW.previous := head.hash;
    NEW.at := clock_timestamp();
    NEW.hash := audit_digest(NEW);
    UPDATE core_audithead SET number = NEW.number, hash = NEW.hash WHERE chain = NEW.chain;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_link BEFORE INSERT ON core_auditentry FOR EACH ROW EXECUTE FUNCTION audit_link();
"""

# What a trigger on a sensitive table calls, with the names of the columns whose change matters. Values are never
# copied: an entry says that an address or a password changed, not to what. Roles and prices are no secrets.
WATCH = """
CREATE FUNCTION audit_watch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    facts jsonb := was || becomes;
    shown text := '';
    name text;
    changed boolean := TG_OP <> 'UPDATE';
BEGIN
    FOREACH name IN ARRAY string_to_array(TG_ARGV[1], ' ') LOOP
        IF TG_OP = 'UPDATE' AND was -> name IS DISTINCT FROM becomes -> name THEN
            changed := true;
            shown := shown || ' ' || name || CASE WHEN TG_ARGV[2] = 'values'
                THEN ' ' || coalesce(was ->> name, '') || ' -> ' || coalesce(becomes ->> name, '') ELSE '' END;
        ELSIF TG_OP <> 'UPDATE' AND TG_ARGV[2] = 'values' THEN
            shown := shown || ' ' || coalesce(facts ->> name, '');
        END IF;
    END LOOP;
    IF changed THEN
        INSERT INTO core_auditentry (actor, action, subject, note, chain) VALUES (
            left(coalesce(nullif(current_setting('codepop.actor', true), ''), 'database:' || session_user), 60),
            left(TG_ARGV[0] || '.' || lower(TG_OP), 60),
            left(TG_ARGV[0] || ':' || coalesce(facts ->> 'user_id', facts ->> 'id') || shown, 255),
            left(coalesce(current_setting('codepop.reason', true), ''), 200),
            'accounts'
        );
    END IF;
    RETURN NULL;
END $$;
"""

# The entries of before, in the order in which they were written. The trigger that refuses changes is told to let it be.
BACKFILL = """
DO $$
DECLARE
    entry core_auditentry;
    last bytea := decode(repeat('00', 32), 'hex');
    counted bigint := 0;
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_append_only_97da0}', true);
    FOR entry IN SELECT * FROM core_auditentry ORDER BY id LOOP
        counted := counted + 1;
        entry.number := counted;
        entry.previous := last;
        entry.chain := 'company';
        last := audit_digest(entry);
        UPDATE core_auditentry SET number = counted, previous = entry.previous, hash = last, chain = 'company'
            WHERE id = entry.id;
    END LOOP;
    IF counted > 0 THEN
        INSERT INTO core_audithead (chain, number, hash) VALUES ('company', counted, last);
    END IF;
    PERFORM set_config('pgtrigger.ignore', '', true);
END $$;
"""

BACK = """
DROP TRIGGER audit_link ON core_auditentry;
DROP FUNCTION audit_link();
DROP FUNCTION audit_watch();
DROP FUNCTION audit_digest(core_auditentry);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0005_audit")]

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("chain", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.AddField(
            model_name="auditentry",
            name="chain",
            field=models.CharField(db_default="company", editable=False, max_length=36),
        ),
        migrations.AddField(
            model_name="auditentry", name="number", field=models.BigIntegerField(db_default=0, editable=False)
        ),
        migrations.AddField(
            model_name="auditentry",
            name="previous",
            field=models.BinaryField(db_default=b"", editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="hash",
            field=models.BinaryField(db_default=b"", editable=False, max_length=32),
        ),
        migrations.RunSQL(DIGEST, migrations.RunSQL.noop),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(LINK + WATCH, BACK),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.UniqueConstraint(fields=("chain", "number"), name="audit_number_once"),
        ),
    ]
