"""Where in a conversation's tree a turn goes, and what the model is told of what came before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from backend.agents.core.agent import HISTORY_MESSAGES
from backend.errors import InvalidRequest
from backend.store.conversations import BranchMessage, BranchPosition, SessionStore
from backend.store.pages import MAX_ID
from backend.store.subject import Subject

SessionId = Annotated[int, Field(ge=1, le=MAX_ID)]
MessageId = Annotated[int, Field(ge=1, le=MAX_ID)]


class BranchRequest(BaseModel):
    """What says where in a conversation's tree a turn goes; with nothing said, at the end of its newest branch."""

    session_id: SessionId | None = None
    parent_id: MessageId | None = Field(None, description="The answer to go on from; to regenerate: the question")
    edit_of: MessageId | None = Field(None, description="The question that this one stands in for; it stays, beside it")
    regenerate: StrictBool = Field(False, description="Answer the question `parent_id`, or the last one, again")


async def list_context_messages(sessions: SessionStore, subject: Subject, body: BranchRequest) -> list[BranchMessage]:
    """The messages up to the place the request names, oldest first; NotFound for what is not in the conversation."""
    if body.session_id is None:
        if body.parent_id or body.edit_of:
            raise InvalidRequest("parent_id and edit_of are messages of a conversation: name its session_id too.")
        return []
    # Two more than the model sees: a question asked again, and its answer, are left out.
    return await sessions.list_last_messages(
        body.session_id, subject=subject, count=HISTORY_MESSAGES + 2, up_to=body.edit_of or body.parent_id
    )


def position_question(
    body: BranchRequest, message: str, messages: Sequence[BranchMessage]
) -> tuple[str, list[BranchMessage], BranchPosition]:
    """The question, the messages before it that the model is told of, and where the turn is saved.

    `messages` are those up to the place the request names. A message that comes with `regenerate` and says something
    else than the question did is an edit of it.
    """
    question, history, place = message.strip(), list(messages), BranchPosition()
    if body.edit_of or body.regenerate:
        at = next((i for i in range(len(history) - 1, -1, -1) if history[i].role == "user"), None)
        if at is None:
            raise InvalidRequest("There is no earlier question to answer again: name the session_id of one.")
        if body.edit_of and at != len(history) - 1:
            raise InvalidRequest("edit_of must name a question, and this message is an answer.")
        asked, history = history[at], history[:at]
        again = body.edit_of is None and question in ("", asked.content.strip())
        question = question or asked.content
        place = BranchPosition(question_id=asked.id) if again else BranchPosition(edit_of=asked.id)
    elif body.parent_id:
        if history[-1].role != "assistant":
            raise InvalidRequest("parent_id must name the answer to go on from, and this message is a question.")
        place = BranchPosition(parent_id=body.parent_id)
    if not question:
        raise InvalidRequest("The message is empty. Ask something.")
    return question, history[-HISTORY_MESSAGES:], place
