"""Files as a supplier's gateway folder holds them: all flows, most of them not read here, some cut or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.making.dtc import OTHER_FLOWS, flow, mpan, other_flow, pool_file, reading_of

#: Kinds of files: what becomes of each once it has waited long enough.
IMPORTED: Final = "imported"
OTHER: Final = "other-flow"
#: A D0010 without its end; a D0010 with a fault; a flow that is not read here, without its end.
CUT: Final = "cut"
DAMAGED: Final = "damaged"
CUT_OTHER: Final = "cut-other-flow"

#: Kinds of twenty files in a row.
_ROW: Final = (
    *(IMPORTED, OTHER, OTHER, IMPORTED, OTHER, OTHER, IMPORTED, OTHER, DAMAGED, OTHER),
    *(IMPORTED, OTHER, OTHER, IMPORTED, OTHER, CUT, OTHER, IMPORTED, OTHER, CUT_OTHER),
)
_SENDERS: Final = ("D|ZZDC", "M|ZZMO", "X|ZZOS")


def mixed_files(number: int) -> Iterator[tuple[str, bytes, str]]:
    """Yield name, content and kind of files, all different."""
    flows = list(OTHER_FLOWS)
    others = 0
    for place in range(number):
        kind = _ROW[place % len(_ROW)]
        identifier = f"MIX{place:07}"
        if kind in (IMPORTED, CUT, DAMAGED):
            name, content = f"D0010_{identifier}.usr", _readings(place, identifier)
        else:
            name, content = _other(flows[others % len(flows)], others, identifier)
            others += 1
        if kind in (CUT, CUT_OTHER):
            content = content[: content.rindex(b"ZPT")]
        elif kind == DAMAGED:
            content = content.replace(b"|V|", b"|Q|")
        yield name, content, kind


def _readings(place: int, identifier: str) -> bytes:
    groups = [line for each in range(3) for line in reading_of(3 * place + each, value=f"{100 + place}.0")]
    return flow(*groups, identifier=identifier)


def _other(name: str, number: int, identifier: str) -> tuple[str, bytes]:
    sender = _SENDERS[number // len(OTHER_FLOWS) % len(_SENDERS)]
    if number % 20 == 19:
        second = f"{number % 60:02}"
        return f"P0135_{identifier}.usr", pool_file(sender=sender, created=f"202603{1 + number % 28:02}0615{second}")
    return f"{name[:5]}_{identifier}.usr", other_flow(name, mpan=mpan(number), identifier=identifier, sender=sender)
