"""The live process, for an ASGI server: `granian --interface asgi config.asgi_live:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from django.conf import settings  # noqa: E402  Django must be set up before features are imported

from codepop.api.live.app import make_app  # noqa: E402

application = make_app(database_url=settings.CODEPOP.database_url, public_url=settings.CODEPOP.public_url)
