"""The product, the fake provider and two accounts, shared by the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.server.demo import DEMO_DIR
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import Account, Product, running_product

CRYPTO_ZIP = DEMO_DIR / "ai-trader-crypto-claude-3.7-sonnet.zip"
FREQTRADE = DEMO_DIR / "freqtrade-cvddivergence.json"


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, openrouter: FakeOpenRouter) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("home"), OPENROUTER_BASE_URL=openrouter.base_url) as product:
        yield product


@pytest.fixture(scope="session")
def alice(product: Product) -> Account:
    return product.account("alice@example.com")


@pytest.fixture(scope="session")
def bob(product: Product) -> Account:
    return product.account("bob@example.com")


@pytest.fixture(scope="session")
def crypto_zip() -> Path:
    return CRYPTO_ZIP


@pytest.fixture(scope="session")
def freqtrade_json() -> Path:
    return FREQTRADE


@pytest.fixture(scope="session")
def crypto_run(alice: Account) -> str:
    """The path of a losing run on the offline analyst."""
    model_id = alice.add_model(name="Crypto")
    return f"/api/models/{model_id}/runs/{alice.import_file(model_id, CRYPTO_ZIP)['run']['id']}"
