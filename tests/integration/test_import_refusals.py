"""Hostile files over the whole product: refused with a code and a place, nothing left behind, the server unharmed."""

from __future__ import annotations

import gzip
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend.importers import MAX_BYTES, MAX_ROWS
from backend.local.postgres import running_socket_dir
from tests.fuzz.seeds import zipped
from tests.support.product import Account, Product

pytestmark = pytest.mark.integration

HEAD = "time,symbol,side,quantity,price\n"
GOOD = "2024-01-01,A,buy,1,10\n"
FLEX = (
    '<!DOCTYPE FlexQueryResponse [<!ENTITY a "aaaa"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    '<FlexQueryResponse><FlexStatements><FlexStatement><Trades><Trade symbol="&x;&a;"/></Trades></FlexStatement>'
    "</FlexStatements></FlexQueryResponse>"
)


@dataclass(frozen=True)
class Refusal:
    """A file and what must be said of it; `line` and `column` are None where there is no such place."""

    make: Callable[[], bytes]
    status: int
    code: str
    line: int | None = None
    column: str | None = None
    name: str = "file.csv"


def rows(*more: str) -> Callable[[], bytes]:
    return (HEAD + GOOD + "".join(more)).encode


def many_cells() -> bytes:
    """Some kilobytes of Parquet: fills, and 200 columns more of one text for every row."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 250_000, pa.int32()), pa.array(["the same"]))
    sink = io.BytesIO()
    names = [*HEAD.strip().split(","), *(f"column {number}" for number in range(200))]
    pq.write_table(pa.table(dict.fromkeys(names, column)), sink)
    return sink.getvalue()


REFUSALS = {
    "too large": Refusal(lambda: b"a" * (MAX_BYTES + 1), 413, "too_large"),
    "too many rows": Refusal(lambda: b"time,price,side,quantity\n" + b"1,1,b,1\n" * (MAX_ROWS + 1), 413, "too_large"),
    "too many cells": Refusal(many_cells, 413, "too_large", name="trades.parquet"),
    "gzip bomb": Refusal(lambda: gzip.compress(b" " * (MAX_BYTES + 1)), 413, "too_large", name="fills.csv.gz"),
    "nested JSON": Refusal(
        lambda: b'{"strategy": {"A": {"trades": [' + b"[" * 100_000, 422, "too_deep", name="result.json"
    ),
    "ZIP bomb": Refusal(lambda: zipped({"a.json": b" " * 8_000_000}), 422, "bad_archive", name="result.zip"),
    "path out of an archive": Refusal(lambda: zipped({"../a.json": b"{}"}), 422, "bad_archive", name="result.zip"),
    "XML entities": Refusal(FLEX.encode, 422, "bad_xml", name="flex.xml"),
    "NaN": Refusal(rows("2024-01-02,A,sell,1,NaN\n"), 422, "bad_value", 3, "price"),
    "infinity": Refusal(rows("2024-01-02,A,sell,inf,1\n"), 422, "bad_value", 3, "quantity"),
    "impossible date": Refusal(rows("2024-02-30,A,sell,1,11\n"), 422, "bad_value", 3, "time"),
    "ragged row": Refusal(rows("2024-01-02,A,sell,1,11,12\n"), 422, "bad_table", 3),
    "wrong encoding": Refusal(
        lambda: b"\xff\xfe" + (HEAD + GOOD * 4000).encode("utf-16-le") + b"\x00\xd8" * 9, 422, "bad_encoding"
    ),
    "pickle": Refusal(lambda: pickle.dumps({"trades": [1]}), 415, "unknown_format", name="trades.pkl"),
    "unknown format": Refusal(lambda: bytes(range(256)) * 20, 415, "unknown_format", name="x.bin"),
    "empty": Refusal(lambda: b"", 422, "empty_file"),
}


def stored(product: Product) -> tuple[int, int, int]:
    """How many runs, positions and models the database holds, as its owner counts them."""
    where = f"host={running_socket_dir(product.home)} user=supabase_admin dbname=postgres"
    with psycopg.connect(where) as connection:
        counts = [
            connection.execute(f"select count(*) from public.{table}").fetchone()
            for table in ("runs", "positions", "models")
        ]
    runs, positions, models = (count[0] for count in counts if count)
    return runs, positions, models


@pytest.mark.parametrize("kind", REFUSALS)
def test_hostile_file_is_refused_and_leaves_nothing(product: Product, alice: Account, kind: str) -> None:
    refusal, model_id = REFUSALS[kind], alice.add_model()
    before = stored(product)
    answer = alice.http.post(
        f"/api/models/{model_id}/runs/import", files={"file": (refusal.name, refusal.make())}, timeout=600
    )
    problem = answer.json()
    print(f"{kind}: {answer.status_code} {problem['code']}: {problem['detail']}")
    assert (answer.status_code, problem["code"]) == (refusal.status, refusal.code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    (said,) = problem.get("errors") or [{}]
    assert (said.get("line"), said.get("column")) == (refusal.line, refusal.column)
    assert problem["detail"].endswith((".", "!"))
    assert stored(product) == before
    assert alice.http.get("/readyz").status_code == 200
    assert product.process.poll() is None


def test_a_good_file_is_taken_after_all_that(product: Product, alice: Account) -> None:
    model_id = alice.add_model()
    runs, positions, models = stored(product)
    answer = alice.http.post(f"/api/models/{model_id}/runs/import", files={"file": ("a.csv", (HEAD + GOOD).encode())})
    assert answer.status_code == 201, answer.text
    assert stored(product) == (runs + 1, positions + 1, models)
