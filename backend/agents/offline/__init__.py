"""The offline analyst: answers from the tools alone, without a language model, and says so."""

from backend.agents.offline.model import OfflineAnalyst, offline_model

__all__ = ["OfflineAnalyst", "offline_model"]
