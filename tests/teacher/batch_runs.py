"""Runs of teachers that are asked in batches, and what their requests say and cost."""

from contextlib import contextmanager
from dataclasses import replace

from finsmith.teacher.teacher import Teachers

from .batch_asking import CAPS, FAST, PRICES, request_for, teacher_params
from .batch_endpoint import BatchEndpoint
from .endpoint import Answer

SYSTEM = "한국어로 답합니다."


class Echo(dict):
    """Scripted answers to any text, which tell what was asked."""

    def __contains__(self, text):
        return True

    def __missing__(self, text):
        return [Answer(text=f"{text}의 답")]


def answers(*texts):
    """What Echo answers."""
    return [f"{text}의 답" for text in texts]


def keys(*texts):
    """The requests that say this, once each, as an endpoint counts them."""
    return {request_for(text).key: 1 for text in texts}


def usd(*texts):
    """What they cost in a batch: a token per character and 7 of each reply, at half of 2 and 10 USD per million."""
    return sum((len(SYSTEM) + len(text)) * 1.0 + 7 * 5.0 for text in texts) / 1e6


def worst_usd(*texts):
    """What they can cost in a batch: a token per byte, 16 for each message, and all 50 of each reply."""
    return sum((len((SYSTEM + text).encode()) + 2 * 16) * 1.0 + 50 * 5.0 for text in texts) / 1e6


@contextmanager
def run(endpoint, store, caps=None, batching=None, params=None, others=None):
    """Teachers whose default one is asked in batches at the endpoint, and others by name."""
    named = {"default": params or {}} | (others or {})
    teachers = {name: teacher_params(endpoint.base_url, **changes) for name, changes in named.items()}
    caps, batching = CAPS.model_copy(update=caps or {}), replace(FAST, **batching or {})
    with Teachers(teachers, PRICES, caps, store, "generate", batching) as opened:
        yield opened


def serving(**knobs):
    """An endpoint with these knobs that echoes."""
    return BatchEndpoint(**{"by_text": Echo()} | knobs)


@contextmanager
def asking(store, caps=None, batching=None, params=None, others=None, **knobs):
    """A running endpoint with these knobs, and a run that asks it."""
    with serving(**knobs) as endpoint, run(endpoint, store, caps, batching, params, others) as teachers:
        yield endpoint, teachers
