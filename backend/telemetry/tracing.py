"""OpenTelemetry traces, when an exporter is configured: the request, the answer, its tools, its saving.

Nothing is imported, made or sent without OTEL_EXPORTER_OTLP_ENDPOINT. Attributes are names, numbers and codes alone:
no text of a question or an answer, no address with its query, no token, no key.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
from typing_extensions import override

from backend.errors import Misconfigured

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer as OtelApiTracer


class Span:
    """A span under way; this one, without an exporter, is nothing."""

    def set(self, **attributes: str | int | float | bool) -> None:
        """Say more about it."""

    def past(self, name: str, seconds: float, **attributes: str | int | float | bool) -> None:
        """A child of it that ends now and took so long."""

    def end(self, **attributes: str | int | float | bool) -> None:
        """It ends now; only for one that `Tracer.begin` gave."""


class Tracer:
    """Where spans go; this one, without an exporter, lets them fall."""

    @contextmanager
    def span(self, name: str, **attributes: str | int | float | bool) -> Iterator[Span]:
        """A span for the time of a `with`; spans begun within it, or in tasks begun there, are its children."""
        yield Span()

    def begin(self, name: str, **attributes: str | int | float | bool) -> Span:
        """A span until its `end`; what this task does from now on, and the tasks it begins, is within it."""
        return Span()

    def past(self, name: str, seconds: float, **attributes: str | int | float | bool) -> None:
        """A span that ends now and took so long; a child of the one under way."""

    def close(self) -> None:
        """Send what is held."""


def make_tracer(endpoint: str | None) -> Tracer:
    """The tracer that sends to `endpoint` (OTLP over HTTP, `/v1/traces` behind it), or one that does nothing.

    Raises:
        Misconfigured: an endpoint is set, and OpenTelemetry is not installed.
    """
    if endpoint is None:
        return Tracer()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise Misconfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install 'rundown[otel]'."
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "rundown"}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OtelTracer(provider)


def watch_database(http: httpx.AsyncClient, tracer: Tracer) -> None:
    """A span for every call of the database's REST server: its method, its path without the query, its status."""
    if not isinstance(tracer, OtelTracer):
        return

    async def begins(request: httpx.Request) -> None:
        request.extensions["rundown.began_at"] = time.monotonic()

    async def ends(response: httpx.Response) -> None:
        request = response.request
        seconds = time.monotonic() - request.extensions.get("rundown.began_at", time.monotonic())
        tracer.past("database", seconds, method=request.method, path=request.url.path, status=response.status_code)

    http.event_hooks = {"request": [begins], "response": [ends]}


class _OtelSpan(Span):
    def __init__(self, tracer: OtelApiTracer, span: OtelSpan) -> None:
        self._tracer = tracer
        self._span = span

    def set(self, **attributes: str | int | float | bool) -> None:
        self._span.set_attributes(attributes)

    def past(self, name: str, seconds: float, **attributes: str | int | float | bool) -> None:
        _past(self._tracer, name, seconds, attributes, _within(self._span))

    def end(self, **attributes: str | int | float | bool) -> None:
        self._span.set_attributes(attributes)
        self._span.end()


class OtelTracer(Tracer):
    """Spans by OpenTelemetry, to whatever `provider` exports them to."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("rundown")

    @contextmanager
    @override
    def span(self, name: str, **attributes: str | int | float | bool) -> Iterator[Span]:
        # An exception's words may quote what a user wrote: its type is enough.
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield _OtelSpan(self._tracer, span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                raise

    @override
    def begin(self, name: str, **attributes: str | int | float | bool) -> Span:
        from opentelemetry import context  # noqa: PLC0415

        span = self._tracer.start_span(name, attributes=attributes)
        # Not taken back: the context is this task's own, and ends with it.
        context.attach(_within(span))
        return _OtelSpan(self._tracer, span)

    @override
    def past(self, name: str, seconds: float, **attributes: str | int | float | bool) -> None:
        _past(self._tracer, name, seconds, attributes, None)

    @override
    def close(self) -> None:
        self._provider.shutdown()


def _within(span: OtelSpan) -> Context:
    """The context in which `span` is the one under way."""
    from opentelemetry.trace import set_span_in_context  # noqa: PLC0415

    return set_span_in_context(span)


def _past(
    tracer: OtelApiTracer,
    name: str,
    seconds: float,
    attributes: dict[str, str | int | float | bool],
    within: Context | None,
) -> None:
    end = time.time_ns()
    span = tracer.start_span(name, within, attributes=attributes, start_time=end - round(seconds * 1e9))
    span.end(end)
