"""The audit trail on the command line: is it whole?"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from codepop.core.audit import check, heads_of


class Command(BaseCommand):
    help = "Verify the audit trail: every entry's hash is computed anew. Exit code 1 when anything is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdict with the chains' ends to FILE")
        parser.add_argument(
            "--against", type=Path, metavar="FILE", help="an earlier FILE: its ends must still be in the chains"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        earlier = None
        if options["against"]:
            try:
                earlier = heads_of(options["against"].read_text())
            except (OSError, ValueError) as error:
                raise CommandError(f"{options['against']}: {error}") from error
        verdict = check(earlier=earlier)
        for chain, (number, head) in sorted(verdict.heads.items()):
            self.stdout.write(f"{chain:<38}{number:>9}  {head}")
        for one in verdict.findings:
            self.stdout.write(f"WRONG  {one.chain} entry {one.number}: {one.problem}")
        if options["json"]:
            options["json"].write_text(verdict.as_json())
        self.stdout.write(f"{verdict.entries} entries in {len(verdict.heads)} chains, {len(verdict.findings)} wrong")
        if verdict.findings:
            sys.exit(1)
