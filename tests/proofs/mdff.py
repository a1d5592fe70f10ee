"""Draws sets of NEM12 and NEM13 files about the same few days and accumulations, and the statements in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any, Final

from tests.making.mdff import accumulation, channel, day, written
from tests.proofs.drawn import DrawnFile, DrawnSet, cases, with_hash
from tests.proofs.model import Statement

#: Senders; the last files have no 100, and so no speaker.
SENDERS: Final = ("MDPA", "MDPB", "")
TIMES: Final = ("20260301021500", "20260302021500", "20260303021500")
DAYS: Final = ("20260227", "20260228")
#: Serial number and register of a channel; the first three are one meter.
METERS: Final = (("SN1", "1"), ("SN1", "E1"), ("0SN1", "1"), ("SN2", "1"), ("", "E1"))
_HALF: Final = 24
#: Values of each half of a day, as written.
HALVES: Final = (("0", "0.000"), ("1.5", "1.500"), ("2.5",))
#: Quality of the day with its reason, the events below it, and its standing.
QUALITIES: Final[tuple[tuple[str, tuple[str, ...], int], ...]] = (
    ("A,,", (), 2),
    ("A,,", (), 2),
    ("S14,24,", (), 2),
    ("E52,,", (), 1),
    ("N,,", (), 0),
    ("V,,", ("400,1,24,A,,", "400,25,48,E52,,"), 1),
    ("V,,", ("400,1,24,N,,", "400,25,48,A,,"), 0),
)
#: Reads with which accumulations begin, as written, and their ends.
BEGINS: Final = (("001000.0", "20251130093000"), ("1000.0", "20251130093000"), ("001010.0", "20251130093000"))
ENDS: Final = ("20260227101500", "20260228000000", "20260301090000")


def draw_nem12(seed: int) -> DrawnSet:
    """Return the files of one set of NEM12; the same seed gives the same set."""
    random = Random(seed)
    senders = random.choice((["MDPA"], ["MDPA", "MDPB"], ["MDPA", ""], ["", "MDPB", ""], [""]))
    meters = random.choice((METERS[:1], METERS[:3], METERS[2:4], METERS[2:4], METERS[3:]))
    suffixes = random.choice((("E1",), ("E1",), ("E1", "E2"), ("E", "E1"), ("E", "E1", "E2")))
    files = [_draw_days(random, senders, meters, suffixes) for _ in range(random.randint(2, 5))]
    return DrawnSet(flow="NEM12", files=files, cases=cases(files))


def _head(random: Random, version: str, sender: str) -> tuple[list[str], str]:
    """Return the 100, if any, and the time that it states as the stamps do."""
    created = random.choice(TIMES) if sender else ""
    return ([f"100,{version},{created[:12]},{sender},RETB"] if sender else []), created


def _draw_days(
    random: Random, senders: list[str], meters: Sequence[tuple[str, str]], suffixes: Sequence[str]
) -> DrawnFile:
    sender = random.choice(senders)
    lines, created = _head(random, "NEM12", sender)
    drawn = []
    for _ in range(random.choice((1, 1, 2))):
        serial_number, register = random.choice(meters)
        number = DAYS[random.random() < 0.2]
        quality, events, standing = random.choice(QUALITIES) if random.random() < 0.6 else QUALITIES[0]
        stamp = random.choice(TIMES) if random.random() < (0.6 if sender else 0.2) else ""
        halves = [random.choice(random.choice(HALVES)) for _ in range(2)]
        if random.random() < 0.4:  # One meter measures in the morning, the other in the afternoon.
            halves[serial_number != "SN2"] = random.choice(HALVES[0])
        values = [half for half in halves for _ in range(_HALF)]
        method, reason, description = quality.split(",")
        row = day(number, values=",".join(values), quality=method, reason=reason, updated=stamp)
        suffix = random.choice(suffixes)
        first, *others = channel(row, *events, serial_number=serial_number, register=register, suffix=suffix)
        lines += [first, *others]
        null = [method == "N" or events[:1] == ("400,1,24,N,,",), method == "N"]
        amounts = [Decimal(0) if is_null else Decimal(half) for half, is_null in zip(halves, null, strict=True)]
        drawn.append(
            Statement(
                place=(suffix, number),
                kind="",
                value=sum(amounts, Decimal(0)) * _HALF,
                details=(*map(Decimal, halves), method, reason, description, events),
                standing=standing,
                sender=sender,
                role="",
                stated_at=stamp or created,
                arrived=0,
                source=("", len(lines) - len(events)),
                meter=serial_number.lstrip("0"),
                spelling=(serial_number, register),
                measures=() if all(null) else tuple(map(bool, amounts)),
            )
        )
    content = written(*lines, "900")
    return DrawnFile(content=content, days=with_hash(drawn, content))


def draw_nem13(seed: int) -> DrawnSet:
    """Return the files of one set of NEM13; the same seed gives the same set."""
    random = Random(seed)
    senders = random.sample(SENDERS[:2], random.choice((1, 1, 2)))
    files = [_draw_accumulations(random, random.choice(senders)) for _ in range(random.randint(2, 5))]
    return DrawnSet(flow="NEM13", files=files, cases=cases(files))


def _draw_accumulations(random: Random, sender: str) -> DrawnFile:
    lines, _ = _head(random, "NEM13", sender)
    accumulations, readings = [], []
    for _ in range(random.choice((1, 1, 2))):
        (previous, previous_at), current_at = random.choice(BEGINS), random.choice(ENDS)
        quality, standing = random.choice((("A,,", 2), ("S52,24,", 2), ("E64,,", 1), ("E64,,", 1)))
        current, stamp = random.choice(("001050.0", "1050.0", "001081.5")), random.choice(TIMES)
        quantity = random.choice(("50.0", "50", "81.5"))
        lines.append(
            accumulation(
                previous,
                current,
                quantity,
                previous_at=previous_at,
                current_at=current_at,
                current_quality=quality,
                updated=stamp,
            )
        )
        common: dict[str, Any] = {"sender": sender, "role": "", "stated_at": stamp, "source": ("", len(lines))}
        accumulations.append(
            Statement(
                place=(previous_at,),
                kind=current_at,
                value=Decimal(quantity),
                details=(Decimal(previous), Decimal(current), quality),
                standing=standing,
                begins_with=Decimal(previous),
                is_forecast=quality[0] == "E",
                arrived=0,
                **common,
            )
        )
        for value, at, of_end, rank in ((previous, previous_at, "A,,", 2), (current, current_at, quality, standing)):
            method, reason, _ = of_end.split(",")
            details = (method[:1], method[1:], reason)
            readings.append(
                Statement(
                    place=(at,), kind="", value=Decimal(value), details=details, standing=rank, arrived=0, **common
                )
            )
    content = written(*lines, "900")
    return DrawnFile(
        content=content,
        readings=with_hash(readings, content),
        accumulations=with_hash(accumulations, content),
    )
