"""Logs: one JSON object a line on standard output, with the request's id, without personal data.

A last processor blacks out what must never be in a log even if somebody passes it by mistake: e-mail
addresses, card-like numbers, and values of fields that name a secret.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

import structlog

from codepop.kit.card_numbers import without

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_KEYS = re.compile(r"\b(?:[sr]k|whsec)_(?:test|live)?_?\w+|pi_\w+_secret_\w+")
_SECRET_FIELDS = re.compile(r"secret|token|password|authorization|cookie|api_key|client_secret", re.IGNORECASE)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; log events are snake_case words, facts are keyword arguments."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def redact(value: Any) -> Any:
    """Black out what looks personal or secret in a string, or in the strings of a list or mapping."""
    if isinstance(value, str):
        return _KEYS.sub("[secret]", without(_CARD.sub("[number]", _EMAIL.sub("[e-mail]", value))))
    if isinstance(value, Mapping):
        return {k: "[secret]" if _SECRET_FIELDS.search(str(k)) else redact(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact(v) for v in value]
    return value


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return cast("MutableMapping[str, Any]", redact(event))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def configure(options: Mapping[str, Any]) -> None:
    """Set up structlog and the standard library's logging alike; Django calls this once (LOGGING_CONFIG)."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _redact_event,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options.get("level", "INFO"))
    for noisy in ("httpx", "httpcore", "procrastinate", "urllib3", "asyncio", "stripe"):
        logging.getLogger(noisy).setLevel("WARNING")
