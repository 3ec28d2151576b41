"""What the analysis modules share: finding the largest without sorting all."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.analysis.arrays import weightiest

# Few different values, so that equals are many.
VALUES = st.lists(st.sampled_from([-3.0, -1.0, -0.0, 0.0, 1.0, 3.0, math.inf, math.nan]), max_size=60)


@given(VALUES, st.integers(0, 70))
def test_the_largest_are_what_a_stable_sort_begins_with(values: list[float], most: int) -> None:
    array = np.array(values, dtype=np.float64)
    whole = np.argsort(-np.abs(array), kind="stable")[:most]
    assert weightiest(array, most).tolist() == whole.tolist()
