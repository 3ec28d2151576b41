"""Understanding a question offline: text → tokens → items → conditions and clauses → a plan, in its conversation."""

from backend.agents.offline.understanding.conversation import Turn, understand
from backend.agents.offline.understanding.plan import Condition, Intent, Part, Plan, Wanted, WhatIf
from backend.agents.offline.understanding.vocabulary import RunVocabulary, vocabulary_of

__all__ = [
    "Condition",
    "Intent",
    "Part",
    "Plan",
    "RunVocabulary",
    "Turn",
    "Wanted",
    "WhatIf",
    "understand",
    "vocabulary_of",
]
