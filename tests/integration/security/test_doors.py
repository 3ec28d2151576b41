"""What an attacker sends to the doors, and what a bystander waits meanwhile; as a table: `python -m tests.attacks`.

The bound on waits is far above what is measured (at most 100 ms on an idle machine) and far below what they were.
"""

import psutil
import pytest

from tests.attacks import bodies
from tests.attacks.bystander import Bystander
from tests.support.product import Account, Product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

LONGEST_S = 1.5


@pytest.fixture(scope="module")
def attacker(product: Product) -> Account:
    return product.account("attacker@example.com")


def test_nobodys_body_is_neither_kept_nor_read(product: Product, attacker: Account) -> None:
    process = psutil.Process(product.process.pid)
    before = process.memory_info().rss
    with Bystander(product.base_url) as bystander:
        for attack in (bodies.json_without_token, bodies.body_without_token):
            answered = attack(product, attacker)
            assert answered.startswith(("401", "the line was closed")), answered
    assert process.memory_info().rss - before < 100 * 2**20
    assert (bystander.longest_s < LONGEST_S, bystander.refused) == (True, 0)


def test_wide_and_deep_json_is_refused_shortly(product: Product, attacker: Account) -> None:
    with Bystander(product.base_url) as bystander:
        assert bodies.unknown_keys(product, attacker).startswith("413")
        status, size, _ = bodies.many_unknown_keys(product, attacker).split()
        assert status == "422,"
        assert int(size.replace(",", "")) < 10_000
        assert bodies.deep_rule(product, attacker) == "422 nested_too_deep"
    assert bystander.longest_s < LONGEST_S


def test_a_multipart_body_made_for_its_parser_holds_nobody_up(product: Product, attacker: Account) -> None:
    with Bystander(product.base_url) as bystander:
        assert bodies.odd_multipart(product, attacker) == "415 unknown_format"
    assert bystander.longest_s < LONGEST_S


def test_headers_that_never_end_are_not_waited_for(product: Product, attacker: Account) -> None:
    assert bodies.slow_headers(product, attacker) == "0 of 100 open after 30 s"
