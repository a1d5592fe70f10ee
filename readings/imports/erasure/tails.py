"""Blank ends of rewritten contents.

Of two statements with the same time, the law prefers that of the greater SHA-256. A blank end is chosen so that the
hash of the rewritten content stays between the same two neighbors: the erasure of one meter point must not change
what counts for another one. It also keeps two contents apart that differ only in what was erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, count, islice
from typing import Final

from readings.imports.erasure.blanking import Blanking
from readings.models import FlowFile, Status

#: Number of ends that are tried to repeat an earlier rewriting.
_TRIED_AGAIN: Final = 1 << 22
#: The same of a cut content, whose ends grow with each try.
_CUT_TRIED_AGAIN: Final = 1 << 10


def end_with(blanking: Blanking, flow_file: FlowFile | None, sha256: str) -> None:
    """Write the end of a blanked content, with the blanks that its hash needs; `sha256` is that of the original.

    The end of an earlier rewriting is left out first: two erasures in turn and both at once give the same content.
    """
    is_original = flow_file is not None and sha256 != flow_file.sha256
    if flow_file is None or not (blanking.is_changed or is_original):
        blanking.end()
        return
    is_cut = blanking.is_cut and flow_file.status != Status.IMPORTED
    blanking.end_once(is_cut=is_cut)
    most = _CUT_TRIED_AGAIN if is_cut else _TRIED_AGAIN
    end = _first(blanking, is_cut, flow_file.sha256.__eq__, most) if is_original else None
    if end is None:
        end = _first(blanking, is_cut, _accepts(flow_file))
    assert end is not None
    blanking.put(end)


def _accepts(flow_file: FlowFile) -> Callable[[str], bool]:
    others = FlowFile.objects.exclude(pk=flow_file.pk)
    if flow_file.status != Status.IMPORTED:  # It makes no statements.
        return lambda sha256: not others.filter(sha256=sha256).exists()
    hashes = others.exclude(sha256=flow_file.sha256)
    below = hashes.filter(sha256__lt=flow_file.sha256).order_by("-sha256").values_list("sha256", flat=True).first()
    above = hashes.filter(sha256__gt=flow_file.sha256).order_by("sha256").values_list("sha256", flat=True).first()
    return lambda sha256: (below or "") < sha256 < (above or "g")


def _first(blanking: Blanking, is_cut: bool, accepts: Callable[[str], bool], most: int | None = None) -> bytes | None:
    """Return the first end with an acceptable hash; None if there is none among the first ones."""
    for end in islice(_spaces() if is_cut else _blank_lines(), most):
        hashed = blanking.hash.copy()
        hashed.update(end)
        if accepts(hashed.hexdigest()):
            return end
    return None


def _spaces() -> Iterator[bytes]:
    """Yield ends that leave a cut last line without a line end: a rejected file must stay incomplete."""
    return (b" " * number for number in count())


def _blank_lines() -> Iterator[bytes]:
    """Yield ends of blank lines: the bits of a number after its first one, as spaces and line ends."""
    bits = (bin(number)[3:].encode().translate(_AS_BLANKS) for number in count(1))
    return chain((b"",), (each + b"\n" for each in bits))


_AS_BLANKS: Final = bytes.maketrans(b"01", b" \n")
