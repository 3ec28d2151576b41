"""The parameters a model may be stored with: OpenRouter's names and ranges."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError


def _number(value: object) -> object:
    """A number as JSON has them, 1.0 for 1 too; neither true nor "1", which pydantic would take for one."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("number_needed", "Input should be a number")
    return value


_Number = BeforeValidator(_number)


class Reasoning(BaseModel):
    """How much a thinking model may think."""

    model_config = ConfigDict(extra="forbid")

    effort: Literal["minimal", "low", "medium", "high"] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=200_000), _Number] | None = None
    exclude: StrictBool | None = None


class ModelParameters(BaseModel):
    """Sent with every request of the model; what is left out is the provider's default."""

    model_config = ConfigDict(extra="forbid")

    temperature: Annotated[float, Field(ge=0, le=2), _Number] | None = None
    top_p: Annotated[float, Field(gt=0, le=1), _Number] | None = None
    top_k: Annotated[int, Field(ge=0, le=1000), _Number] | None = None
    min_p: Annotated[float, Field(ge=0, le=1), _Number] | None = None
    top_a: Annotated[float, Field(ge=0, le=1), _Number] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=1_000_000), _Number] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000), _Number] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2), _Number] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2), _Number] | None = None
    repetition_penalty: Annotated[float, Field(gt=0, le=2), _Number] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63), _Number] | None = None
    stop: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=4)] | None = None
    reasoning: Reasoning | None = None
    provider: Annotated[dict[str, Any], Field(max_length=20)] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ParameterRange(BaseModel):
    """Between what a numeric parameter may be; `low_excluded` when it must be above `low`, `whole` for integers."""

    low: float
    high: float
    low_excluded: bool
    whole: bool


def parameter_ranges() -> dict[str, ParameterRange]:
    """The range of each numeric parameter, from the fields above."""
    found = {}
    for name, field in ModelParameters.model_json_schema()["properties"].items():
        kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") in ("number", "integer")]
        for kind in kinds:
            low, high = kind.get("minimum", kind.get("exclusiveMinimum")), kind.get("maximum")
            if low is not None and high is not None:
                found[name] = ParameterRange(
                    low=low, high=high, low_excluded="minimum" not in kind, whole=kind["type"] == "integer"
                )
    return found
