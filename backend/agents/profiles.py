"""Every profile there is. A router picks one of them before a turn begins."""

from backend.agents.run.profile import RUN

PROFILES = (RUN,)
