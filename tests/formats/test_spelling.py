from __future__ import annotations

import pytest

from readings.formats.spelling import LONGEST_PART, MOST_PARTS, parts_of, words_of


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "D0010_4410000007_1.usr",
            ["d0010 4410000007 1 usr", "0010 4410000007 1 usr", "4410000007 1 usr", "1 usr"],
        ),
        ("W000896813.USR", ["w000896813 usr", "000896813 usr", "896813 usr"]),
        ("Copy of  March-2026 (2).uff", ["copy of march 2026 2 uff", "of march 2026 2 uff", "march 2026 2 uff"]),
        ("both.zip/März.csv", ["both zip märz csv", "zip märz csv", "märz csv"]),
        ("a.b", []),
        ("", []),
    ],
)
def test_name_has_a_part_from_each_word_and_number_on(name: str, parts: list[str]) -> None:
    assert parts_of(name)[: len(parts)] == parts
    assert bool(parts_of(name)) == bool(parts)


def test_parts_of_the_longest_name_are_bounded() -> None:
    parts = parts_of("word1234_" * 113)
    assert len(parts) <= MOST_PARTS
    assert max(map(len, parts)) == LONGEST_PART


def test_words_of_a_name_ignore_capitals_and_signs() -> None:
    assert words_of("D0010__4410000007-1.USR") == words_of(" d0010 4410000007 1 usr") == "d0010 4410000007 1 usr"
