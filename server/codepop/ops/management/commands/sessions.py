"""Sessions on the command line: how many there are, whose one is, and how to end them (docs/runbooks/sessions.md).

A session's key is read from standard input, never from the command line, where the whole machine could read it.
"""

import sys
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.accounts import services


class Command(BaseCommand):
    help = "Count sessions, say whose a key is, or end sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument(
            "--whose", action="store_true", help="read a session's key from standard input; say whose it is"
        )
        act.add_argument("--end-person", type=UUID, metavar="ID", help="sign this person out everywhere")
        act.add_argument("--end-all", action="store_true", help="sign everybody out")
        parser.add_argument("--by", default="", help="who does it; goes into the audit trail")
        parser.add_argument("--note", default="", help="why")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["whose"]:
            self._whose()
        elif options["end_all"] or options["end_person"]:
            self._end(options)
        else:
            found = services.count_sessions()
            self.stdout.write(
                f"{found.live} sessions of {found.people} people ({found.staff} with a role), "
                f"{found.anonymous} of nobody yet, {found.unread} that the present keys don't open"
            )

    def _whose(self) -> None:
        found = services.whose_session(sys.stdin.readline())
        if found is None:
            self.stdout.write("This key opens no session: it is wrong, over, or was ended.")
            return
        state = "" if found.active or found.user_id is None else ", locked"
        roles = ", ".join(found.roles) or "no role"
        self.stdout.write(
            f"person {found.user_id or 'nobody yet'}: {roles}{state}; ends {found.expires_at:%Y-%m-%d %H:%M} UTC"
        )

    def _end(self, options: dict[str, Any]) -> None:
        if not options["by"] or not options["note"]:
            raise CommandError("ending sessions needs --by (your name) and --note (why)")
        given = {"by": options["by"], "note": options["note"]}
        if options["end_all"]:
            ended = services.end_every_session(**given)
        else:
            ended = services.end_sessions_by_hand(user_id=options["end_person"], **given)
        self.stdout.write(f"{ended} sessions ended")
