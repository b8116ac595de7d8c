"""Print the demo chain's log-ins, for a person or for a program."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from codepop.ops.demo import demo_totp_secret, read_demo


class Command(BaseCommand):
    help = "Print the log-ins of the demo chain with their roles; all share one password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer JSON for the launcher and for tests."""
        parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the accounts that are meant to be tried."""
        if settings.CODEPOP.production:
            raise CommandError("There are no demo log-ins with CODEPOP_ENV=production.")
        people = read_demo().people
        shown = [
            {
                "email": one.email,
                "password": people.password,
                "role": one.role or "customer",
                "text": one.shown,
                "totp_secret": demo_totp_secret(one.email) if one.role else "",
            }
            for one in people.people
            if one.shown
        ]
        if options["json"]:
            self.stdout.write(json.dumps(shown))
            return
        width = max(len(one["email"]) for one in shown)
        for one in shown:
            self.stdout.write(f"{one['email']:{width}}  {people.password}  {one['text']}")
