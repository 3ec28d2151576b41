"""What Prometheus sees."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

STREAMS_OPEN = Gauge("rundown_streams_open", "Chat streams under way", multiprocess_mode="livesum")
STREAMS_ENDED = Counter("rundown_streams_ended_total", "Chat streams by how they ended", ["how"])
ERRORS = Counter("rundown_stream_errors_total", "Stream errors by code", ["code"])
FIRST_TOKEN_S = Histogram(
    "rundown_first_token_seconds",
    "From the request to the first token",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
)
TOOL_S = Histogram("rundown_tool_seconds", "Time a tool took", ["tool"], buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10))
TOKENS = Counter("rundown_model_tokens_total", "Tokens as the provider reported them", ["kind"])
COST_USD = Counter("rundown_model_cost_usd_total", "Cost as the provider reported it")
IMPORTS = Counter("rundown_imports_total", "Run files by format and outcome", ["format", "outcome"])
SAVES = Counter("rundown_saves_total", "Savings of turns by outcome", ["outcome"])
SAVE_S = Histogram(
    "rundown_save_seconds", "Time a turn's saving took", buckets=(0.005, 0.02, 0.05, 0.1, 0.5, 2, 10, 30)
)
UPSTREAM_CANCELS = Counter(
    "rundown_upstream_cancels_total", "Answers whose provider was left before their end, by a stop or a time limit"
)
