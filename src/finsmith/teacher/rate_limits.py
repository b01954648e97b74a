"""Keeps calls within requests and tokens per minute: those of the parameters and those the server's headers tell.

Servers tell their limits in `x-ratelimit-limit-requests` and `-tokens` (per minute), what is left of them in
`x-ratelimit-remaining-…`, when they are full again in `x-ratelimit-reset-…` ("1s", "6m0s", "20ms"), and after a refusal
how long to wait in `retry-after-ms` or `retry-after`. Source: OpenAI's guide on rate limits; vLLM sends none. Not
covered: limits per day; where one is reached the headers ask for a long wait, which is an error.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Mapping

from finsmith.core.errors import TeacherUnavailable

_MINUTE = 60.0
_LONGEST_WAIT_SECONDS = 600.0
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Window:
    """What went out in the last minute against a limit; 0 is no limit. No minute, wherever it begins, has more."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._sent: deque[tuple[float, int]] = deque()
        self._total = 0

    def wait_seconds(self, amount: int, now: float) -> float:
        """How long until so much more may go out; what is over the limit by itself waits for an empty minute."""
        if not self.limit:
            return 0.0
        over, wait = self._total + amount - self.limit, 0.0
        for at, sent in self._sent:
            if over <= 0:
                break
            over, wait = over - sent, at + _MINUTE - now
        return max(0.0, wait)

    def add(self, amount: int, now: float) -> None:
        """Notes that so much goes out now."""
        while self._sent and self._sent[0][0] <= now - _MINUTE:
            self._total -= self._sent.popleft()[1]
        self._sent.append((now, amount))
        self._total += amount


class RateLimits:
    """The limits of one teacher; lower ones that its server tells are taken over."""

    def __init__(self, requests_per_minute: int, tokens_per_minute: int) -> None:
        self._windows = {"requests": Window(requests_per_minute), "tokens": Window(tokens_per_minute)}
        self._resume_at = 0.0
        self._turn = asyncio.Lock()  # first come, first served

    async def admit(self, tokens: int) -> None:
        """Returns when a call of that many tokens (prompt and longest reply) may go out.

        Raises:
            TeacherUnavailable: the server asks for a wait that is too long to sit out.
        """
        amounts = {"requests": 1, "tokens": tokens}
        async with self._turn:
            while (wait := self._wait_seconds(amounts)) > 0:
                if wait > _LONGEST_WAIT_SECONDS:
                    raise TeacherUnavailable(
                        f"the endpoint takes no call for {wait:,.0f} seconds. What is answered is kept; run again then."
                    )
                await asyncio.sleep(wait)
            for kind, window in self._windows.items():
                window.add(amounts[kind], time.monotonic())

    def observe(self, headers: Mapping[str, str]) -> None:
        """Takes over what an answer's headers say of limits, of what is left, and of when to come back."""
        for kind, window in self._windows.items():
            told = headers.get(f"x-ratelimit-limit-{kind}", "")
            if told.isdecimal() and 0 < int(told) < (window.limit or float("inf")):
                window.limit = int(told)
            if re.fullmatch(r"0|-\d+", headers.get(f"x-ratelimit-remaining-{kind}", "")):
                self.hold(seconds(headers.get(f"x-ratelimit-reset-{kind}", "")))

    def hold(self, wait_seconds: float) -> None:
        """Lets nothing out for so long."""
        self._resume_at = max(self._resume_at, time.monotonic() + wait_seconds)

    def _wait_seconds(self, amounts: Mapping[str, int]) -> float:
        now = time.monotonic()
        waits = [window.wait_seconds(amounts[kind], now) for kind, window in self._windows.items()]
        return max(self._resume_at - now, *waits)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a refusal's headers ask to wait, or None; a date is not read."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if _NUMBER.fullmatch(value := headers.get(name, "")):
            return float(value) * unit
    return None


def seconds(duration: str) -> float:
    """The seconds of a duration as the headers write it; a bare number is seconds, anything else 0."""
    if _NUMBER.fullmatch(duration):
        return float(duration)
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(duration))
