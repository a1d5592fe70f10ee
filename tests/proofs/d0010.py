"""Draws sets of D0010 files about the same few readings, and the statements in them."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final

from tests.making.dtc import MPAN
from tests.proofs.drawn import DrawnFile, DrawnSet, cases, with_hash
from tests.proofs.model import Statement

#: Sender and role: two data collectors, two suppliers, a meter operator.
SPEAKERS: Final = (("ZZDC", "D"), ("ZZDB", "D"), ("ZZSU", "X"), ("ZZSV", "X"), ("ZZMO", "M"))
#: Meter and register; two of them are spelled alike, and are not the same.
REGISTERS: Final = (("K12B 04567", "S"), ("K12B04567", "S"), ("K12B 04567", "01"), ("K12B 04567", "1"))
INSTANTS: Final = ("20260301000000", "20260331013000")
#: Creation times, few enough to be the same now and then; the zone changes between the last two.
TIMES: Final = ("20260401061500", "20260402061500", "20260403061500", "20260404061500")
#: Spellings of three values.
VALUES: Final = (("731.0", "731", "0731.0"), ("800.0", "00800"), ("99.5",))
KINDS: Final = "RRRRRRCFIW"


def draw(seed: int) -> DrawnSet:
    """Return the files of one set; the same seed gives the same set."""
    random = Random(seed)
    speakers = random.sample(SPEAKERS, random.choice((1, 1, 2, 3)))
    registers = random.sample(REGISTERS, random.choice((1, 1, 1, 2)))
    instants = INSTANTS[: random.choice((1, 1, 2))]
    number = random.randint(2, 6)
    files = [
        _draw_file(random, f"S{seed % 10**6:06}{place:03}", speakers, registers, instants) for place in range(number)
    ]
    return DrawnSet(flow="D0010", files=files, cases=cases(files))


def _draw_file(
    random: Random,
    identifier: str,
    speakers: list[tuple[str, str]],
    registers: list[tuple[str, str]],
    instants: tuple[str, ...],
) -> DrawnFile:
    sender, role = random.choice(speakers)
    created = random.choice(TIMES)
    lines = [f"ZHV|{identifier}|D0010002|{role}|{sender}|X|ZZSU|{created}||||OPER|"]
    drawn = []
    for _ in range(random.choice((1, 1, 2, 3))):
        status = random.choice("VVVVUF")
        meter, register = random.choice(registers)
        kind = random.choice(KINDS)
        lines += [f"026|{MPAN}|{status}|", f"028|{meter}|{kind}|"]
        for _ in range(random.choice((1, 1, 2))):
            at, flag, method = random.choice(instants), random.choice("TTTTT F").strip(), random.choice("NNNNP")
            value = random.choice(random.choice(VALUES))
            lines.append(f"030|{register}|{at}|{value}|||{flag}|{method}|")
            line = len(lines)
            result = random.choice("TF") if flag == "F" and random.random() < 0.6 else ""
            if result:
                lines.append(f"032|03|{result}|")
            drawn.append(
                Statement(
                    place=(meter, register, at),
                    kind=kind,
                    value=Decimal(value),
                    details=(status, flag, method, "03" if result else "", result),
                    standing=_standing(status, flag, result),
                    sender=sender,
                    role=role,
                    stated_at=created,
                    arrived=0,
                    source=("", line),
                )
            )
    is_refused = random.random() < 0.08
    groups, flows = len(lines) - 1, sum(line.startswith("026") for line in lines)
    lines.append(f"ZPT|{identifier}|{groups + is_refused}||{flows}|{created}|")
    content = "".join(f"{line}\n" for line in lines).encode()
    readings = () if is_refused else with_hash(drawn, content)
    return DrawnFile(content=content, readings=readings, is_refused=is_refused)


def _standing(status: str, flag: str, result: str) -> int:
    if status == "F" or result == "F" or (flag == "F" and not result):
        return 0
    return 2 if status == "V" or result == "T" else 1
