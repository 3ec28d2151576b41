"""What a conversation is about: a kind of thing, and which one."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.store.pages import MAX_ID

SubjectKind = Literal["run", "desk", "strategy", "paper", "assistant"]
_WITHOUT_ID = frozenset({"desk"})


class Subject(BaseModel):
    """`id` is of the kind's own table; the desk, of which a user has one, has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: SubjectKind
    id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None

    @model_validator(mode="after")
    def _id_fits_kind(self) -> Self:
        if (self.id is None) != (self.kind in _WITHOUT_ID):
            raise ValueError(f"a subject of kind {self.kind!r} has {'no' if self.kind in _WITHOUT_ID else 'an'} id")
        return self

    def __str__(self) -> str:
        """As it stands in logs and in keys that workers share."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


def run_subject(run_id: int) -> Subject:
    """The subject of a conversation about a run whose id was read from the database."""
    return Subject.model_construct(kind="run", id=run_id)
