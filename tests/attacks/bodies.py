"""Bodies that are too large, not signed in, too wide, too deep or too slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from tests.support.product import Account, Product

MIB = 2**20


def body_without_token(product: Product, account: Account) -> str:
    """600 MB to the import, by nobody."""
    return _posted(
        product, "/api/models/1/runs/import", _zeros(600), {"content-type": "multipart/form-data; boundary=x"}
    )


def json_without_token(product: Product, account: Account) -> str:
    """600 MB of JSON to a route that takes a name, by nobody."""
    return _posted(product, "/api/models", _zeros(600), {"content-type": "application/json"})


def unknown_keys(product: Product, account: Account) -> str:
    """12 MB of keys that the route does not know."""
    # In pieces, so that making them does not hold up the bystander of this very process.
    keys = (b"".join(b'"key-%07d": 1, ' % n for n in range(at, at + 1000)) for at in range(0, 600_000, 1000))
    body = iter([b'{"name": "x", ', *keys, b'"ai_model": "offline/analyst"}'])
    answer = account.http.post("/api/models", content=body, headers={"content-type": "application/json"})
    return f"{answer.status_code}, {len(answer.content):,} bytes"


def many_unknown_keys(product: Product, account: Account) -> str:
    """As many keys as are let in, each as long as can be."""
    keys = {f"{'k' * 90}{n:05d}": n for n in range(4_900)}
    answer = account.http.post("/api/models", json={"name": "x", "ai_model": "offline/analyst"} | keys)
    return f"{answer.status_code}, {len(answer.content):,} bytes"


def deep_rule(product: Product, account: Account) -> str:
    """Parameters of a rule nested 900 deep."""
    model_id = account.add_model()
    deep = "[" * 900 + "]" * 900
    body = f'{{"name": "deep", "kind": "stop_loss", "params": {{"a": {deep}}}}}'
    path = f"/api/models/{model_id}/rules"
    answer = account.http.post(path, content=body, headers={"content-type": "application/json"})
    return f"{answer.status_code} {answer.json().get('code', '')}"


def odd_multipart(product: Product, account: Account) -> str:
    """16 MB of what a multipart parser has to look at byte by byte."""
    model_id = account.add_model()
    head = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    pieces = [head, *[b"\r\n-" * (MIB // 3)] * 16, b"\r\n--x--\r\n"]
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = account.http.post(f"/api/models/{model_id}/runs/import", content=iter(pieces), headers=headers)
    return f"{answer.status_code} {answer.json().get('code', '')}"


def slow_headers(product: Product, account: Account) -> str:
    """100 lines whose headers never end: how many are still open after half a minute."""
    where = urlsplit(product.base_url)
    lines = [socket.create_connection((where.hostname or "", where.port or 0)) for _ in range(100)]
    for line in lines:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        line.settimeout(0.01)
    ends_at = time.monotonic() + 30
    while lines and time.monotonic() < ends_at:
        time.sleep(1)
        lines = [line for line in lines if _is_open(line)]
    still_open = len(lines)
    for line in lines:
        line.close()
    return f"{still_open} of 100 open after 30 s"


def _is_open(line: socket.socket) -> bool:
    try:
        line.sendall(b"X-A: b\r\n")
        return line.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def _posted(product: Product, path: str, body: Iterator[bytes], headers: dict[str, str]) -> str:
    sent = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for piece in body:
            yield piece
            sent += len(piece)

    try:
        answer = httpx.post(f"{product.base_url}{path}", content=counted(), headers=headers, timeout=120)
        said = str(answer.status_code)
    except httpx.HTTPError as error:
        said = f"the line was closed ({type(error).__name__})"
    return f"{said}, {sent // MIB} MiB sent"


def _zeros(mib: int) -> Iterator[bytes]:
    for _ in range(mib):
        yield b"\0" * MIB
