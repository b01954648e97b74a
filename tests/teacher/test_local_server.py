"""The embedded teacher itself: needs its model and about a minute."""

import pytest

from finsmith.core.errors import ModelError
from finsmith.teacher.local_server import local_teacher

from .asking import ask, request_for, teachers_at

EMBEDDED = "qwen2.5-coder-1.5b-instruct-q4_k_m"


def test_an_unknown_model_is_refused_with_the_known_ones(tmp_path, monkeypatch):
    """A model that is not embedded is a ModelError that lists those that are, and nothing is fetched."""
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path))
    with pytest.raises(ModelError, match=EMBEDDED), local_teacher("no-such-model", 512, 1, 1):
        pass
    assert list(tmp_path.rglob("*.gguf")) == []


@pytest.mark.slow
def test_the_embedded_server_answers_a_question_for_nothing(store):
    """The real embedded model, in this process, answers a tiny question: 0 USD, a reference cost, a stored reply."""
    request = request_for("대한민국의 수도는 어디입니까?", model=EMBEDDED, max_tokens=8, temperature=0)
    params = {"provider": "local", "model": EMBEDDED, "context_tokens": 512, "timeout_seconds": 300}
    with teachers_at("", store, **params) as teachers:
        (reply,) = ask(teachers, [request])
        assert ask(teachers, [request]) == [reply]
        accounts = teachers.accounts()
    assert reply.text.strip()
    assert reply.prompt_tokens > 0
    assert 0 < reply.completion_tokens <= 8
    assert reply.finish_reason in ("stop", "length")
    assert (accounts["calls_sent_now"], accounts["calls_new"], accounts["usd_total"]) == (1, 1, 0)
    assert accounts["usd_at_reference_price"] == pytest.approx(
        (reply.prompt_tokens * 1.0 + reply.completion_tokens * 4.0) / 1e6
    )


@pytest.mark.slow
def test_the_embedded_server_listens_on_the_loopback_under_its_own_address():
    """The context manager gives an OpenAI-style base URL on 127.0.0.1 for as long as it lasts."""
    for _ in range(3):  # nothing is asked of it: it must end all the same
        with local_teacher(EMBEDDED, 512, 1, 1) as base_url:
            assert base_url.startswith("http://127.0.0.1:")
            assert base_url.endswith("/v1")
