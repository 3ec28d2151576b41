"""Structured logs: for people on a terminal, JSON lines elsewhere. What is secret by name is never written."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = ("token", "key", "password", "authorization", "secret", "cookie")


def configure_logs(level: str) -> None:
    """Set up structlog and the standard library's loggers for the process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )
    for_people = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _hide_secrets,
            *((structlog.dev.ConsoleRenderer(),) if for_people else (structlog.processors.format_exc_info,)),
            *(() if for_people else (structlog.processors.JSONRenderer(),)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event:
        if any(part in name.lower() for part in _SECRET):
            event[name] = "…"
    return event
