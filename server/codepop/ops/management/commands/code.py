"""Print the code of a demo account's second factor, as its authenticator app would."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.ops.demo import demo_totp_secret, read_demo

PERIOD_SECONDS = 30


class Command(BaseCommand):
    help = "Print the present code of a demo staff account, for signing in to the staff screens. In sandbox mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute it from the demo's well-known secret; accounts of real people have one of their own."""
        if settings.CODEPOP.production or settings.CODEPOP.mode != "sandbox":
            raise CommandError("There are no demo accounts but in sandbox mode.")
        email = str(options["email"]).strip().lower()
        staff = [one.email for one in read_demo().people.people if one.role]
        if email not in staff:
            raise CommandError(f"This is no demo account of staff. Try {', '.join(staff[:3])}.")
        counter, gone = divmod(int(time.time()), PERIOD_SECONDS)
        code = format_hotp_value(hotp_value(demo_totp_secret(email), counter))
        self.stdout.write(code)
        left = PERIOD_SECONDS - gone
        self.stderr.write(f"good for {left} second{'' if left == 1 else 's'}, and once")
