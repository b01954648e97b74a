"""What a call costs, and what it can cost at most. Not covered: discounts for cached prompts; the full rate is counted,
so that the budget errs on the safe side.
"""

from collections.abc import Mapping

import orjson

from finsmith.core.errors import TeacherRefused
from finsmith.core.records import Request
from finsmith.core.teacher_params import Price, PriceParams, TeacherParams

FREE = Price(input=0, output=0)


def cost_usd(price: Price, prompt_tokens: float, completion_tokens: float) -> float:
    """The price of one call in USD."""
    return (prompt_tokens * price.input + completion_tokens * price.output) / 1_000_000


def price_of(model: str, prices: Mapping[str, Price]) -> Price:
    """The model's price.

    Raises:
        TeacherRefused: the model has no price; what cannot be priced is not called.
    """
    if model not in prices:
        raise TeacherRefused(
            f"the model {model!r} has no price, so it is not called. Add it to "
            "`generate.prices.usd_per_million_tokens` in params.yaml."
        )
    return prices[model]


def teacher_price(teacher: TeacherParams, prices: PriceParams) -> Price:
    """What this teacher takes: nothing for the embedded one, less in batches.

    Raises:
        TeacherRefused: its model has no price.
    """
    if teacher.provider == "local":
        return FREE
    full = price_of(teacher.model, prices.usd_per_million_tokens)
    share = prices.batch_share if teacher.batch else 1.0
    return Price(input=full.input * share, output=full.output * share)


def worst_case_usd(request: Request, price: Price) -> float:
    """The most a call can cost: at most one token per UTF-8 byte of prompt and schema, every allowed one of reply."""
    return cost_usd(price, prompt_bytes(request), request.max_tokens)


def prompt_bytes(request: Request) -> int:
    """The bytes of a request's prompt, no fewer than its tokens in any tokenizer; endpoints put the schema into it."""
    schema = len(orjson.dumps(request.response_schema)) if request.response_schema is not None else 0
    return sum(len(text.encode()) + 16 for _, text in request.messages) + schema
