"""A teacher's calls as MLflow traces: messages, answer, tokens, USD, seconds. Not covered: which calls; the stage says.

A trace's id follows from its run and its request, so that a call which is sent again stands there once.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from finsmith.core.io import read_jsonl
from finsmith.core.records import StoredCall

KEY = "finsmith.request_key"  # the attribute
_AT_ONCE = 100  # spans in one request; their texts stay below a few MiB


def send_calls(client: Any, experiment_id: str, mlflow_id: str, path: Path) -> None:
    """Sends the calls of a file as traces of a run."""
    from mlflow.tracing.client import TracingClient

    calls, tracing = list(read_jsonl(path, StoredCall)), TracingClient(client.tracking_uri)
    for at in range(0, len(calls), _AT_ONCE):
        spans = [_span(call, mlflow_id) for call in calls[at : at + _AT_ONCE]]
        tracing.log_spans(experiment_id, spans)
        client.link_traces_to_run([span.trace_id for span in spans], mlflow_id)


def _span(call: StoredCall, mlflow_id: str) -> Any:
    from mlflow.entities import Span
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, TraceFlags
    from opentelemetry.trace.status import Status, StatusCode

    request, reply = call.request, call.reply
    digest = hashlib.sha256(f"{mlflow_id} {reply.key}".encode()).hexdigest()
    context = SpanContext(int(digest[:32], 16), int(digest[32:48], 16), False, TraceFlags(TraceFlags.SAMPLED))
    ended = int(call.at * 1e9)
    inputs = {"messages": [{"role": role, "content": text} for role, text in request.messages]}
    tokens = {"input_tokens": reply.prompt_tokens, "output_tokens": reply.completion_tokens}
    told = {
        "mlflow.traceRequestId": f"tr-{digest[:32]}",
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.spanInputs": inputs | {"temperature": request.temperature, "seed": request.seed},
        "mlflow.spanOutputs": {
            "choices": [{"message": {"role": "assistant", "content": reply.text}, "finish_reason": reply.finish_reason}]
        },
        "mlflow.chat.tokenUsage": tokens | {"total_tokens": sum(tokens.values())},
        "mlflow.llm.cost": {"total_cost": reply.cost_usd},
        "mlflow.llm.model": reply.model,
        KEY: reply.key,
        "finsmith.usd": reply.cost_usd,
        "finsmith.usd_at_reference_price": reply.reference_cost_usd,
    }
    attributes = {name: json.dumps(value, ensure_ascii=False) for name, value in told.items()}
    span = ReadableSpan(
        request.recipe,
        context,
        attributes=attributes,
        status=Status(StatusCode.OK),
        start_time=ended - int(call.seconds * 1e9),
        end_time=ended,
    )
    return Span(span)
