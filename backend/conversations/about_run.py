"""A conversation about a run: what its agent needs, read under the caller's token."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from backend.agents.core.agent import AdoptedRule, AgentModel, ModelAccess, SystemAgent
from backend.agents.openrouter.catalog import OFFLINE_MODEL
from backend.agents.run.profile import run_agent
from backend.analysis import RunFrame, ToolResult
from backend.conversations.services import TurnServices
from backend.store.cache import load_frame
from backend.store.client import User
from backend.store.runs import ChatContext, RunRow, RunStore
from backend.store.subject import Subject

_SIBLING_RUNS = 5


@dataclass(frozen=True, slots=True)
class RunSubject:
    """A run with its model and the rules adopted for it."""

    services: TurnServices
    user: User
    store: RunStore
    context: ChatContext

    @property
    def ai_model(self) -> str:
        """The model that answers."""
        return self.context.model.ai_model

    @property
    def run_id(self) -> int | None:
        """The run itself."""
        return self.context.run.id

    def agent(self, earlier_results: Sequence[ToolResult]) -> SystemAgent:
        """The run's agent on the stored model.

        Raises:
            KeyNotOpened: the stored key was sealed by a server key that is not here.
        """
        services, model, run = self.services, self.context.model, self.context.run
        api_key = None
        if model.ai_model != OFFLINE_MODEL and model.api_key_ciphertext:
            api_key = services.vault.open(model.api_key_ciphertext, user_id=self.user.id, model_id=model.id)

        async def load() -> RunFrame:
            return await load_frame(services.frames, self.store, run)

        async def load_others() -> list[RunFrame]:
            return await load_sibling_frames(services, self.store, run)

        stored = AgentModel(
            ai_model=model.ai_model,
            model_parameters=model.model_parameters,
            custom_instructions=model.custom_instructions,
            adopted_rules=[
                AdoptedRule(name=rule.name, kind=rule.kind, params=rule.params)
                for rule in self.context.rules
                if rule.enabled
            ],
        )
        access = ModelAccess(
            model=stored,
            api_key=api_key,
            base_url=services.openrouter_base_url,
            http_client=services.model_http,
            timeouts=services.model_times,
        )
        return run_agent(
            access, run.facts(), load_frame=load, load_other_frames=load_others, earlier_results=earlier_results
        )


async def load_run(services: TurnServices, user: User, subject: Subject, of_model: int | None) -> RunSubject:
    """The run; NotFound when it is not the caller's, or not of the model that was named."""
    store = RunStore(services.database.as_user(user.access_token))
    return RunSubject(services, user, store, await store.get_chat_context(of_model, subject.id))


async def load_sibling_frames(services: TurnServices, runs: RunStore, run: RunRow) -> list[RunFrame]:
    """The frames of the model's newest other runs: where a rule must hold too."""
    siblings = await runs.list_sibling_runs(run.model_id, run.id, limit=_SIBLING_RUNS)
    return list(await asyncio.gather(*(load_frame(services.frames, runs, sibling) for sibling in siblings)))
