"""Small files about the hard cases of figures, in the order in which they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from tests.making import dtc, mdff
from tests.making.consumption import days, half_hours

USERS = b"id,area,tariff\r\nQ9001,a9,t9\r\nQ9002,a9,t9\r\nQ9003,a9,t8\r\n"
#: Meter point whose meter is exchanged: 300 with the first, 280 with the second.
EXCHANGED = dtc.mpan(77)
#: Actual until noon, no reading from noon, and the reverse.
MORNING = ("400,1,24,A,,", "400,25,48,N,,")
AFTERNOON = ("400,1,24,N,,", "400,25,48,A,,")


def files() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file."""
    yield "user_data.csv", USERS
    yield from _consumption()
    for number, content in enumerate(_nem12()):
        yield f"NEM12_{number}.csv", content
    for number, content in enumerate(_nem13()):
        yield f"NEM13_{number}.csv", content
    yield "D0010_exchange.usr", _exchange()


def _consumption() -> Iterator[tuple[str, bytes]]:
    rows = days("2026-10-24", 3)
    rows[52:52] = [("2026-10-25 01:00", "3500.0"), ("2026-10-25 01:30", "11.5")]
    rows[50] = ("2026-10-25 01:00", "3400.0")
    yield "Q9001.csv", half_hours(rows)
    # The correction changes an afternoon, and completes another day.
    corrected = [(time, "12.25") for time, _ in days("2026-10-24", 1)[30:36]]
    yield "Q9001.csv", half_hours([*corrected, *days("2026-11-02", 1, "7.0")])
    # Gaps: some half hours, some days, most of a month.
    gaps = [*days("2026-01-30", 1)[:-3], *days("2026-02-01", 2, "90.0")[5:], *days("2026-04-30", 2, "33.0")]
    yield "Q9002.csv", half_hours(gaps)
    yield "Q9003.csv", half_hours(days("2026-02-01", 1, "45.0"))


def values(number: int, start: int = 0) -> str:
    """Return values of intervals, comma-separated; another start gives others."""
    return ",".join(f"{(place * 37 + start) % 101}.{place % 10}" for place in range(number))


def _many(first: str, number: int, *, quality: str = "A", start: int = 0, count: int = 48) -> list[str]:
    begin = date.fromisoformat(first)
    return [
        mdff.day(f"{begin + timedelta(place):%Y%m%d}", values=values(count, start + place), quality=quality)
        for place in range(number)
    ]


def _nem12() -> Iterator[bytes]:
    noon = "20260228"
    # A meter is exchanged at noon; the values of the other half of the day are no readings.
    old = mdff.channel(
        *_many("2026-02-25", 3), mdff.day(noon, values=values(48), quality="V"), *MORNING, nmi="8899020001"
    )
    new = mdff.channel(
        *(mdff.day(noon, values=values(48, 5), quality="V"), *AFTERNOON, *_many("2026-03-01", 3)),
        nmi="8899020001",
        serial_number="SN0099999",
    )
    yield mdff.nem12(old, new)
    # The channel changes at noon, from E1 to E2.
    first = mdff.channel(mdff.day(noon, values=values(48), quality="V"), *MORNING, nmi="8899020002")
    other = mdff.channel(
        *(mdff.day(noon, values=values(48, 9), quality="V"), *AFTERNOON), nmi="8899020002", suffix="E2", stream="N2"
    )
    yield mdff.nem12(first, other)
    yield mdff.nem12(_channel_of_qualities("8899020003"))
    # A correction in a later file, and an older statement in a still later one.
    yield mdff.nem12(mdff.channel(*_many("2026-03-01", 2), nmi="8899020004"))
    corrected = mdff.day("20260302", values=values(48, 50), updated="20260310000000")
    yield mdff.nem12(mdff.channel(corrected, nmi="8899020004"), created="202603100000")
    older = mdff.day("20260302", values=values(48, 70), updated="20260302120000")
    yield mdff.nem12(mdff.channel(older, nmi="8899020004"), created="202603020000")
    # Two channels of consumption in intervals of other lengths and in other units, with generation beside them.
    second: Any = {"suffix": "E2", "stream": "N2"}
    quarters = _many("2026-03-01", 3, count=96, start=3)
    yield mdff.nem12(
        mdff.channel(*_many("2026-03-01", 2), nmi="8899020005"),
        mdff.channel(*quarters, nmi="8899020005", unit="Wh", length=15, **second),
        mdff.channel(*_many("2026-03-01", 3, start=4), nmi="8899020005", suffix="B1", stream="N1"),
    )
    # Two channels of other qualities, five minutes, and a gap of days.
    actual = [*_many("2026-01-31", 2, count=288), *_many("2026-02-07", 1, count=288)]
    estimated = _many("2026-01-31", 2, quality="E52", count=288)
    yield mdff.nem12(
        mdff.channel(*actual, nmi="8899020006", length=5),
        mdff.channel(*estimated, nmi="8899020006", length=5, **second),
    )


def _channel_of_qualities(nmi: str) -> list[str]:
    events = ("400,1,10,A,,", "400,11,20,E52,,", "400,21,30,S14,76,", "400,31,40,F14,76,", "400,41,48,N,,")
    return mdff.channel(
        *_many("2026-01-30", 3),
        mdff.day("20260202", values=values(48, 1), quality="V"),
        *events,
        *(mdff.day("20260203", values=values(48, 2), quality="S14", reason="76"),),
        *_many("2026-02-05", 2, quality="E52"),
        nmi=nmi,
    )


def _nem13() -> Iterator[bytes]:
    nmi = "8899020007"
    yield mdff.nem13(
        mdff.accumulation("001000", "001081.5", "81.5", nmi=nmi, current_quality="E64,,", current_at="20260301000000")
    )
    actual = mdff.accumulation(
        "001000", "001052", "52.0", nmi=nmi, current_at="20260303104500", updated="20260304000000"
    )
    yield mdff.nem13(actual, created="202603041230")
    # A meter is exchanged: 300 with the first, 280 with the second.
    yield mdff.nem13(
        mdff.accumulation("001000", "001300", "300", nmi="8899020008", current_at="20260201100000"),
        mdff.accumulation(
            *("000000", "000280", "280"),
            nmi="8899020008",
            serial_number="SN0099999",
            previous_at="20260201100000",
        ),
    )


def _exchange() -> bytes:
    def of(meter: str, kind: str, *readings: str) -> Sequence[str]:
        return dtc.block(*readings, mpan=EXCHANGED, meter=meter, kind=kind)

    return dtc.flow(
        [
            *of("K1", "R", dtc.reading("1000.0", at="20260101000000")),
            *of("K1", "F", dtc.reading("1300.0", at="20260301100000")),
            *of("K2", "I", dtc.reading("0.0", at="20260301100000")),
            *of("K2", "R", dtc.reading("280.0", at="20260501000000")),
        ],
        created="20260502061500",
    )
