"""A price that changes leaves a row in the audit trail, whoever changes it (DB-12)."""

from django.db import migrations

WATCH = """
CREATE TRIGGER audit_watch AFTER UPDATE OF price_cents ON catalog_ingredient
    FOR EACH ROW EXECUTE FUNCTION audit_watch('price', 'slug price_cents', 'values');
CREATE TRIGGER audit_watch AFTER UPDATE OF price_cents ON catalog_size
    FOR EACH ROW EXECUTE FUNCTION audit_watch('price', 'code price_cents', 'values');
"""
BACK = """
DROP TRIGGER audit_watch ON catalog_ingredient;
DROP TRIGGER audit_watch ON catalog_size;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("core", "0006_audit_chain")]

    operations = [migrations.RunSQL(WATCH, BACK)]
