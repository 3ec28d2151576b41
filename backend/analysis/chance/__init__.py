"""Whether chance could have done it: the statistic of a rule or pattern, and what the best of all make of deals.

A rule's statistic is z = −Σ_d G_d ⁄ √Σ_d G_d², where G_d sums over the trades opened on UTC day d (removed share less
its half's mean) × (net P&L less its half's mean). Results of one day may depend on each other; days don't. The net P&L
is dealt anew to the trades within each half of the run, and whatever could have been proposed is tried on each deal:
how often the best of them is as good as what is shown is its p-value.
"""

from backend.analysis.chance.families import Family
from backend.analysis.chance.null import ALPHA, FEWEST, Null, Path, Proposals, detectable, null_of
from backend.analysis.chance.statistic import Sample, Score, sample_of

__all__ = [
    "ALPHA",
    "FEWEST",
    "Family",
    "Null",
    "Path",
    "Proposals",
    "Sample",
    "Score",
    "detectable",
    "null_of",
    "sample_of",
]
