"""The deployment checklist on the command line; exit code 1 when anything is missing, 0 otherwise."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from codepop.ops.doctor import State, examine

SIGNS = {State.OK: "ok      ", State.DEGRADED: "degraded", State.MISSING: "missing "}


class Command(BaseCommand):
    help = "Check settings, keys, database, processes, queue and inbox; say the remedy for what is not well."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(f) for f in findings]))
        else:
            for finding in findings:
                self.stdout.write(f"{SIGNS[finding.state]}  {finding.part:<22} {finding.says}")
                if finding.remedy:
                    self.stdout.write(f"          {'':<22} → {finding.remedy}")
        if any(f.state == State.MISSING for f in findings):
            sys.exit(1)
