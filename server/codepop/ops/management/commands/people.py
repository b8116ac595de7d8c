"""What an operator does for a person who can't get in. Each leaves a line in the audit log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.accounts.selectors import user_by_email
from codepop.accounts.services import drop_factors, end_sessions_of, unlock

ACTOR = "operator"


class Command(BaseCommand):
    help = "Unlock an account, take off second factors that are lost, sign somebody out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["unlock", "drop-factors", "sign-out"])
        parser.add_argument("--email", required=True)
        parser.add_argument("--note", required=True, help="why, for the audit log; nothing personal")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_by_email(options["email"])
        if user is None:
            raise CommandError("There is no account with this e-mail address.")
        if options["action"] == "unlock":
            was = unlock(user_id=user.id, actor=ACTOR, note=options["note"])
            self.stdout.write("unlocked" if was else "was not locked")
        elif options["action"] == "drop-factors":
            dropped = drop_factors(user_id=user.id, actor=ACTOR, note=options["note"])
            self.stdout.write(f"{dropped} taken off; signed out everywhere; told by mail")
        else:
            self.stdout.write(f"{end_sessions_of(user.id)} sessions ended")
