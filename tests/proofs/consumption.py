"""Draws sets of consumption files about the same two days of one consumer, and the half hours in them."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final

from tests.proofs.drawn import DrawnFile, DrawnSet
from tests.proofs.model import HalfHour

CONSUMER: Final = "3000"
DAYS: Final = ("2026-10-24", "2026-10-25")
#: Half hours at which parts of a day begin and end; an hour begins at 2 that the clock may show twice.
EDGES: Final = (0, 2, 3, 4, 24, 48)
VALUES: Final = ("8.0", "8", "9.5", "0")


def draw(seed: int) -> DrawnSet:
    """Return the files of one set; the same seed gives the same set."""
    random = Random(seed)
    files = [_draw_file(random) for _ in range(random.randint(2, 6))]
    return DrawnSet(flow="CONSUMPTION", name=f"{CONSUMER}.csv", files=files, cases=_cases(files))


def _draw_file(random: Random) -> DrawnFile:
    days = random.choice((DAYS, DAYS[:1], DAYS[1:], DAYS[1:]))
    lines = ["datetime,consumption"]
    drawn: list[HalfHour] = []
    for day in days:
        begin, end = sorted(random.sample(EDGES, 2)) if random.random() < 0.6 else (0, 48)
        value = random.choice(VALUES)
        places = [*range(begin, end)]
        if begin <= 2 and end >= 4 and random.random() < 0.4:
            places[4 - begin : 4 - begin] = [2, 3]
        is_doubled = random.random() < 0.1 and len(set(places)) > 2
        passes: dict[int, int] = {}
        for place in places:
            again = passes[place] = passes.get(place, -1) + 1
            text = random.choice(VALUES) if random.random() < 0.1 or again else value
            lines.append(f"{day} {place // 2:02}:{place % 2 * 30:02}:00,{text}")
            drawn.append(HalfHour(day, place, again, Decimal(text), len(lines)))
            if is_doubled:
                lines.append(lines[-1])
    is_refused = random.random() < 0.08
    if is_refused:
        lines.append(f"{DAYS[0]} 00:15:00,1.0")
    content = "".join(f"{line}\n" for line in lines).encode()
    return DrawnFile(content=content, half_hours=() if is_refused else tuple(drawn), is_refused=is_refused)


def _cases(files: list[DrawnFile]) -> set[str]:
    found = {"refused file"} if any(file.is_refused for file in files) else set()
    stated = [(file, each) for file in files for each in file.half_hours]
    for day in DAYS:
        of_files = [{each.place: each.value for each in file.half_hours if each.day == day} for file in files]
        of_files = [places for places in of_files if places]
        if any(len(places) < 48 for places in of_files):
            found.add("partial day")
        for number, places in enumerate(of_files):
            for other in of_files[:number]:
                if any(other.get(place, value) != value for place, value in places.items()):
                    found.add("correction")
    if any(each.again for _, each in stated):
        found.add("repeated hour")
    return found | {"no time"}
