"""What is stuck in the mail, and what an operator can do about it. Shows no address and no content."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from codepop.notifications.selectors import stuck_mail
from codepop.notifications.services import clear_flaw, retry_dead


class Command(BaseCommand):
    help = "Show mail that waits or was given up; queue it again; trust a flagged address again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["stuck", "retry", "trust"])
        parser.add_argument("--failure", default="", help="retry: only what was given up for this reason")
        parser.add_argument("--address", default="", help="trust: the address")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "retry":
            self.stdout.write(f"{retry_dead(failure=options['failure'])} queued again")
        elif options["what"] == "trust":
            clear_flaw(address=options["address"])
            self.stdout.write("the address is trusted again")
        else:
            rows = stuck_mail()
            for one in rows:
                why = one.failure or "-"
                self.stdout.write(f"{one.count:>6}  {one.kind:<22}{one.state:<9}{why:<16}since {one.oldest:%F %T} UTC")
            if not rows:
                self.stdout.write("nothing is stuck")
