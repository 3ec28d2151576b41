"""Structured logs: for people on a terminal, JSON lines elsewhere. Nothing secret is written.

Two nets: a field whose name says that it is secret is blotted out whole, and in every text, tracebacks and other
libraries' lines included, whatever has the shape of a key or a token is.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from backend.terminal import harmless

_SECRET = ("token", "key", "password", "authorization", "secret", "cookie")
_BLOT = "…"
_SHAPES = re.compile(
    r"""\b(?:sk|rk|pk)-[\w-]{8,}                      # keys of model providers
      | \beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?           # JSON web tokens
      | \bv1\.[0-9a-f]{8}\.[\w+/=-]{16,}              # sealed keys
      | (?<=\bBearer\ )[^\s"',;]+
      | (?<=://)[^\s/@]+:[^\s/@]+(?=@)                # name and password in an address
      | (?<=[?&]token=)[^&\s"']+ | (?<=[?&]apikey=)[^&\s"']+ | (?<=[?&]access_token=)[^&\s"']+
    """,
    re.VERBOSE,
)


def redact(text: str) -> str:
    """`text` with everything that has the shape of a key or a token blotted out, and nothing that a terminal obeys."""
    return harmless(_SHAPES.sub(_BLOT, text))


def configure_logs(level: str) -> None:
    """Set up structlog and the standard library's loggers for the process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING))
    for_people = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # A plain trace on a terminal too: one with the local variables would show what they hold.
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: blots out what is secret by its field's name or by its shape, at any depth."""
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: str, value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if any(part in name.lower() for part in _SECRET):
        return _BLOT
    return _clean(value)


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(str(key), held) for key, held in value.items()}
    if isinstance(value, list | tuple | set):
        return [_clean(held) for held in value]
    return redact(value if isinstance(value, str) else str(value))


class _RedactingFormatter(logging.Formatter):
    """Also for uvicorn's and every library's lines, whose words are not ours."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
