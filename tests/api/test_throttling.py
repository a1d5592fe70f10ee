"""The count of requests, and the setting of its rate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import rate
from readings.api.throttling import _MANY, Window


class Clock:
    """A clock that stands still until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_span_of_any_minute_has_at_most_the_rate() -> None:
    clock = Clock()
    window = Window(clock)
    waits = []
    for clock.now in (0, 20, 40, 59, 60, 61, 80, 100):
        waits.append(window.wait("ann", 3, 60))
    assert waits == [0, 0, 0, 1, 0, 19, 0, 0]


def test_keys_count_for_themselves() -> None:
    window = Window(Clock())
    assert [window.wait(key, 1, 60) for key in ("ann", "bob", "ann")] == [0, 0, 60]


def test_refused_requests_do_not_count() -> None:
    clock = Clock()
    window = Window(clock)
    assert [window.wait("ann", 1, 60) for _ in range(3)] == [0, 60, 60]
    clock.now += 60
    assert window.wait("ann", 1, 60) == 0


def test_threads_together_exceed_no_rate() -> None:
    window = Window()
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: window.wait("ann", 300, 3600), range(1000)))
    assert waits.count(0) == 300


def test_many_keys_are_forgotten_once_idle() -> None:
    clock = Clock()
    window = Window(clock)
    for number in range(4 * _MANY):
        window.wait(number, 1, 60)
    assert len(window) == 4 * _MANY
    clock.now += 61
    assert window.wait("new", 1, 60) == 0
    assert len(window) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", (600, 60)), ("10/s", (10, 1)), ("1/min", (1, 60)), (" 36000 / hour ", (36000, 3600))],
)
def test_rate_is_read(text: str, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_RATE", text)
    assert rate("API_RATE", "600/min") == expected


@pytest.mark.parametrize("text", ["600", "0/min", "-1/s", "600/day", "many/min", "1.5/s", "/min", "600/min/s"])
def test_rate_that_means_nothing_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_RATE", text)
    with pytest.raises(ImproperlyConfigured) as caught:
        rate("API_RATE", "600/min")
    expected = "expected requests per s, min or hour, such as 600/min"
    assert str(caught.value) == f"API_RATE={text!r} is not understood: {expected}"
