"""The embedded teacher: a llama.cpp server inside this process, OpenAI-compatible, on a free loopback port.

Because it lives in the process, it is gone when the process is, even after kill -9. The only home of xllamacpp.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import xllamacpp

from finsmith.core.embedded_models import embedded_model
from finsmith.core.errors import ModelError


@contextmanager
def local_teacher(model: str, context_tokens: int, slots: int, threads: int) -> Iterator[str]:
    """The base URL of a running server, stopped when the block ends.

    Raises:
        ModelError: the model cannot be fetched or loaded.
    """
    params = xllamacpp.CommonParams()
    params.model.path = str(embedded_model(model))
    params.model_alias = {model}
    params.n_ctx = context_tokens * slots
    params.n_parallel = slots
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.port = 0  # the system picks a free one
    params.endpoint_metrics = True
    params.verbosity = -1
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"the embedded teacher {model} cannot be loaded ({error})") from error
    server.handle_metrics()  # waits for its loop: a server that is stopped before that has begun never ends
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
