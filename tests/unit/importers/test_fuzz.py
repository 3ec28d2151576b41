"""A short fuzz of every importer; `python -m tests.fuzz --seconds 60` is the long one."""

import random

import pytest

from backend.importers import IMPORTERS, ImportOptions, ImportProblem, detect, import_run
from tests.fuzz.checks import read_or_refuse
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import SEEDS

CASES = 80
OTHERS = [seed for seeds in SEEDS.values() for seed in seeds]


def test_every_importer_has_examples():
    assert list(SEEDS) == [importer.name for importer in IMPORTERS]


@pytest.mark.parametrize("name", SEEDS)
def test_examples_are_recognised_and_read_or_refused_with_advice(name):
    for data in SEEDS[name]:
        assert detect("file", data).name == name
        try:
            assert import_run("file", data, options=ImportOptions()).positions
        except ImportProblem as problem:
            assert problem.code == "raw_records"


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_examples_are_read_or_refused(name):
    chance = random.Random(name)
    read = 0
    for number in range(CASES):
        data = mutated(chance.choice(SEEDS[name]), chance, others=OTHERS)
        read += read_or_refuse(data, name if number % 2 else None)
    assert read < CASES


@pytest.mark.parametrize("name", SEEDS)
def test_a_format_that_is_named_refuses_what_it_is_not(name):
    for data in (b"a,b\n1,2\n", b"{}", b"[]", b"<html></html>", b"\x00\x01", b"nothing of the kind"):
        with pytest.raises(ImportProblem):
            import_run("file", data, format=name, options=ImportOptions())
