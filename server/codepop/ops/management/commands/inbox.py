"""The inbox on the command line: what is held or waits; replay or release one message, with a name and a reason."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.core.errors import AppError
from codepop.core.inbox_console import release_message, replay_message
from codepop.core.models import InboxMessage, InboxState


class Command(BaseCommand):
    help = "List messages that are held for a person or wait; exit code 1 when any is held."

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--replay", type=int, metavar="ID", help="have a message looked at again")
        act.add_argument("--release", type=int, metavar="ID", help="let a held message go without applying it")
        parser.add_argument("--by", default="", help="who does it; goes into the audit log")
        parser.add_argument("--note", default="", help="why")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, act in (("replay", replay_message), ("release", release_message)):
            if options[name] is not None:
                if not options["by"] or not options["note"]:
                    raise CommandError(f"--{name} needs --by (your name) and --note (why)")
                try:
                    act(message_id=options[name], by=options["by"], note=options["note"])
                except AppError as error:
                    raise CommandError(error.message) from error
                self.stdout.write(f"{name}ed: {options[name]}")
                return
        states = (InboxState.QUARANTINED, InboxState.PARKED, InboxState.NEW)
        rows = InboxMessage.objects.filter(state__in=states).order_by("id")
        for row in rows[:200]:
            self.stdout.write(f"{row.id:>8}  {row.state:<12} {row.kind:<16} {row.subject}  {row.note}")
        held = rows.filter(state=InboxState.QUARANTINED).count()
        self.stdout.write(f"{held} held for a person, {rows.count() - held} waiting")
        if held:
            sys.exit(1)
