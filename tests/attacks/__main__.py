"""Run the attacks against a product of one's own, and say what a bystander waited.

    python -m tests.attacks [--repository FOLDER] [name ...]

`--repository` names another checkout of this project, so that a table can say what was before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from tests.attacks import bodies
from tests.attacks.bystander import Bystander
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import REPOSITORY, Account, Product

ATTACKS = (
    bodies.body_without_token,
    bodies.json_without_token,
    bodies.unknown_keys,
    bodies.many_unknown_keys,
    bodies.deep_rule,
    bodies.odd_multipart,
    bodies.slow_headers,
)


def main() -> None:
    """Each attack once, as a row of a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", type=Path, default=REPOSITORY)
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    with FakeOpenRouter() as openrouter, tempfile.TemporaryDirectory() as home:
        product = Product(
            Path(home), repository=chosen.repository, OPENROUTER_BASE_URL=openrouter.base_url, RUNDOWN_DEMO="false"
        )
        product.start()
        try:
            account = product.account("attacker@example.com")
            print("| attack | answered | bystander's longest wait | memory |\n|---|---|---|---|")
            for attack in ATTACKS:
                if not chosen.names or attack.__name__ in chosen.names:
                    print(_row(product, account, attack), flush=True)
        finally:
            product.stop()


def _row(product: Product, account: Account, attack: object) -> str:
    name, run = getattr(attack, "__name__", ""), attack
    process = psutil.Process(product.process.pid)
    before = process.memory_info().rss
    began_at = time.monotonic()
    with Bystander(product.base_url) as bystander:
        answered = run(product, account)  # type: ignore[operator]
    grown = (process.memory_info().rss - before) / 2**20
    took = time.monotonic() - began_at
    refused = f", {bystander.refused} refused" if bystander.refused else ""
    wait_ms = bystander.longest_s * 1000
    return f"| {name} ({took:.0f} s) | {answered} | {wait_ms:.0f} ms of {bystander.asked}{refused} | {grown:+.0f} MiB |"


if __name__ == "__main__":
    main()
