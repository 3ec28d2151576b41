"""Why a run lost: causes with the money they explain, the trades they rest on and how sure they are."""

from backend.analysis.causes.base import Cause
from backend.analysis.causes.ranked import Causes, find_causes

__all__ = ["Cause", "Causes", "find_causes"]
