"""The parameters of teachers, their prices and the budget, groups inside a stage's section of params.yaml.

Recipes build requests from them, the teacher sends the requests by them.
"""

from typing import Annotated, Literal

from pydantic import Field

from .params import Params


class Price(Params):
    """USD per one million tokens."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]


class PriceParams(Params):
    """What tokens cost by model, the model for comparison, and what a batch costs of the price (0.5: half)."""

    usd_per_million_tokens: dict[str, Price]
    batch_share: Annotated[float, Field(gt=0, le=1)]
    reference_model: str


class BudgetParams(Params):
    """Caps on what is sent: by this stage since it last finished, and by all stages since the last finished report."""

    stage_usd: Annotated[float, Field(ge=0)]
    stage_calls: Annotated[int, Field(ge=0)]
    run_usd: Annotated[float, Field(ge=0)]
    run_calls: Annotated[int, Field(ge=0)]


class TeacherParams(Params):
    """Which teacher to ask, and how; 0 requests or tokens per minute sets no limit of its own."""

    provider: Literal["local", "openai"]
    model: str
    base_url: str
    api_key_env: str
    temperature: Annotated[float, Field(ge=0, le=2)]
    seed: int
    json_schema: bool
    batch: bool
    concurrency: Annotated[int, Field(ge=1)]
    requests_per_minute: Annotated[int, Field(ge=0)]
    tokens_per_minute: Annotated[int, Field(ge=0)]
    timeout_seconds: Annotated[float, Field(gt=0)]
    max_attempts: Annotated[int, Field(ge=1)]
    context_tokens: Annotated[int, Field(ge=512)]
