"""What a call costs, and a budget that is asked before a call is sent.

Not covered: batch discounts, cached-prompt discounts; a call is priced at the full rate, so the budget errs on the safe
side.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from finsmith.core.errors import BudgetExceeded, TeacherRefused
from finsmith.core.records import Request
from finsmith.core.teacher_params import Price


def cost_usd(price: Price, prompt_tokens: int, completion_tokens: int) -> float:
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
            "`generate.teacher.prices_usd_per_million_tokens` in params.yaml."
        )
    return prices[model]


def worst_case_usd(request: Request, price: Price) -> float:
    """The most a call can cost: at most one token per UTF-8 byte of prompt and schema, every allowed one of reply."""
    prompt_bytes = sum(len(text.encode()) + 16 for _, text in request.messages)
    if request.response_schema is not None:  # endpoints put it into the prompt
        prompt_bytes += len(json.dumps(request.response_schema))
    return cost_usd(price, prompt_bytes, request.max_tokens)


@dataclass
class Budget:
    """A cap in USD over the calls sent through it; what is reserved counts as spent until it is settled."""

    limit_usd: float
    spent_usd: float = 0.0
    reserved_usd: float = field(default=0.0)

    def reserve(self, amount_usd: float) -> None:
        """Sets the worst case of a call aside.

        Raises:
            BudgetExceeded: it could cost more than is left; nothing is set aside.
        """
        if self.spent_usd + self.reserved_usd + amount_usd > self.limit_usd + 1e-12:
            raise BudgetExceeded(
                f"the next call could cost {amount_usd:.4f} USD; {self.spent_usd:.4f} of {self.limit_usd:.2f} USD are "
                f"spent and {self.reserved_usd:.4f} reserved. Every finished reply is kept: raise "
                "`generate.teacher.budget_usd` and run again to go on from here."
            )
        self.reserved_usd += amount_usd

    def settle(self, reserved_usd: float, actual_usd: float) -> None:
        """Turns a reservation into what the call did cost (0 where it failed)."""
        self.reserved_usd -= reserved_usd
        self.spent_usd += actual_usd
