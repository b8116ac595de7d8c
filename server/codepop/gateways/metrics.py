"""Figures of all calls to providers, under OpenTelemetry's names in Prometheus' spelling (OBS-09).

No label ever holds an id, an address or an amount. All processes of a machine write to one folder
(PROMETHEUS_MULTIPROC_DIR, set by the settings), and `/ops/metrics` of any of them shows the sum.
"""

from prometheus_client import Counter, Histogram

# 3, 5 and 10 seconds are the thresholds of the alerts.
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)

REQUEST_SECONDS = Histogram(
    "http_client_request_duration_seconds",
    "Time a provider took to answer, or not to.",
    ["provider", "operation", "http_request_method", "http_response_status_code", "error_type"],
    buckets=_SECONDS,
)
RETRIES = Counter("provider_retries", "Calls that were sent again.", ["provider", "operation"])
HELD_BACK = Counter("provider_calls_held_back", "Calls that were not sent.", ["provider", "operation", "reason"])
BREAKER_OPENED = Counter("provider_breaker_opened", "Times that a provider was taken to be away.", ["provider"])
SECRET_FALLBACK_USED = Counter(
    "secret_fallback_used", "Times that the first secret was refused and the next one was right.", ["variable"]
)
