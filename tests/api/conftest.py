from __future__ import annotations

from collections.abc import Iterator

import pytest

from readings.api.throttling import PER_CALLER, WRONG_TOKENS


@pytest.fixture(autouse=True)
def no_counts() -> Iterator[None]:
    """Forget the requests of other tests."""
    for throttle in (PER_CALLER, WRONG_TOKENS):
        throttle.window.clear()
    yield
    for throttle in (PER_CALLER, WRONG_TOKENS):
        throttle.window.clear()
