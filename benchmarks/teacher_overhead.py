"""What our client costs beside a bare `AsyncOpenAI`, and how fast stored replies come back.

Both send the same requests, as many at once, to a server in a process of its own that answers each after the same time.
Ours also keeps budget and limits, and has every reply on the disk before it returns. Not covered: batches, the embedded
teacher.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import openai
import orjson
from openai.types.chat import ChatCompletionMessageParam

from finsmith.core.dialogue import Dialogue
from finsmith.core.records import Reply, Request
from finsmith.core.teacher_params import BudgetParams, Price, PriceParams, TeacherParams
from finsmith.teacher.store import ResponseStore
from finsmith.teacher.teacher import Teachers

ROUNDS = 11  # of both, one after the other; a busy machine slows some
SECONDS = 2  # about what a round takes
CONCURRENCY = 32
MODEL = "teacher"
STORED = 10_000  # replies to replay
KEY = "FINSMITH_BENCHMARK_KEY"
PASSAGE = "한국은행 금융통화위원회는 기준금리를 현 수준에서 유지하여 통화정책을 운용하기로 하였다. " * 20
Times = tuple[float, float]  # seconds, and seconds of processor time
SAID = "금융통화위원회는 물가가 목표 수준으로 안정될 것이라는 확신이 들 때까지 기준금리를 유지하기로 하였다. " * 3


def main(latencies_ms: Sequence[int]) -> None:
    """Prints a row per latency, and the seconds of a replay."""
    os.environ[KEY] = "none"
    print(f"calls of {len(PASSAGE)} characters, {CONCURRENCY} at once, {ROUNDS} rounds of each, one after the other")
    print(" latency  calls  bare, best  ours, best  overhead   median  processor")
    for latency_ms in latencies_ms:
        print(compared(latency_ms), flush=True)
    print(replayed(), flush=True)


def compared(latency_ms: int) -> str:
    """A row: seconds of both in their best rounds, what ours takes more then, in the median, and of processor time."""
    calls = int(SECONDS * 1000 / (2 + latency_ms / CONCURRENCY))
    requests = [request(number) for number in range(calls)]
    with server(latency_ms) as base_url:
        rounds = [(bare(requests, base_url), ours(requests, base_url)) for _ in range(ROUNDS)]
    best, best_ours = (min(seconds for seconds, _ in times) for times in zip(*rounds, strict=True))
    middle = median(mine / theirs for (theirs, _), (mine, _) in rounds)
    processor = median(mine / theirs for (_, theirs), (_, mine) in rounds)
    seconds = f"{latency_ms:5} ms {calls:6} {best:9.2f} s {best_ours:9.2f} s"
    return f"{seconds} {best_ours / best - 1:9.1%} {middle - 1:8.1%} {processor - 1:10.1%}"


def replayed() -> str:
    """A row: seconds for so many stored replies, of it what was sent."""
    requests = [request(number) for number in range(STORED)]
    with folder() as path, ResponseStore(path) as store, asking(store, "http://127.0.0.1:9/v1") as teachers:
        store.db.execute("BEGIN")
        for each in requests:
            store.put(each, stored_reply(each), 1.0)
        store.db.execute("COMMIT")
        seconds, _ = timed(lambda: teachers.converse(map(talk, requests)))
        sent = teachers.accounts()["calls_sent_now"]
    return f"{STORED:,} stored replies: {seconds:.2f} s, {sent} calls sent"


def ours(requests: Sequence[Request], base_url: str) -> Times:
    """The time of all through the teacher, with a new store."""
    with folder() as path, ResponseStore(path) as store, asking(store, base_url) as teachers:
        teachers.expected_calls = len(requests)
        times = timed(lambda: teachers.converse(map(talk, requests)))
        assert teachers.accounts()["calls_sent_now"] == len(requests)
    return times


def bare(requests: Sequence[Request], base_url: str) -> Times:
    """The time of all by openai's client, with a semaphore."""
    return timed(lambda: asyncio.run(_bare(requests, base_url)))


async def _bare(requests: Sequence[Request], base_url: str) -> list[str | None]:
    slots = asyncio.Semaphore(CONCURRENCY)
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:

        async def call(each: Request) -> str | None:
            async with slots:
                answer = await client.chat.completions.create(
                    model=each.model,
                    messages=[message(role, text) for role, text in each.messages],
                    temperature=each.temperature,
                    max_tokens=each.max_tokens,
                    seed=each.seed,
                )
            return answer.choices[0].message.content

        return await asyncio.gather(*map(call, requests))


def message(role: str, text: str) -> ChatCompletionMessageParam:
    """A message as openai types it."""
    return {"role": "system", "content": text} if role == "system" else {"role": "user", "content": text}


def talk(asked: Request) -> Dialogue[Reply]:
    """A dialogue of one request."""
    (reply,) = yield [asked]
    return reply


def asking(store: ResponseStore, base_url: str) -> Teachers:
    """One teacher at that address, with a budget that is never reached."""
    teacher = TeacherParams(
        provider="openai",
        model=MODEL,
        base_url=base_url,
        api_key_env=KEY,
        temperature=0.3,
        seed=1,
        json_schema=False,
        batch=False,
        concurrency=CONCURRENCY,
        requests_per_minute=0,
        tokens_per_minute=0,
        timeout_seconds=300,
        max_attempts=4,
        context_tokens=4096,
    )
    prices = PriceParams(
        usd_per_million_tokens={MODEL: Price(input=0.15, output=0.6)}, batch_share=1, reference_model=MODEL
    )
    caps = BudgetParams(stage_usd=1e6, stage_calls=10**9, run_usd=1e6, run_calls=10**9)
    return Teachers({"default": teacher}, prices, caps, store, "benchmark")


def request(number: int) -> Request:
    """One of many that differ."""
    return Request(
        recipe="benchmark",
        sources=("0123456789abcdef",),
        prompt_sha256="a" * 64,
        model=MODEL,
        messages=(("system", "한국어로 답합니다."), ("user", f"{PASSAGE}\n\n{number}번 문장을 요약하십시오.")),
        temperature=0.3,
        max_tokens=300,
        seed=1,
    )


def stored_reply(asked: Request) -> Reply:
    """A reply as the server would give it."""
    return Reply(
        key=asked.key,
        model=MODEL,
        text=SAID,
        finish_reason="stop",
        prompt_tokens=700,
        completion_tokens=120,
        cost_usd=0.0001,
        reference_cost_usd=0.0001,
    )


@contextmanager
def folder() -> Iterator[Path]:
    """The path of a new store."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / "responses.sqlite"


def timed(work: Callable[[], object]) -> Times:
    """The time it took."""
    begin, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - processor


@contextmanager
def server(latency_ms: int) -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.teacher_overhead", "--serve", str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.terminate()


async def serve(latency_ms: int) -> None:
    """Answers every request with the same completion; prints its port."""
    usage = {"prompt_tokens": 700, "completion_tokens": 120, "total_tokens": 820}
    choice = {"index": 0, "message": {"role": "assistant", "content": SAID}, "finish_reason": "stop"}
    kind = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": MODEL}
    body = orjson.dumps(kind | {"choices": [choice], "usage": usage})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = head.encode() + body

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(asked.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
                await asyncio.sleep(latency_ms / 1000)
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):  # the client has gone
            writer.close()

    listening = await asyncio.start_server(connection, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(int(sys.argv[2])))
    else:
        main([int(latency) for latency in sys.argv[1:]] or [0, 20, 200])
