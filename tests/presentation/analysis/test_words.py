"""Shares, durations and ratios in words."""

from decimal import Decimal

import pytest

from readings.presentation.analysis import coverage, load, outliers


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "–"),
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (99_999, 100_000, "99.99 %"),
        (2, 3, "66.67 %"),
        (1, 100_000, "less than 0.01 %"),
    ],
)
def test_share_of_time_is_100_only_if_it_is_all(part: int, whole: int, words: str) -> None:
    assert coverage.percent(part, whole) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "none"), (90, "1 h 30 min"), (1440, "1 d"), (1441 + 1_000 * 1440, "1,001 d 1 min")],
)
def test_duration_has_thousands_of_days(minutes: int, words: str) -> None:
    assert coverage.time_of(minutes) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(None, "–"), ("0", "0.0 %"), ("0.5", "50.0 %"), ("0.0012", "0.12 %"), ("0.00001", "less than 0.01 %")],
)
def test_small_share_of_a_load_keeps_its_digits(share: str | None, words: str) -> None:
    assert load.percent(None if share is None else Decimal(share)) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(None, "–"), ("0", "0"), ("0.001", "less than 0.01 ×"), ("0.25", "0.25 ×"), ("1234.5", "1,234 ×")],
)
def test_ratio_is_a_factor(ratio: str | None, words: str) -> None:
    assert outliers.times(None if ratio is None else Decimal(ratio)) == words
