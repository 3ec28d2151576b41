"""What stands before a Supabase project: one origin with `/rest/v1` and `/auth/v1`, in front of real servers.

PostgREST is the embedded stack's own; sign-in is the embedded router. Only the gateway, which on a hosted project is
somebody else's, is ours here.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import Self

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response

from backend.local.database import Database
from backend.local.keys import SigningKeys
from backend.local.signin import create_signin_router

_NOT_PASSED_ON = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


class SupabaseGateway:
    """A server in a thread of its own; `url` is what SUPABASE_URL would be."""

    def __init__(self, *, rest_url: str, database: Database, keys: SigningKeys, anon_key: str) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[str] = []
        self._rest_url, self._anon_key = rest_url, anon_key
        app = FastAPI()
        app.include_router(create_signin_router(database, keys, f"{self.url}/auth/v1", bcrypt_cost=4))
        app.api_route("/rest/v1/{path:path}", methods=["GET", "POST", "PATCH", "DELETE"])(self._rest)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline:
                raise RuntimeError("the gateway did not start")
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()

    async def _rest(self, path: str, request: Request) -> Response:
        self.requests.append(f"{request.method} {path}")
        # As Supabase's gateway does: no project key, no service.
        if request.headers.get("apikey") != self._anon_key:
            return Response('{"message":"No API key found in request"}', 401, media_type="application/json")
        headers = {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            answer = await client.request(
                request.method,
                f"{self._rest_url}/{path}",
                params=request.query_params,
                headers=headers,
                content=await request.body(),
            )
        passed = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED_ON}
        return Response(answer.content, answer.status_code, passed)
