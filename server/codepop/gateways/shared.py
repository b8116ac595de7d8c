"""What all processes know together of a provider: its breaker and its budgets, as short statements of their own.

Each is one statement in its own transaction, never inside a caller's. On the happy path only `take_block` is sent, at
most once a second for each operation and process. Time is passed in, so that a test can move it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from codepop.core.statements import fetch_one
from codepop.gateways.limits import BreakerLimits


@dataclass(frozen=True)
class Block:
    """Requests taken from the budget, what was left there, and how the breaker stands."""

    granted: int
    left: float
    open_until: datetime | None


_TAKE = """
    WITH counted AS (
        UPDATE core_providerstate SET calls = calls + %(calls)s
        WHERE provider = %(provider)s AND failures > 0 AND open_until IS NULL AND %(calls)s > 0
    ), taken AS (
        INSERT INTO core_ratebudget AS budget (provider, operation, tokens, granted, filled_at)
        VALUES (%(provider)s, %(operation)s, %(size)s - %(block)s, %(block)s, %(at)s)
        ON CONFLICT (provider, operation) DO UPDATE SET (tokens, granted, filled_at) = (
            SELECT level - share, share, GREATEST(budget.filled_at, %(at)s)
            FROM (SELECT level, GREATEST(0, LEAST(%(block)s, floor(level - %(reserve)s)))::int AS share
                  FROM (SELECT LEAST(%(size)s, budget.tokens + %(rate)s
                               * GREATEST(0, extract(epoch FROM %(at)s - budget.filled_at))) AS level) AS filled
                 ) AS shared
        )
        RETURNING granted, tokens
    )
    SELECT taken.granted, taken.tokens, state.open_until
    FROM taken LEFT JOIN core_providerstate AS state ON state.provider = %(provider)s
"""

_EMPTY = """
    UPDATE core_ratebudget SET tokens = LEAST(tokens, %(tokens)s), filled_at = %(at)s
    WHERE provider = %(provider)s AND operation = %(operation)s
"""

_FAIL = """
    INSERT INTO core_providerstate AS state (provider, window_at, calls, failures, openings)
    VALUES (%(provider)s, %(at)s, %(calls)s, 1, 0)
    ON CONFLICT (provider) DO UPDATE SET
        window_at = CASE WHEN state.window_at < %(since)s THEN %(at)s ELSE state.window_at END,
        calls = CASE WHEN state.window_at < %(since)s THEN 0 ELSE state.calls END + %(calls)s,
        failures = CASE WHEN state.window_at < %(since)s THEN 0 ELSE state.failures END + 1
"""

_OPEN = """
    WITH opened AS (
        UPDATE core_providerstate SET open_until = %(until)s, openings = 1, probe_until = NULL
        WHERE provider = %(provider)s AND open_until IS NULL AND failures >= %(failures)s AND failures * 2 >= calls
        RETURNING provider
    )
    INSERT INTO core_incident (id, provider, reason, opened_at)
    SELECT %(id)s, provider, %(reason)s, %(at)s FROM opened
    ON CONFLICT DO NOTHING
    RETURNING id
"""

_PROBE = """
    UPDATE core_providerstate SET probe_until = %(until)s
    WHERE provider = %(provider)s AND open_until <= %(at)s AND (probe_until IS NULL OR probe_until <= %(at)s)
    RETURNING provider
"""

_STAY_OPEN = """
    UPDATE core_providerstate
    SET open_until = %(at)s + LEAST(%(longest)s, %(first)s * power(2, LEAST(openings, 20))) * interval '1 second',
        openings = openings + 1, probe_until = NULL
    WHERE provider = %(provider)s AND open_until IS NOT NULL
    RETURNING open_until
"""

_CLOSE = """
    WITH closed AS (
        UPDATE core_providerstate
        SET open_until = NULL, probe_until = NULL, openings = 0, calls = 0, failures = 0, window_at = %(at)s
        WHERE provider = %(provider)s AND open_until IS NOT NULL
        RETURNING provider
    )
    UPDATE core_incident SET closed_at = %(at)s
    WHERE closed_at IS NULL AND provider = (SELECT provider FROM closed)
    RETURNING extract(epoch FROM %(at)s - opened_at)
"""


def take_block(
    *, provider: str, operation: str, rate: float, block: int, reserve: float, calls: int, at: datetime
) -> Block:
    """Take up to `block` requests, leaving `reserve` in the bucket for others; tell the breaker of `calls` answered."""
    row = _one(
        _TAKE,
        provider=provider,
        operation=operation,
        rate=rate,
        size=max(rate, 2.0),  # one request must fit in beside what is left for others, else the patient never get any
        block=block,
        reserve=reserve,
        calls=calls,
        at=at,
    )
    assert row is not None, "the statement gives one row"
    return Block(granted=row[0], left=row[1], open_until=row[2])


def empty_bucket(*, provider: str, operation: str, tokens: float, at: datetime) -> None:
    """After a 429: nothing is left, and with `tokens` below zero nothing will be for a while."""
    _one(_EMPTY, provider=provider, operation=operation, tokens=tokens, at=at)


def count_failure(*, provider: str, calls: int, limits: BreakerLimits, at: datetime) -> None:
    """Count a failed call, and the `calls` answered (this one included) that were not told yet."""
    since = at - timedelta(seconds=limits.window_seconds)
    _one(_FAIL, provider=provider, calls=calls, since=since, at=at)


def open_breaker(*, provider: str, incident_id: Any, reason: str, limits: BreakerLimits, at: datetime) -> bool:
    """Open the breaker if enough has failed, with its incident; says whether this call opened it."""
    until = at + timedelta(seconds=limits.open_seconds)
    values = {"provider": provider, "id": incident_id, "reason": reason[:200], "until": until, "at": at}
    return _one(_OPEN, **values, failures=limits.failures) is not None


def claim_probe(*, provider: str, limits: BreakerLimits, at: datetime) -> bool:
    """Become the one who tries whether the provider is back."""
    until = at + timedelta(seconds=limits.probe_seconds)
    return _one(_PROBE, provider=provider, until=until, at=at) is not None


def stay_open(*, provider: str, limits: BreakerLimits, at: datetime) -> datetime | None:
    """After a probe that failed: open for longer; returns until when."""
    row = _one(_STAY_OPEN, provider=provider, first=limits.open_seconds, longest=limits.open_seconds_max, at=at)
    return row[0] if row else None


def close_breaker(*, provider: str, at: datetime) -> float | None:
    """After a probe that succeeded: close, and end the incident; returns its seconds, None when it was closed."""
    row = _one(_CLOSE, provider=provider, at=at)
    return float(row[0]) if row else None


def _one(sql: str, **values: Any) -> Any:
    return fetch_one(sql, values)
