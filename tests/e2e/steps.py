"""Steps that several end-to-end tests begin with."""

from __future__ import annotations

import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.product import PASSWORD, Account, Product


def new_account(product: Product) -> tuple[str, Account]:
    """An account of its own for one test: its address, and its view of the API."""
    email = f"trader-{uuid.uuid4().hex[:8]}@example.com"
    return email, product.account(email)


def import_run(account: Account, path: Path, model: str = "Desk") -> tuple[int, int]:
    """The ids of a new model on the offline analyst and of the run imported into it."""
    model_id = account.add_model(name=model)
    return model_id, account.import_file(model_id, path, initial_cash="10000")["run"]["id"]


def sign_in_at(page: Page, email: str, address: str = "/", password: str = PASSWORD) -> None:
    """Open an address as somebody who has to sign in first."""
    page.goto(address)
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("account-menu").first).to_be_attached(timeout=15_000)


def write_fills(path: Path, trades: int) -> Path:
    """A CSV of so many round trips in three symbols, half an hour apart, of which every third loses."""
    lines = ["time,symbol,side,quantity,price,fees,tag"]
    for number in range(trades):
        day, minute = divmod(number * 30, 1440)
        hour, minute = divmod(minute, 60)
        opened = f"2024-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}T{hour:02d}:{minute:02d}"
        symbol = ("BTC", "ETH", "SOL")[number % 7 % 3]
        price = 100 + number % 13
        left = price + (-2 - number % 5 if number % 3 == 0 else 1 + number % 4)
        lines.append(f"{opened}:00Z,{symbol},buy,1,{price},0.01,breakout")
        lines.append(f"{opened}:30Z,{symbol},sell,1,{left},0.01,{('target', 'stop', '=cmd')[number % 3]}")
    path.write_text("\n".join(lines) + "\n")
    return path
