"""The live process, for an ASGI server: `granian --interface asgi config.asgi_live:application`."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
# No jobs are run or added here. Without their modules (and the SDKs behind them) the process is a quarter smaller.
settings.PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
django.setup()

from codepop.api.live.app import make_app  # noqa: E402  Django must be set up before features are imported

application = make_app(database_url=settings.CODEPOP.database_url, public_url=settings.CODEPOP.public_url)
