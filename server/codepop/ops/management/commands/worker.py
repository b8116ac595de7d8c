"""The worker process: runs jobs, the clock-driven work and the inbox until it is told to stop."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

from codepop.core.inbox_worker import InboxWorker
from codepop.core.job_outcomes import PatientJobManager
from codepop.core.jobs import Lane
from codepop.core.log import get_logger

CONCURRENCY = 4
STOP_SECONDS = 20
AGAIN_SECONDS = 1.0

log = get_logger(__name__)


class Command(BaseCommand):
    help = "Run jobs, schedules and the inbox. SIGTERM or Ctrl-C finishes the running jobs first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="jobs of one lane at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = cast(DjangoConnector, app.connector)
        with app.replace_connector(connector.get_worker_connector()) as worker_app:
            worker_app.job_manager = PatientJobManager(worker_app.connector)
            asyncio.run(_run(worker_app, options["concurrency"]))


async def _run(worker_app: Any, concurrency: int) -> None:
    loop = asyncio.get_running_loop()
    # The loop's own threads are few: a job that has begun would wait there behind those of other lanes after all.
    loop.set_default_executor(ThreadPoolExecutor(len(Lane) * concurrency + 1, thread_name_prefix="job"))
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with worker_app.open_async():
        parts = [
            asyncio.create_task(stopped.wait()),
            asyncio.create_task(InboxWorker().run(settings.CODEPOP.database_url)),
            *(asyncio.create_task(_work(worker_app, lane, concurrency)) for lane in Lane),
        ]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:  # once: a second time would tear the jobs away from those that finish them
                part.cancel()
            for ended in await asyncio.gather(*parts, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended


async def _work(worker_app: Any, lane: Lane, concurrency: int) -> None:
    """Run the jobs of one lane until cancelled; then finish those that are running.

    Without its database procrastinate's worker ends, most often without an error: then a new one takes its place.
    """
    while True:
        try:
            await _run_lane(worker_app, lane, concurrency)
        except (ConnectorException, OSError) as error:
            log.warning("jobs_stopped", lane=lane.value, reason=type(error).__name__)
        else:
            log.warning("jobs_stopped", lane=lane.value, reason="side_task")
        await asyncio.sleep(AGAIN_SECONDS)


async def _run_lane(worker_app: Any, lane: Lane, concurrency: int) -> None:
    await worker_app.run_worker_async(
        queues=[lane.value],
        name=f"codepop-{settings.CODEPOP.mode}-{lane.value}",
        concurrency=concurrency,
        install_signal_handlers=False,
        shutdown_graceful_timeout=STOP_SECONDS,
        update_heartbeat_interval=5,
        stalled_worker_timeout=20,
    )
