"""The access report on the command line: who can do what where, for a regular look (SEC-13)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from codepop.accounts.directory import people_within
from codepop.reporting.revenue import as_csv
from codepop.reporting.staff.people import REPORT_HEADER, report_rows


class Command(BaseCommand):
    help = (
        "List everybody who holds a role: where, last sign-in, second factor. --csv FILE writes what each may do, too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--csv", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        people = people_within(store_ids=[], region_ids=[], whole=True)
        rows = report_rows(people)
        for person, _name, address, role, where, _since, state, seen, factor, _may in rows:
            second = "second factor" if factor == "yes" else "NO SECOND FACTOR"
            self.stdout.write(f"{person}  {address:<24}{role:<12}{where:<28}{state:<8}{seen or 'never':<22}{second}")
        bare = sum(1 for one in people if one.active and not one.second_factor)
        self.stdout.write(f"{len(people)} people hold {len(rows)} roles, {bare} of them without a second factor")
        if options["csv"]:
            options["csv"].write_text(as_csv(REPORT_HEADER, rows))
