"""Clock-driven work of the ground itself."""

from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from codepop.core.idempotency import KEYS_KEPT, forget_keys
from codepop.core.jobs import periodic
from codepop.core.log import get_logger
from codepop.kit.clock import now

log = get_logger(__name__)

STALLED_AFTER_SECONDS = 30
JOBS_KEPT_HOURS = 24


@app.periodic(cron="* * * * * */15")
@app.task(name="core.rescue_stalled", queueing_lock="core.rescue_stalled")
async def rescue_stalled(timestamp: int) -> None:
    """Give the jobs of a worker that died to another one: procrastinate itself leaves them "doing"."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        log.warning("job_rescued", job=job.id, task=job.task_name)
        await _rescue(job)


async def _rescue(job: Job) -> None:
    """Queue the job again, unless another rescuer, or its own worker after all, was faster."""
    try:
        await _queue_again(job)
    except ConnectorException:
        if await _is_stalled(job):
            raise
        log.info("job_rescued_by_another", job=job.id, task=job.task_name)


async def _queue_again(job: Job) -> None:
    """A scheduled job whose next run waits already is not needed any more."""
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)


async def _is_stalled(job: Job) -> bool:
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS)
    return any(one.id == job.id for one in stalled)


@app.periodic(cron="7 * * * *")
@app.task(name="core.remove_old_jobs", queueing_lock="core.remove_old_jobs")
async def remove_old_jobs(timestamp: int) -> None:
    """Delete finished jobs of yesterday; failed ones stay for a person to look at."""
    await app.job_manager.delete_old_jobs(nb_hours=JOBS_KEPT_HOURS)


@periodic("23 * * * *", name="core.forget_idempotency_keys")
def forget_idempotency_keys() -> None:
    """Delete keys that no client retries with any more."""
    forget_keys(now() - KEYS_KEPT)
