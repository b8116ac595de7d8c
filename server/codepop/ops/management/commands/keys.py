"""The inventory of secrets on the command line, and the steps of changing the keys of field encryption.

Exit code 1 when a secret is due to be changed, 2 when a step can't be made.
"""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from codepop.core.keyset import WrongStep
from codepop.kit.clock import now
from codepop.ops import key_change
from codepop.ops.keys import SecretLine, inventory

STEPS = ("add", "promote", "rewrite", "remove")


class Command(BaseCommand):
    help = (
        "list: the secrets in use and which are due to be changed. add, promote, rewrite, remove: change the keys of"
        " field encryption, in this order (docs/keys.md). state: where that stands."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", default="list", choices=["list", "state", *STEPS])
        parser.add_argument("--json", action="store_true", help="list: print as JSON")
        parser.add_argument(
            "--stopped", action="store_true", help="nothing runs, so no process has to learn of the step"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "list":
            self._list(**options)
            return
        try:
            self._step(options["what"], at_once=options["stopped"])
        except WrongStep as error:
            self.stderr.write(f"✗ {error}")
            sys.exit(2)

    def _step(self, what: str, *, at_once: bool) -> None:
        if what == "rewrite":
            self._rewrite()
        elif what == "add":
            self._tell(key_change.add())
        elif what == "promote":
            self._tell(key_change.promote(at_once=at_once))
        elif what == "remove":
            self._tell(key_change.remove(at_once=at_once))
        state = key_change.present_state()
        if state.keys == 1:
            self.stdout.write("one key; no change under way")
        elif state.new_is_primary:
            self.stdout.write("two keys; the new one encrypts. Next: rewrite, then remove")
        else:
            self.stdout.write("two keys; the new one only decrypts. Next: promote")

    def _rewrite(self) -> None:
        stuck = 0
        for one in key_change.rewrite():
            stuck += one.stuck
            self.stdout.write(
                f"{one.column:<44}{one.replaced:>8} rewritten{f', {one.stuck} stuck' if one.stuck else ''}"
            )
        if stuck:
            raise WrongStep(f"{stuck} values can't be rewritten: docs/keys.md says how to find them.")

    def _tell(self, keysets: str) -> None:
        """Keysets that come from the environment can only be shown, to be set there."""
        if not settings.CODEPOP.keysets_from_file():
            self.stdout.write(f"Set this and restart everything before the next step:\nCODEPOP_KEYSETS={keysets}")

    def _list(self, **options: Any) -> None:
        lines = inventory()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(line) for line in lines], default=str))
        else:
            self.stdout.write(
                f"{'variable':<24}{'place':<9}{'fingerprint':<14}{'first seen':<14}{'last used':<18}fallbacks"
            )
            for line in lines:
                self.stdout.write(_row(line))
                if line.advice:
                    self.stdout.write(f"{'':<24}→ {line.advice}")
        if any(line.advice for line in lines):
            sys.exit(1)


def _row(line: SecretLine) -> str:
    place = {0: "gone", 1: "current", 2: "next"}.get(line.position, str(line.position))
    age = f"{(now() - line.first_seen_at).days} days ago"
    used = _ago(line.last_used_at)
    return f"{line.variable:<24}{place:<9}{line.fingerprint:<14}{age:<14}{used:<18}{line.fallbacks or ''}".rstrip()


def _ago(at: datetime | None) -> str:
    if at is None:
        return "never noted"
    minutes = int((now() - at).total_seconds() // 60)
    return (
        f"{minutes} min ago"
        if minutes < 120
        else f"{minutes // 60} h ago"
        if minutes < 2880
        else f"{minutes // 1440} days ago"
    )
