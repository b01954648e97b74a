"""Prices and the budget, by hand and by property."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import BudgetExceeded, TeacherRefused
from finsmith.core.teacher_params import Price
from finsmith.teacher.prices import Budget, cost_usd, price_of, worst_case_usd

from .asking import request_for

USD = st.floats(min_value=0, max_value=10, allow_subnormal=False)


def test_cost_is_tokens_times_price_per_million():
    """1,000 prompt and 500 reply tokens at 0.15 and 0.60 USD per million cost 0.00045 USD."""
    assert cost_usd(Price(input=0.15, output=0.60), 1000, 500) == pytest.approx(0.00045)


def test_a_model_without_a_price_is_refused_by_name():
    """The refusal names the model and the parameter to add it to."""
    with pytest.raises(TeacherRefused, match=r"'gpt-9'.*prices_usd_per_million_tokens"):
        price_of("gpt-9", {"gpt-4o": Price(input=2.5, output=10)})


def test_the_worst_case_counts_bytes_of_prompt_and_schema_and_all_allowed_tokens():
    """Bytes of each message plus 16, the schema's bytes, and max_tokens at the output price."""
    price = Price(input=1_000_000, output=1_000)
    messages = (("system", "ab"), ("user", "가"))  # 2 and 3 bytes
    assert worst_case_usd(request_for("", messages=messages), price) == pytest.approx(2 + 16 + 3 + 16 + 50 * 0.001)
    with_schema = request_for("", messages=messages, response_schema={"a": 1})  # {"a": 1} is 8 bytes
    assert worst_case_usd(with_schema, price) == pytest.approx(2 + 16 + 3 + 16 + 8 + 50 * 0.001)


@settings(max_examples=50)
@given(text=st.text(max_size=60), data=st.data(), price=st.builds(Price, input=USD, output=USD))
def test_no_call_costs_more_than_its_worst_case(text, data, price):
    """With at most one token per byte of prompt, and max_tokens of reply, the worst case is not passed."""
    request = request_for(text)
    prompt = data.draw(st.integers(0, sum(len(content.encode()) for _, content in request.messages)))
    reply = data.draw(st.integers(0, request.max_tokens))
    assert cost_usd(price, prompt, reply) <= worst_case_usd(request, price) + 1e-15


@settings(max_examples=50)
@given(
    limit=USD,
    calls=st.lists(st.tuples(USD, st.floats(0, 1), st.integers(0, 3)), max_size=30),
)
def test_a_budget_is_never_passed_in_any_order_of_calls(limit, calls):
    """However calls overlap, what is spent stays within the limit, and a refusal means it could have been passed."""
    budget, under_way, billed = Budget(limit), [], 0.0
    for worst, share, settled_now in calls:
        held = sum(amount for amount, _ in under_way)
        try:
            budget.reserve(worst)
            under_way.append((worst, worst * share))
        except BudgetExceeded:
            assert billed + held + worst > limit
        for _ in range(min(settled_now, len(under_way))):
            reserved, actual = under_way.pop(0)
            budget.settle(reserved, actual)
            billed += actual
        assert billed + sum(amount for amount, _ in under_way) <= limit + 1e-9
    assert budget.spent_usd == pytest.approx(billed)
    assert budget.reserved_usd == pytest.approx(sum(amount for amount, _ in under_way), abs=1e-9)


def test_a_refused_call_sets_nothing_aside():
    """After a refusal a smaller call still fits, and the message says what is spent, reserved and asked."""
    budget = Budget(1.0)
    budget.reserve(0.5)
    budget.settle(0.5, 0.25)
    budget.reserve(0.5)
    with pytest.raises(BudgetExceeded, match=r"0\.3000 USD; 0\.2500 of 1\.00 USD are spent and 0\.5000 reserved"):
        budget.reserve(0.3)
    budget.reserve(0.25)
    assert budget.reserved_usd == pytest.approx(0.75)
