"""What conversations can be about: one row a kind, with what makes its agent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.agents.core.agent import SystemAgent
from backend.analysis import ToolResult
from backend.conversations.about_run import load_run
from backend.conversations.services import TurnServices
from backend.errors import NotFound
from backend.store.client import User
from backend.store.subject import Subject, SubjectKind


class LoadedSubject(Protocol):
    """A subject as a turn needs it, read from the database."""

    @property
    def ai_model(self) -> str:
        """The model that answers."""

    @property
    def run_id(self) -> int | None:
        """The run, where the subject is one or trades into one."""

    def agent(self, earlier_results: Sequence[ToolResult]) -> SystemAgent:
        """Who answers. Raises KeyNotOpened where the stored key can't be opened."""


# `of_model`, where a route names it, must be the subject's.
LoadSubject = Callable[[TurnServices, User, Subject, int | None], Awaitable[LoadedSubject]]


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """A kind of subject, and how one is read; NotFound where it is not the caller's."""

    kind: SubjectKind
    load: LoadSubject


SUBJECTS = (SubjectEntry("run", load_run),)


async def load_subject(
    services: TurnServices, user: User, subject: Subject, of_model: int | None = None
) -> LoadedSubject:
    """The subject; NotFound when it is not the caller's, or nobody answers questions about its kind here."""
    entry = next((entry for entry in SUBJECTS if entry.kind == subject.kind), None)
    if entry is None:
        raise NotFound(f"This server has nobody who answers about a {subject.kind}.", code="subject_not_served")
    return await entry.load(services, user, subject, of_model)
