"""Write contract/openapi.json from the running code, or check that it is up to date."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = "Export the public API's OpenAPI document to contract/openapi.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "contract" / "openapi.json"
        document = import_string("config.urls.api").get_openapi_schema()
        text = json.dumps(document, indent=2, sort_keys=True, default=str) + "\n"
        if options["check"]:
            if not path.exists() or path.read_text() != text:
                raise CommandError("contract/openapi.json is out of date: run python server/manage.py export_openapi")
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {len(document['paths'])} paths")
