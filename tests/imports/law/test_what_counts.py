"""The quick part of the proof: drawn sets of files, in several orders, against the slow model of the law."""

from __future__ import annotations

import pytest

from tests.proofs.store import counter_examples

SETS_IN_A_TEST = 3


@pytest.mark.django_db
@pytest.mark.parametrize("first", range(1_000_000, 1_000_000 + 4 * SETS_IN_A_TEST, SETS_IN_A_TEST))
def test_readings_that_count_depend_only_on_the_set_of_files(first: int) -> None:
    for seed in range(first, first + SETS_IN_A_TEST):
        assert list(counter_examples(seed, 3)) == []
