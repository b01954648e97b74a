"""What the response store knows of a model's earlier replies: tokens and seconds by task. Not covered: forecasts."""

from collections import defaultdict

from finsmith.core.records import Observed, Reply, Request

from .prices import prompt_bytes
from .store import ResponseStore

_LATEST = 2000  # replies that are looked at


def observed(store: ResponseStore, model: str) -> dict[str, Observed]:
    """Averages over the latest replies of the model, by task (the request's recipe)."""
    rows = store.db.execute("SELECT request, reply, seconds FROM replies ORDER BY at DESC LIMIT ?", (_LATEST,))
    by_task: dict[str, list[tuple[Request, Reply, float]]] = defaultdict(list)
    for request_json, reply_json, seconds in rows:
        request = Request.model_validate_json(request_json)
        if request.model == model:
            by_task[request.recipe].append((request, Reply.model_validate_json(reply_json), seconds))
    return {task: _average(calls) for task, calls in by_task.items()}


def _average(calls: list[tuple[Request, Reply, float]]) -> Observed:
    prompt_tokens = sum(reply.prompt_tokens for _, reply, _ in calls)
    return Observed(
        calls=len(calls),
        prompt_tokens=prompt_tokens / len(calls),
        completion_tokens=sum(reply.completion_tokens for _, reply, _ in calls) / len(calls),
        seconds=sum(seconds for *_, seconds in calls) / len(calls),
        bytes_per_prompt_token=sum(prompt_bytes(request) for request, *_ in calls) / max(1, prompt_tokens),
    )
