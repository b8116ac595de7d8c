"""Where a person's data are, erasing them, and erasing again after a restore: docs/runbooks/erasure.md.

Exit codes of `find` and `erase`: 0 nothing is there (any more), 1 something is, 3 the erasure waits for something.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from codepop.core.personal import Person
from codepop.gateways.errors import GatewayError
from codepop.ops.person_traces import empty_mailbox, find_traces
from codepop.privacy import services
from codepop.privacy.services import Found, Progress


class Command(BaseCommand):
    help = "find EMAIL, erase EMAIL: a person's data. reapply, tombstones: after a restore. cut, rules: retention."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["find", "erase", "reapply", "tombstones", "cut", "rules"])
        parser.add_argument("about", nargs="*", help="find, erase: the address; reapply: files of tombstones")
        parser.add_argument("--json", action="store_true", help="find: print as JSON")
        parser.add_argument("--yes", action="store_true", help="erase: you have checked who asks")
        parser.add_argument("--wait", type=float, default=60, help="erase: seconds to wait for what has to end first")

    def handle(self, *args: Any, **options: Any) -> None:
        what, about = str(options["what"]), list(options["about"])
        if what in ("find", "erase") and len(about) != 1:
            self._fail(f"usage: ./run privacy {what} EMAIL")
        if what == "find":
            self._find(about[0], as_json=options["json"])
        elif what == "erase":
            self._erase(about[0], sure=options["yes"], seconds=options["wait"])
        elif what == "reapply":
            self._reapply([Path(name) for name in about] or [settings.CODEPOP.tombstone_file])
        elif what == "tombstones":
            for stone in services.stored_tombstones():
                self.stdout.write(stone.line())
        elif what == "cut":
            for name, count in services.cut_all().items():
                self.stdout.write(f"{name:<52}{count:>9}")
        else:
            for rule in services.rules():
                self.stdout.write(f"{rule.holds:<18}{rule.name:<52}{rule.kept.days:>6} days {rule.kept.seconds:>6} s")

    def _fail(self, says: str) -> None:
        self.stderr.write(f"✗ {says}")
        sys.exit(2)

    def _find(self, email: str, *, as_json: bool) -> None:
        person = services.known(email=email)
        found = [*services.find(person), *find_traces(person)]
        if as_json:
            self.stdout.write(json.dumps([asdict(one) for one in found]))
        else:
            self._show(found)
        if found:
            sys.exit(1)

    def _show(self, found: Sequence[Found]) -> None:
        for one in found:
            self.stdout.write(f"{one.rows:>6}  {one.table:<34}{one.holds:<18}{one.title}")
        if not found:
            self.stdout.write("nothing")

    def _erase(self, email: str, *, sure: bool, seconds: float) -> None:
        person = services.known(email=email)
        if not services.find(person):
            self._prove(person)
            return
        if not sure:
            self._show(services.find(person))
            self._fail("Nothing was erased. Check that this person asks, then add --yes.")
        progress = self._go_on(services.order_erasure(email=email), until=time.monotonic() + seconds)
        if progress.state != "done":
            self.stderr.write(f"… it waits: {progress.waits_for}. The worker goes on by itself; run this again to see.")
            sys.exit(3)
        self._prove(person)

    def _go_on(self, erasure_id: Any, *, until: float) -> Progress:
        while True:
            try:
                progress = services.advance(erasure_id=erasure_id)
            except GatewayError as error:
                progress = Progress(erasure_id, "under_way", f"a provider is away ({error})")
            if progress.state == "done" or time.monotonic() > until:
                return progress
            time.sleep(1)

    def _prove(self, person: Person) -> None:
        """Look again for all that was known of them before: addresses and account; the orders lead nowhere now."""
        empty_mailbox(person)
        again = services.known(user_id=person.user_id)
        left = services.find(Person(person.emails, person.user_id, again.order_ids))
        left += find_traces(person)
        self._show(left)
        if left:
            sys.exit(1)

    def _reapply(self, files: list[Path]) -> None:
        missing = [str(path) for path in files if not path.exists()]
        if missing:
            self._fail(f"There is no {', '.join(missing)}: name the files of tombstones, from every machine.")
        stones = list(services.read_tombstones(files))
        back = services.reapply(stones)
        self.stdout.write(f"{len(stones)} were erased before; {back} had come back and are erased again")
