"""Compare Stripe's books with ours now; exit code 1 when a difference is open or Stripe did not answer."""

import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.kit.clock import now
from codepop.payments.selectors import open_breaks
from codepop.payments.services import fetch_undelivered, look_at_disputes, reconcile, resolve_break


class Command(BaseCommand):
    help = "Compare the provider's charges, refunds and disputes with our books, repair what can be, list what can't."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=float, help="begin so many days ago, not where the last run stopped")
        parser.add_argument("--resolve", metavar="ID", help="close a difference that a person has dealt with")
        parser.add_argument("--by", default="", help="with --resolve: who has")
        parser.add_argument("--note", default="", help="with --resolve: how")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["resolve"]:
            self._resolve(options["resolve"], options["by"], options["note"])
        since = now() - timedelta(days=options["days"]) if options["days"] else None
        outcome = reconcile(since=since)
        if outcome.complete:
            outcome.repaired += fetch_undelivered()
            outcome.compared += look_at_disputes()
        self.stdout.write(f"compared {outcome.compared}, repaired {outcome.repaired}")
        breaks = open_breaks()
        for one in breaks:
            self.stdout.write(f"{one.id}  {one.kind:<16} {one.subject}  ours: {one.ours}  theirs: {one.theirs}")
        if not outcome.complete:
            self.stdout.write("not complete: Stripe did not answer, or more is left; run it again")
        self.stdout.write(f"{len(breaks)} differences need a person" if breaks else "no differences")
        if breaks or not outcome.complete:
            sys.exit(1)

    def _resolve(self, break_id: str, by: str, note: str) -> None:
        if not by or not note:
            raise CommandError("--resolve needs --by (your name) and --note (what was done)")
        known = next((one for one in open_breaks() if str(one.id) == break_id), None)
        if known is None or not resolve_break(break_id=known.id, by=by, note=note):
            raise CommandError(f"no open difference has the id {break_id}")
