"""The worker process: runs jobs, the clock-driven work and the inbox until it is told to stop."""

import asyncio
import signal
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from codepop.core.inbox_worker import InboxWorker

CONCURRENCY = 4
STOP_SECONDS = 20


class Command(BaseCommand):
    help = "Run jobs, schedules and the inbox. SIGTERM or Ctrl-C finishes the running jobs first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="jobs at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = cast(DjangoConnector, app.connector)
        with app.replace_connector(connector.get_worker_connector()) as worker_app:
            asyncio.run(_run(worker_app, options["concurrency"]))


async def _run(worker_app: Any, concurrency: int) -> None:
    loop = asyncio.get_running_loop()
    inbox = asyncio.create_task(InboxWorker().run(settings.CODEPOP.database_url))
    async with worker_app.open_async():
        worker = asyncio.create_task(
            worker_app.run_worker_async(
                name=f"codepop-{settings.CODEPOP.mode}",
                concurrency=concurrency,
                install_signal_handlers=False,
                shutdown_graceful_timeout=STOP_SECONDS,
                update_heartbeat_interval=5,
                stalled_worker_timeout=20,
            )
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.cancel)
        try:
            await asyncio.wait([worker, inbox], return_when=asyncio.FIRST_COMPLETED)
        finally:
            worker.cancel()
            inbox.cancel()
            for ended in await asyncio.gather(worker, inbox, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
