"""Labels that conditions and groups share: ranges of holding time, and what stands where there is no tag."""

from __future__ import annotations

import numpy as np

from backend.analysis.arrays import ObjectArray

NO_TAG = "(none)"
HOLDING_EDGES = (0, 60, 300, 1800, 3600, 4 * 3600, 86400, 3 * 86400, 7 * 86400, 28 * 86400)
HOLDING_LABELS = (
    "under 1 min", "1–5 min", "5–30 min", "30–60 min", "1–4 h", "4–24 h", "1–3 days", "3–7 days", "1–4 weeks",
    "over 4 weeks",
)  # fmt: skip


def with_none(texts: ObjectArray) -> ObjectArray:
    """The texts with None at the end, where the index −1 of a missing row finds it."""
    padded = np.empty(len(texts) + 1, dtype=object)
    padded[:-1] = texts
    return padded
