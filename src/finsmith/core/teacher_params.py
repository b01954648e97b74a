"""The teacher's parameters, a group inside the section `generate`: recipes build requests, the client sends them."""

from typing import Annotated, Literal

from pydantic import Field

from .params import Params


class Price(Params):
    """USD per one million tokens."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]


class TeacherParams(Params):
    """Which teacher to ask, how, and for how much at most."""

    provider: Literal["local", "openai"]
    model: str
    base_url: str
    api_key_env: str
    temperature: Annotated[float, Field(ge=0, le=2)]
    seed: int
    concurrency: Annotated[int, Field(ge=1)]
    timeout_seconds: Annotated[float, Field(gt=0)]
    max_attempts: Annotated[int, Field(ge=1)]
    budget_usd: Annotated[float, Field(ge=0)]
    context_tokens: Annotated[int, Field(ge=512)]
    reference_model: str
    prices_usd_per_million_tokens: dict[str, Price]
