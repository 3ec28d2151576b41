"""A sealed key opens for its owner and model alone."""

import os

import pytest

from backend.errors import Misconfigured
from backend.settings import secret_keys
from backend.store.vault import KeyNotOpened, Vault, hint

KEY = "sk-or-v1-0123456789abcdef"
OWNER = "6f1f2c7e-0000-4000-8000-000000000001"


def test_sealed_key_opens_for_its_owner_and_model() -> None:
    vault = Vault([os.urandom(32)])
    sealed = vault.seal(KEY, user_id=OWNER, model_id=7)
    assert KEY not in sealed
    assert vault.open(sealed, user_id=OWNER, model_id=7) == KEY


def test_same_key_sealed_twice_looks_different() -> None:
    vault = Vault([os.urandom(32)])
    assert vault.seal(KEY, user_id=OWNER, model_id=7) != vault.seal(KEY, user_id=OWNER, model_id=7)


@pytest.mark.parametrize(("user_id", "model_id"), [(OWNER, 8), (OWNER.replace("1", "2"), 7)])
def test_ciphertext_moved_to_another_row_does_not_open(user_id: str, model_id: int) -> None:
    vault = Vault([os.urandom(32)])
    sealed = vault.seal(KEY, user_id=OWNER, model_id=7)
    with pytest.raises(KeyNotOpened):
        vault.open(sealed, user_id=user_id, model_id=model_id)


def test_rotated_server_key_still_opens_what_the_old_one_sealed() -> None:
    old, new = os.urandom(32), os.urandom(32)
    sealed = Vault([old]).seal(KEY, user_id=OWNER, model_id=7)
    assert Vault([new, old]).open(sealed, user_id=OWNER, model_id=7) == KEY
    with pytest.raises(KeyNotOpened):
        Vault([new]).open(sealed, user_id=OWNER, model_id=7)


def test_state_says_whether_the_key_must_be_entered_again() -> None:
    old, new = os.urandom(32), os.urandom(32)
    sealed = Vault([old]).seal(KEY, user_id=OWNER, model_id=7)
    assert Vault([new, old]).state(None, user_id=OWNER, model_id=7) == "none"
    assert Vault([new, old]).state(sealed, user_id=OWNER, model_id=7) == "ready"
    assert Vault([new]).state(sealed, user_id=OWNER, model_id=7) == "unreadable"


def test_resealing_moves_to_the_newest_key_once() -> None:
    old, new = os.urandom(32), os.urandom(32)
    sealed = Vault([old]).seal(KEY, user_id=OWNER, model_id=7)
    again = Vault([new, old]).reseal(sealed, user_id=OWNER, model_id=7)
    assert Vault([new]).open(again, user_id=OWNER, model_id=7) == KEY
    assert Vault([new, old]).reseal(again, user_id=OWNER, model_id=7) == again
    with pytest.raises(KeyNotOpened):
        Vault([new]).reseal(sealed, user_id=OWNER, model_id=7)


@pytest.mark.parametrize("damaged", ["", "v1.x", "v1.00000000.AAAA", "v2.00000000.AAAA", "not sealed at all"])
def test_damaged_text_is_refused_and_not_a_crash(damaged: str) -> None:
    with pytest.raises(KeyNotOpened):
        Vault([os.urandom(32)]).open(damaged, user_id=OWNER, model_id=7)


def test_flipped_bit_is_noticed() -> None:
    vault = Vault([os.urandom(32)])
    head, body = vault.seal(KEY, user_id=OWNER, model_id=7).rsplit(".", 1)
    flipped = ("A" if body[20] != "A" else "B").join((body[:20], body[21:]))
    with pytest.raises(KeyNotOpened):
        vault.open(f"{head}.{flipped}", user_id=OWNER, model_id=7)


def test_hint_shows_four_characters() -> None:
    assert hint(KEY) == "…cdef"


@pytest.mark.parametrize("value", ["", "not base64!", "c2hvcnQ=", ","])
def test_unusable_server_key_is_named(value: str) -> None:
    with pytest.raises(Misconfigured, match="RUNDOWN_SECRET_KEY"):
        secret_keys(value)
