"""The deployment checklist on the command line; exit code 1 when anything is missing.

With a part (`doctor stripe`) the exit code is 1 for what is degraded, too.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from codepop.ops.doctor import PARTS, examine
from codepop.ops.doctor_mail import examine_mail
from codepop.ops.findings import State

SIGNS = {State.OK: "ok      ", State.DEGRADED: "degraded", State.MISSING: "missing "}


class Command(BaseCommand):
    help = "Check settings, keys, database, processes, queue and inbox; say the remedy for what is not well."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", nargs="?", default="", choices=["", *PARTS], help="look at one part in depth")
        parser.add_argument("--zone", type=Path, action="append", help="mail: DNS records from a zone file")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine_mail(options["zone"]) if options["zone"] else examine(options["part"])
        if options["json"]:
            self.stdout.write(json.dumps([asdict(f) for f in findings]))
        else:
            for finding in findings:
                self.stdout.write(f"{SIGNS[finding.state]}  {finding.part:<22} {finding.says}")
                if finding.remedy:
                    self.stdout.write(f"          {'':<22} → {finding.remedy}")
        bad = (State.MISSING, State.DEGRADED) if options["part"] else (State.MISSING,)
        if any(f.state in bad for f in findings):
            sys.exit(1)
