"""Drives dialogues: many at once, those in front first, so that requests that share a prompt reach the server together.

Not covered: what a call costs or does; that is `ask`.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count
from typing import TypeVar

from finsmith.core.dialogue import Dialogue
from finsmith.core.records import Reply, Request

T = TypeVar("T")
# The reply to a request; the number says which dialogue asks.
Ask = Callable[[Request, int], Awaitable[Reply]]
# Turns of the event loop within which a dialogue that got a reply has asked on, through `ask`, `gather` and their tasks
_TURNS_TO_ASK_ON = 8


class Slots:
    """So many calls at once; who waits is let in by the number of its dialogue, the lowest first."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrival = count()

    async def take(self, number: int) -> None:
        """Returns when a slot is this dialogue's."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (number, next(self._arrival), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was let in at the very moment
                self.give_back()
            raise

    def give_back(self, turns: int = _TURNS_TO_ASK_ON) -> None:
        """Hands the slot on to the first in line, once the dialogue that got the reply has had time to stand there."""
        if turns:
            asyncio.get_running_loop().call_soon(self.give_back, turns - 1)
            return
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


async def converse(dialogues: Iterable[Dialogue[T]], ask: Ask, open_at_once: int) -> list[T]:
    """The results of the dialogues, in their order; at most `open_at_once` of them are begun and not finished.

    Raises:
        FinsmithError: the first that a call or a dialogue raised; nothing new was begun then, and what was under way
            has arrived.
    """
    results: dict[int, T] = {}
    failures: list[BaseException] = []
    begun: set[asyncio.Task[None]] = set()
    room = asyncio.Semaphore(open_at_once)

    async def one(number: int, dialogue: Dialogue[T]) -> None:
        try:
            requests = next(dialogue)
            while not failures:
                requests = dialogue.send(await _replies(requests, number, ask))
        except StopIteration as end:
            results[number] = end.value

    def ended(task: asyncio.Task[None]) -> None:
        begun.discard(task)
        room.release()
        if not task.cancelled() and (error := task.exception()):
            failures.append(error)

    try:
        for number, dialogue in enumerate(dialogues):
            await room.acquire()
            if failures:
                break
            task = asyncio.create_task(one(number, dialogue))
            begun.add(task)
            task.add_done_callback(ended)
        while begun:
            await asyncio.wait(begun)
    finally:  # Ctrl-C, or an error in making the dialogues
        await _called_off(begun)
    if failures:
        raise failures[0]
    return [results[number] for number in sorted(results)]


async def _replies(requests: Sequence[Request], number: int, ask: Ask) -> list[Reply]:
    """All replies; where one fails, the others have arrived before its error goes on."""
    if len(requests) == 1:
        return [await ask(requests[0], number)]
    answers = await asyncio.gather(*(ask(request, number) for request in requests), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if isinstance(answer, Reply)]


async def _called_off(tasks: Iterable[asyncio.Task[None]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
