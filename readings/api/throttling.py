"""How many requests a token or a user may make: the setting API_RATE.

The web pages run in one process with threads, so the counts are in its memory: several processes would each allow
the rate. The throttles of ninja keep the request that they count in themselves, which threads share, and copy all
times of a key for each request; these do neither.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from math import ceil
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.throttling import BaseThrottle

from readings.models.api_tokens import ApiToken

#: Number of keys at which those without a recent request are dropped; it doubles while there are more.
_MANY: Final = 1000


class Window:
    """The times of the latest requests of each key: never more than the rate in any span of its length."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[Hashable, deque[float]] = {}
        self._most_keys = _MANY

    def __len__(self) -> int:
        """Return the number of keys with requests."""
        return len(self._times)

    def wait(self, key: Hashable, most: int, seconds: float) -> float:
        """Count a request and return 0; or return the seconds until the next one, and count nothing."""
        now = self._clock()
        with self._lock:
            times = self._times.get(key)
            if times is None:
                self._drop_idle(now - seconds)
                times = self._times[key] = deque()
            while times and times[0] <= now - seconds:
                times.popleft()
            if len(times) >= most:
                return times[0] + seconds - now
            times.append(now)
            return 0

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._times.clear()

    def _drop_idle(self, since: float) -> None:
        if len(self._times) >= self._most_keys:
            self._times = {key: times for key, times in self._times.items() if times and times[-1] > since}
            self._most_keys = max(_MANY, 2 * len(self._times))


class PerCaller(BaseThrottle):
    """Counts requests of each token, and of each user of the pages, wherever they come from; for `throttle=`."""

    def __init__(self) -> None:
        self.window = Window()
        self._of_thread = threading.local()

    def allow_request(self, request: HttpRequest) -> bool:
        """Count a request; return False if there were too many. Routes for everybody have no caller."""
        caller = getattr(request, "auth", None)
        if caller is None:
            return True
        kind = "token" if isinstance(caller, ApiToken) else "user"
        self._of_thread.wait = self.window.wait((kind, caller.pk), *settings.API_RATE)
        return not self._of_thread.wait

    def wait(self) -> float:
        """Return the seconds until the next request of the caller that this thread refused."""
        return float(self._of_thread.wait)


class WrongTokens:
    """Counts wrong tokens of each address. It never sees a valid one, so it locks nobody out."""

    def __init__(self) -> None:
        self.window = Window()

    def count(self, address: str) -> None:
        """Count a wrong token; raise Throttled if there were too many."""
        if wait := self.window.wait(address, *settings.API_RATE):
            raise Throttled(wait=ceil(wait))


#: The throttles of this process.
PER_CALLER: Final = PerCaller()
WRONG_TOKENS: Final = WrongTokens()
