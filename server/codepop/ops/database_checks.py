"""Is the database reached as the role that may do least, and is the way to it encrypted?"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from codepop.core.rights import append_only_tables
from codepop.ops.findings import Finding, State

_ROLE = """
    SELECT rolname::text, rolsuper, rolcreaterole OR rolcreatedb, has_schema_privilege('public', 'CREATE'),
           EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = rolname)
    FROM pg_roles WHERE rolname = current_user
"""
_CHANGEABLE = """
    SELECT count(*) FROM unnest(%s::text[]) AS found(name)
    WHERE to_regclass(name) IS NOT NULL AND has_table_privilege(to_regclass(name), 'UPDATE, DELETE, TRUNCATE')
"""
REMEDY = "Sign in as a role of its own with the rights that docs/database.md grants, not as the owner."


def rights() -> Iterator[Finding]:
    """Say whether this process could rewrite the books, or change the schema (DB-05)."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        role, superuser, creates_roles, creates, owns = cursor.fetchone()
        cursor.execute(_CHANGEABLE, [append_only_tables()])
        changeable = cursor.fetchone()[0]
    too_much = [
        words
        for words, given in (
            ("is a superuser", superuser),
            ("makes roles or databases", creates_roles),
            ("owns tables", owns),
            ("changes the schema", creates),
            (f"may change {changeable} append-only tables", changeable),
        )
        if given
    ]
    if too_much:
        yield Finding("database.rights", State.DEGRADED, f"{role} {', '.join(too_much)}", REMEDY)
    else:
        yield Finding("database.rights", State.OK, f"{role}: rows only, history only to add to")


def encryption() -> Iterator[Finding]:
    """Say whether the way to the database is encrypted (DB-06): production must be, loopback need not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        encrypted, version = cursor.fetchone() or (False, None)
    if encrypted:
        yield Finding("database.tls", State.OK, f"{version}")
    elif settings.CODEPOP.production:
        remedy = "Add sslmode=verify-full to DATABASE_URL and turn ssl on at the server."
        yield Finding("database.tls", State.MISSING, "the connection is not encrypted", remedy)
    else:
        yield Finding("database.tls", State.OK, "not encrypted; required with CODEPOP_ENV=production")
