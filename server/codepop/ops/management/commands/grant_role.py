"""Grant a role to an account from the command line: how the first super admin of an installation is made."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import user_by_email
from codepop.accounts.services import grant_role
from codepop.core.db import transaction


class Command(BaseCommand):
    help = "Grant a role, on the whole chain unless --store or --region names a scope by its id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=Role.values)
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument("--store", type=UUID)
        scope.add_argument("--region", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_by_email(options["email"])
        if user is None:
            raise CommandError("There is no account with this e-mail address.")
        kind = ScopeKind.STORE if options["store"] else ScopeKind.REGION if options["region"] else ScopeKind.CHAIN
        with transaction():
            grant_role(
                user_id=user.id,
                role=Role(options["role"]),
                scope_kind=kind,
                scope_id=options["store"] or options["region"],
            )
        self.stdout.write(f"granted: {options['role']} on {kind.label}")
