"""pydantic-ai's own AG-UI adapter as a contender. Run by a peer's interpreter: it may import nothing of this project.

python pydantic_peer.py PROVIDER_URL          prints its own URL
"""

from __future__ import annotations

import socket
import sys
import time
import uuid

import uvicorn
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.ui.ag_ui import AGUIAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def application(provider: str) -> Starlette:
    model = OpenAIChatModel("acme/analyst-1", provider=OpenAIProvider(base_url=provider, api_key="sk-or-v1-bench"))
    agent = Agent(model)

    @agent.tool_plain
    async def calculate_metrics(metric_type: str = "all") -> str:
        """Figures of the run."""
        return "{}"

    async def ask(request: Request) -> Response:
        message = (await request.json())["message"]
        given = {
            "threadId": "t",
            "runId": str(uuid.uuid4()),
            "state": {},
            "messages": [{"id": "m", "role": "user", "content": message}],
            "tools": [],
            "context": [],
            "forwardedProps": {},
        }
        adapter = AGUIAdapter(agent=agent, run_input=AGUIAdapter.build_run_input(JSONResponse(given).body))
        return adapter.streaming_response(adapter.run_stream())

    async def cpu(_: Request) -> Response:
        return JSONResponse(time.process_time())

    return Starlette(routes=[Route("/ask", ask, methods=["POST"]), Route("/cpu", cpu)])


if __name__ == "__main__":
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)  # asked from now on, answered when the server is up
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(application(sys.argv[1]), log_level="critical", access_log=False))
    server.run(sockets=[listening])
