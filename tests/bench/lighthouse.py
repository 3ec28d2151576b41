"""Lighthouse on the built page: `python -m tests.bench.lighthouse [--rounds N] [--only VIEW] [--slowdown N]`.

Lighthouse is no part of the project and has to be there: `npm install lighthouse` anywhere, `--command` names it. The
product is started with its demo account; Chromium is one that has signed in before, for the views that need it. Prints,
for each view and form factor, the median of the rounds' scores and times, the machine's index (Lighthouse's own measure
of its speed) and every audit that the last round did not pass. A first round is slower than those after it, as a
browser's first visit is: an odd number of rounds, three or more, says most.

Lighthouse takes a phone for four times as slow as this machine, which by its documentation fits an index of 1,500 to
2,000; for 1,000 to 1,500 it names 2, in a range up to 5: `--slowdown`.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.e2e.conftest import ARGUMENTS, MISSING, chromium_path
from tests.support.product import Product, running_product

CATEGORIES = ("performance", "accessibility", "best-practices")
# Worth naming beside a score; their own scores say little alone.
TIMES = {
    "first-contentful-paint": " ms",
    "largest-contentful-paint": " ms",
    "total-blocking-time": " ms",
    "cumulative-layout-shift": "",
}

LEAST_URGENT = 19


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _views(product: Product) -> dict[str, str]:
    """The address of each view that is signed in, and of a shared conversation."""
    demo = product.demo()
    models = demo.get("/api/models")["items"]
    runs = [run for model in models for run in demo.get(f"/api/models/{model['id']}/runs")["items"]]
    run = max(runs, key=lambda each: each["summary"]["trade_count"] or 0)
    done = demo.ask(f"/api/models/{run['model_id']}/runs/{run['id']}", "Why did this run lose money?")[-1]
    shared = demo.post(f"/api/chat-sessions/{done['session_id']}/shares", {})
    at = f"/?run={run['id']}&session={done['session_id']}"
    return {
        "dashboard": "/",
        "new chat": f"/?run={run['id']}&session=new",
        "chat": at,
        "overview": f"{at}&tab=overview",
        "trades": f"{at}&tab=trades",
        "share": shared["path"],
        "print": f"/print?session={done['session_id']}",
    }


def _give_way(process: psutil.Process) -> None:
    """Lets the browser go first: a phone shares its processor with neither the server nor Lighthouse."""
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            each.nice(LEAST_URGENT)


def _measure(command: list[str], port: int, url: str, form: list[str]) -> dict[str, Any]:
    answer = subprocess.run(
        [
            "nice", "-n", str(LEAST_URGENT), *command, url, f"--port={port}", "--disable-storage-reset",
            "--output=json", "--quiet", f"--only-categories={','.join(CATEGORIES)}", *form,
        ],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if answer.returncode:
        raise SystemExit(f"lighthouse failed on {url}:\n{answer.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def _failed(report: dict[str, Any]) -> list[str]:
    """Audits that count and are not passed."""
    weighed = {
        entry["id"]
        for category in report["categories"].values()
        for entry in category["auditRefs"]
        if entry["weight"] > 0
    }
    return sorted(
        f"{name} ({audit['score']:.2f})"
        for name, audit in report["audits"].items()
        if name in weighed and name not in TIMES and audit["score"] is not None and audit["score"] < 0.9
    )


def _middle(rounds: list[dict[str, Any]], audit: str) -> float:
    return statistics.median(one["audits"][audit]["numericValue"] for one in rounds)


def _report(view: str, form: str, rounds: list[dict[str, Any]]) -> None:
    scores = [
        round(100 * statistics.median(one["categories"][category]["score"] for one in rounds))
        for category in CATEGORIES
    ]
    index = statistics.median(one["environment"]["benchmarkIndex"] for one in rounds)
    times = ", ".join(f"{name} {_middle(rounds, name):.4g}{unit}" for name, unit in TIMES.items())
    print(
        f"{view:<12}{form:<9}" + "".join(f"{score:>6}" for score in [*scores, round(index)]) + f"  {times}", flush=True
    )
    for audit in _failed(rounds[-1]):
        print(f"{'':<21}not passed: {audit}", flush=True)


@contextmanager
def _chromium(path: str, port: int) -> Iterator[None]:
    """A Chromium that nobody but Lighthouse will listen to: each listener is told, in turn, of all that happens."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [path, "--headless", *ARGUMENTS, f"--user-data-dir={profile}", f"--remote-debugging-port={port}",
             "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until = time.monotonic() + 30
            while True:
                with suppress(httpx.TransportError):
                    if httpx.get(f"http://127.0.0.1:{port}/json/list").json():
                        break
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"{path} did not start")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(30)


def _sign_in(playwright: Playwright, port: int, base_url: str) -> None:
    browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
    page = browser.contexts[0].new_page()
    page.goto(base_url)
    page.get_by_test_id("demo-button").click()
    expect(page.get_by_test_id("run-item").first).to_be_visible(timeout=60_000)
    page.close()
    browser.close()


def measure_all(
    playwright: Playwright, product: Product, command: list[str], rounds: int, only: list[str], slowdown: int
) -> None:
    """Every view, or only some, in both form factors, the sign-in first: afterwards the browser is signed in."""
    port = _free_port()
    path = chromium_path(playwright)
    if path is None:
        raise SystemExit(MISSING)
    forms = {"mobile": [f"--throttling.cpuSlowdownMultiplier={slowdown}"], "desktop": ["--preset=desktop"]}
    print(f"{'view':<12}{'form':<9}" + "".join(f"{name[:5]:>6}" for name in (*CATEGORIES, "index")))

    def measure(view: str, address: str) -> None:
        if only and view not in only:
            return
        for form, options in forms.items():
            url = product.base_url + address
            _report(view, form, [_measure(command, port, url, options) for _ in range(rounds)])

    with _chromium(path, port):
        measure("sign-in", "/")
        _sign_in(playwright, port, product.base_url)
        for view, address in _views(product).items():
            measure(view, address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default=os.environ.get("LIGHTHOUSE", "npx --no-install lighthouse"))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], metavar="VIEW")
    parser.add_argument(
        "--slowdown", type=int, default=4, help="times a phone is slower than this machine (default: 4)"
    )
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as home,
        running_product(Path(home)) as product,
        sync_playwright() as playwright,
    ):
        _give_way(psutil.Process(product.process.pid))
        measure_all(playwright, product, shlex.split(given.command), given.rounds, given.only, given.slowdown)


if __name__ == "__main__":
    main()
