"""Accounts and roles that are made, changed or removed leave a row in the audit trail, whoever does it (DB-12)."""

from django.db import migrations

# The address is not watched: the rotation of keys rewrites it in every row.
WATCH = """
CREATE TRIGGER audit_watch AFTER INSERT OR DELETE OR UPDATE OF is_active, password ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION audit_watch('account', 'is_active password', 'names');
CREATE TRIGGER audit_watch AFTER INSERT OR DELETE OR UPDATE ON accounts_rolegrant
    FOR EACH ROW EXECUTE FUNCTION audit_watch('role', 'role scope_kind scope_id', 'values');
"""
BACK = """
DROP TRIGGER audit_watch ON accounts_user;
DROP TRIGGER audit_watch ON accounts_rolegrant;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("core", "0006_audit_chain")]

    operations = [migrations.RunSQL(WATCH, BACK)]
