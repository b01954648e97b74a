"""What a call costs and can cost, by hand and by property."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import TeacherRefused
from finsmith.core.teacher_params import Price
from finsmith.teacher.prices import FREE, cost_usd, price_of, prompt_bytes, teacher_price, worst_case_usd

from .asking import price_params, request_for, teacher_params

USD = st.floats(min_value=0, max_value=10, allow_subnormal=False)


def test_cost_is_tokens_times_price_per_million():
    """1,000 prompt and 500 reply tokens at 0.15 and 0.60 USD per million cost 0.00045 USD."""
    assert cost_usd(Price(input=0.15, output=0.60), 1000, 500) == pytest.approx(0.00045)


def test_a_model_without_a_price_is_refused_by_name():
    """The refusal names the model and the parameter to add it to."""
    with pytest.raises(TeacherRefused, match=r"'gpt-9'.*generate\.prices\.usd_per_million_tokens"):
        price_of("gpt-9", {"gpt-4o": Price(input=2.5, output=10)})


def test_a_teacher_takes_its_models_price_in_batches_a_share_of_it_and_the_embedded_one_nothing():
    """2 and 10 USD are 1 and 5 in batches at a share of 0.5; the embedded teacher needs no price and is free."""
    assert teacher_price(teacher_params(), price_params()) == Price(input=2, output=10)
    assert teacher_price(teacher_params(batch=True), price_params()) == Price(input=1, output=5)
    assert teacher_price(teacher_params(provider="local", model="unpriced"), price_params()) == FREE
    with pytest.raises(TeacherRefused, match="'unpriced' has no price"):
        teacher_price(teacher_params(model="unpriced"), price_params())


def test_the_worst_case_counts_bytes_of_prompt_and_schema_and_all_allowed_tokens():
    """Bytes of each message plus 16, the schema's bytes, and max_tokens at the output price."""
    price = Price(input=1_000_000, output=1_000)
    messages = (("system", "ab"), ("user", "가"))  # 2 and 3 bytes
    assert worst_case_usd(request_for("", messages=messages), price) == pytest.approx(2 + 16 + 3 + 16 + 50 * 0.001)
    with_schema = request_for("", messages=messages, response_schema={"a": 1})  # {"a":1} is 7 bytes
    assert worst_case_usd(with_schema, price) == pytest.approx(2 + 16 + 3 + 16 + 7 + 50 * 0.001)


def test_a_prompts_bytes_are_those_of_all_its_messages():
    """Every message counts, whoever says it: 3 bytes a Hangul syllable and 16 beside each message."""
    messages = (("system", "가"), ("user", "나다"), ("assistant", "a"), ("user", ""))
    assert prompt_bytes(request_for("", messages=messages)) == 3 + 6 + 1 + 4 * 16


@settings(max_examples=50)
@given(text=st.text(max_size=60), data=st.data(), price=st.builds(Price, input=USD, output=USD))
def test_no_call_costs_more_than_its_worst_case(text, data, price):
    """With at most one token per byte of prompt, and max_tokens of reply, the worst case is not passed."""
    request = request_for(text)
    prompt = data.draw(st.integers(0, sum(len(content.encode()) for _, content in request.messages)))
    reply = data.draw(st.integers(0, request.max_tokens))
    assert cost_usd(price, prompt, reply) <= worst_case_usd(request, price) + 1e-15
