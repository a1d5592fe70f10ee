"""Headers of user files of any flow and physical form, read as far as they can be read, without judging them.

ZHV     Delimited: the 11 fields of `envelope.HEADER`.
ZHF     Fixed length: the same items without pipes, padded with blanks.
ZHD     Pool transfer: flow, role and participant of the sender and of the recipient, time of creation.
XML     The form of a gateway: the root element has the name of the flow; its other elements are not read.

Sources: Data Transfer Catalogue 15.4 for the items; files of suppliers' programs for the order in a ZHD. No document
of the fixed-length form was at hand: the items are taken to be in the order and of the lengths of the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import tzinfo
from itertools import accumulate, pairwise
from typing import Final

from readings.formats.dtc.catalogue.clock import british_moment
from readings.formats.dtc.catalogue.codes import LIVE
from readings.formats.dtc.envelope import first_line
from readings.formats.statements import Header

_FLOW: Final = re.compile(r"(?P<flow>[A-Z][0-9]{4})(?P<version>[0-9]{3})?")
#: Root element of a flow as XML, after a byte order mark and a declaration.
_ROOT: Final = re.compile(
    r"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?"
    r"<(?:[\w.-]+:)?(?P<flow>[A-Z][0-9]{4})(?P<version>[0-9]{3})?(?P<attributes>[\s/][^>]*)?>"
)
_VERSION: Final = re.compile(r"""(?i)\bversion\s*=\s*["']([0-9]{3})["']""")
#: Patterns of the other items: what does not fit is left out.
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9]{1,10}")
_ROLE: Final = re.compile(r"[A-Za-z0-9]{1,2}")
_PARTICIPANT: Final = re.compile(r"[A-Za-z0-9]{1,4}")
_TEST_FLAG: Final = re.compile(r"[A-Za-z0-9]{1,4}")
#: Lengths of the items of a ZHF, in the order of a ZHV.
_LENGTHS: Final = (10, 8, 1, 4, 1, 4, 14, 5, 5, 1, 4)
_ITEMS: Final = len(_LENGTHS)


def header_in(start: bytes, nem_time: tzinfo) -> Header | None:
    """Return what can be read of the header of a user file in its first bytes; None if it names no flow."""
    if root := _ROOT.match(start.decode("latin-1")):
        version = root["version"] or "".join(_VERSION.findall(root["attributes"])[:1])
        return Header(flow=root["flow"], version=version)
    line, line_end, _ = first_line(start)
    split = _FORMS.get(line[:3])
    if split is None:
        return None
    if "|" in line and not line_end:
        line = line.rpartition("|")[0] + "|"  # The last item may be cut.
    items = [item.strip(" \r") for item in split(line)] + [""] * _ITEMS
    flow = _FLOW.fullmatch(items[1])
    if not flow:
        return None
    moment = british_moment(items[6])[0]
    test_flag = _fitting(_TEST_FLAG, items[10])
    return Header(
        flow=flow["flow"],
        version=flow["version"] or "",
        file_identifier=_fitting(_IDENTIFIER, items[0]),
        sender_role=_fitting(_ROLE, items[2]),
        sender=_fitting(_PARTICIPANT, items[3]),
        recipient_role=_fitting(_ROLE, items[4]),
        recipient=_fitting(_PARTICIPANT, items[5]),
        created_at=moment and moment[0],
        test_flag=test_flag,
        is_test=test_flag not in ("", LIVE),
    )


def is_xml(start: bytes) -> bool:
    """Return whether the first bytes are those of a flow as XML."""
    return _ROOT.match(start.decode("latin-1")) is not None


def _fitting(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _delimited(line: str) -> list[str]:
    return line.split("|")[1:]


def _fixed(line: str) -> list[str]:
    places = accumulate(_LENGTHS, initial=3)
    return [line[first:last] for first, last in pairwise(places)]


def _pool(line: str) -> list[str]:
    """Return the items in the order of a ZHV; a ZHD has no identifier before them."""
    texts = _delimited(line)
    return ["", *texts] if texts and _FLOW.fullmatch(texts[0].strip(" \r")) else texts


_FORMS: Final[dict[str, Callable[[str], list[str]]]] = {"ZHV": _delimited, "ZHF": _fixed, "ZHD": _pool}
