"""Disputes on the command line: what waits for an answer, what a bank decides; exit code 1 when one needs an answer."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from codepop.payments.attention import DisputeView, disputes
from codepop.payments.services import look_at_disputes
from codepop.stores.selectors import list_stores


class Command(BaseCommand):
    help = "Ask the provider for disputes whose messages were lost, and list those that are open, by deadline."

    def handle(self, *args: Any, **options: Any) -> None:
        look_at_disputes()
        names = {store.id: store.name for store in list_stores()}
        found = disputes(names, open_only=True)
        for one in found:
            self.stdout.write(_line(one, names[one.store_id]))
        unanswered = sum(one.answerable for one in found)
        self.stdout.write(f"{unanswered} to answer, {len(found) - unanswered} with the bank")
        if unanswered:
            sys.exit(1)


def _line(one: DisputeView, store: str) -> str:
    due = f"answer by {one.due_at:%Y-%m-%d %H:%M} UTC" if one.due_at else "no deadline"
    amount = f"{one.amount_cents} {one.currency}"
    return f"{one.provider_id}  {one.state:<14}  {amount}  {one.reason}  {due}  {store}  /staff/disputes/{one.id}"
