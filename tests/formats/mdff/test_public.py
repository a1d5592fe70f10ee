"""Public NEM12 and NEM13 files, in a folder next to the repository.

The counts are those that another program found, except for the differences stated in `public_mdff`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

from readings.formats.contract import ERROR, NEM_TIME, Batch
from readings.formats.recognition import is_complete
from tests.making.public_mdff import ACCEPTED, CHALLENGE, PUBLIC, REFUSED, content_of
from tests.running.parsed import parsed

pytestmark = pytest.mark.skipif(not PUBLIC.exists(), reason="needs ../shared")


def counted(whole: Batch) -> tuple[int, int, int, int, dict[str, str]]:
    """Return the numbers and totals of `Counts`."""
    if whole.accumulations:
        rows = [(one.register, 1, one.quantity, one.unit) for one in whole.accumulations]
    else:
        rows = [(day.register, len(day.values.split(",")), day.total, day.unit) for day in whole.interval_days]
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for register, _, amount, unit in rows:
        totals[f"{register[4]} {unit}"] += Decimal(amount)
    return (
        len(rows),
        len({register[1] for register, *_ in rows}),
        len({(register[1], register[4]) for register, *_ in rows}),
        sum(count for _, count, *_ in rows),
        {name: f"{total.normalize():f}" for name, total in totals.items()},
    )


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_public_file_is_read_whole(name: str) -> None:
    whole = parsed(content_of(name))
    assert [problem for problem in whole.problems if problem.severity == ERROR] == []
    assert counted(whole) == ACCEPTED[name][:5]
    assert {problem.code for problem in whole.problems} == ACCEPTED[name].warnings


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_public_file_is_rejected_with_its_errors(name: str) -> None:
    whole = parsed(content_of(name))
    errors = [problem for problem in whole.problems if problem.severity == ERROR]
    assert [(one.line, one.record, one.field, one.code) for one in errors] == REFUSED[name]


def test_every_public_file_is_tested() -> None:
    assert {path.name for path in PUBLIC.iterdir()} == {*ACCEPTED, *REFUSED}
    assert len(ACCEPTED) + len(REFUSED) == 40


def test_the_challenge_sample_yields_the_reads_in_its_description() -> None:
    whole = parsed(content_of(CHALLENGE))
    first, *_, last = whole.accumulations
    assert first.register == ("NMI", "2291137510", "R4ZFLS6ZY1UV", "1", "11")
    assert (first.current_read, first.current_read_at) == (
        "56311.0",
        datetime(2004, 1, 7, 10, 3, 33, tzinfo=NEM_TIME),
    )
    assert last.register == ("NMI", "9520021491", "HKYDFUE2PONY", "1", "11")
    assert (last.current_read, last.current_read_at) == ("24227.0", datetime(2004, 1, 7, 15, 12, 6, tzinfo=NEM_TIME))
    assert len({one.register[2] for one in whole.accumulations}) == 8
    assert {one.current_quality_method for one in whole.accumulations} == {"A"}
    for one in whole.accumulations:
        assert Decimal(one.quantity) == Decimal(one.current_read) - Decimal(one.previous_read)


@pytest.mark.parametrize("name", [CHALLENGE, "NEM12#000000000000022#CNRGYMDP#NEMMCO"])
def test_a_cut_at_any_byte_of_a_public_file_is_an_error(name: str) -> None:
    content = content_of(name)
    whole = content.rindex(b"900") + len(b"900")
    for size in range(whole):
        cut = content[:size]
        assert not is_complete(cut, cut), cut[-40:]
        assert any(problem.severity == ERROR for problem in parsed(cut).problems), cut[-40:]
    # Commas and a line end after the 900 are optional.
    for size in range(whole, len(content) + 1):
        cut = content[:size]
        assert is_complete(cut, cut) is True
        assert not any(problem.severity == ERROR for problem in parsed(cut).problems)


def test_a_day_broken_over_three_lines_is_read_after_repair() -> None:
    lines = content_of("NEM12#Scenario10#ETSAMDP#NEMMCO.zip").split(b"\r\n")
    repaired = [*lines[:26], b"".join(lines[26:29]), *lines[29:]]
    whole = parsed(b"\r\n".join(repaired))
    assert whole.problems == []
    assert sum(len(day.values.split(",")) for day in whole.interval_days) == 384
