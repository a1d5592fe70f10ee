"""A data subject's request: everything about one meter point is erased, then searched for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast

from readings.formats.dtc.catalogue.mpan import mpan_core
from readings.formats.mdff.catalogue.nmi import nmi
from readings.formats.statements import CONSUMER, MPAN, NMI, TEST_MPAN
from readings.formats.text import as_bytes, printable
from readings.imports.disk import copy, open_regular, sync_folder
from readings.imports.erasure.contents import is_below
from readings.imports.erasure.finishing import alone, finish_alone
from readings.imports.erasure.matching import LONG, Erased
from readings.imports.erasure.rewriting import Unreadable, rewrite
from readings.imports.erasure.rows import contents_about, erase_rows, erase_words, numbers_of_rows
from readings.imports.erasure.sanitizing import JSON, TEXT, reports_of, write_sanitized
from readings.imports.erasure.searching import PUT_AWAY, REPORT, Search
from readings.imports.summing.update import bring_up_to_date
from readings.models import LEFT, Arrival, ErasedMeterPoint, MeterPoint
from readings.models.erasures import digest_of

#: Number of places that are looked up at once.
_AT_ONCE: Final = 5_000
#: Choice of all schemes, and schemes that are erased together: test data of an MPAN has a scheme of its own.
ALL: Final = "ALL"
TOGETHER: Final = {MPAN: (MPAN, TEST_MPAN), NMI: (NMI,), CONSUMER: (CONSUMER,)}


class Ambiguous(Exception):
    """Several meter points of different schemes have the identifier."""


@dataclass(slots=True, kw_only=True)
class Request:
    """A request to erase one meter point. `roots` are the archive and the rejected folder."""

    identifier: str
    #: Schemes that are erased together.
    schemes: tuple[str, ...]
    #: Whether no other meter point has the identifier, so that it is erased wherever it occurs.
    is_alone: bool
    roots: Sequence[Path]
    inbox: Path
    #: Numbers of rows by the name of their model, and paths of the files with the identifier.
    rows: dict[str, int] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)
    #: Files that were imported in place, and stay as they are.
    elsewhere: list[str] = field(default_factory=list)
    #: Files in the inbox with the identifier.
    waiting: list[bytes] = field(default_factory=list)

    @property
    def _digests(self) -> list[str]:
        return [digest_of(scheme, self.identifier) for scheme in self.schemes]

    @property
    def erased(self) -> Erased:
        """Return the meter point alone, as a set of erased ones."""
        return Erased((), self.identifier, self._digests, is_word=self.is_alone)

    @property
    def all_erased(self) -> Erased:
        """Return the meter point with all that were erased before: their files may await their rewriting, too."""
        stored = ErasedMeterPoint.objects.values_list("digest", flat=True)
        return Erased(stored, self.identifier, self._digests, is_word=self.is_alone)

    @property
    def is_erased(self) -> bool:
        """Return whether the meter point was erased before."""
        return ErasedMeterPoint.objects.filter(digest__in=self._digests).exists()

    @property
    def is_found(self) -> bool:
        """Return whether anything is known about the meter point."""
        return bool(self.rows or self.files or self.elsewhere)

    def plan(self) -> None:
        """Find what would be erased."""
        points = MeterPoint.objects.filter(identifier=self.identifier, scheme__in=self.schemes)
        self.rows = numbers_of_rows(points)
        self.files = list(Search(self.erased, self.schemes).files_below(self.roots))
        self.waiting = list(Search(self.erased, self.schemes).files_below([self.inbox]))
        places = Arrival.objects.filter(flow_file__in=contents_about(self.erased, self.schemes)).order_by("pk")
        self.elsewhere = [
            place
            for place in places.values_list("resting_place", flat=True)
            if place and not place.startswith(LEFT) and not is_below(as_bytes(place), self.roots)
        ]

    def erase(self, by_whom: str, at: datetime) -> Iterator[str]:
        """Erase the meter point; yield a message about each content that has to wait."""
        erase_rows(self.erased, self.schemes, self._contents(), by_whom=by_whom, at=at)
        bring_up_to_date()  # Sums of small groups would still show the consumption of the meter point.
        with alone(self.roots):
            yield from finish_alone(self.roots, at, self.all_erased)
            for path in Search(self.erased, self.schemes).among(self.files):
                with suppress(FileNotFoundError):
                    self._rewrite_stray(path)
        erase_words(self.erased)

    def _contents(self) -> Iterator[int]:
        """Yield the primary keys of the contents of the files."""
        places = iter(map(printable, self.files))
        while some := list(islice(places, _AT_ONCE)):
            yield from Arrival.objects.filter(resting_place__in=some).values_list("flow_file", flat=True)

    def _rewrite_stray(self, path: bytes) -> None:
        """Rewrite a file that belongs to no arrival, or a report of an earlier rejection."""
        folder, name = os.path.split(path)
        if name.startswith(b".") and name.endswith(b".tmp"):
            os.unlink(path)  # A killed process left it behind.
        elif REPORT.search(name):
            self._rewrite_report(path)
        elif not Arrival.objects.filter(resting_place=printable(path)).exists():
            with suppress(Unreadable), open(open_regular(path), "rb") as stream, TemporaryFile() as file:
                rewrite(stream, printable(PUT_AWAY.sub(b"", name)), self.erased, file.write)
                self._replace(path, file)
        sync_folder(folder)

    def _rewrite_report(self, path: bytes) -> None:
        base = REPORT.sub(b"", path)
        new = os.path.join(os.path.dirname(base), self._renamed(os.path.basename(base)))
        write_sanitized(base, new, self.erased)
        if new != base:
            for ending in reports_of(base):
                for form in (JSON, TEXT):
                    with suppress(FileNotFoundError):
                        os.unlink(base + ending + form)

    def _replace(self, path: bytes, file: object) -> None:
        folder, name = os.path.split(path)
        new = os.path.join(folder, self._renamed(name))
        copy(cast(BinaryIO, file), new, like=os.lstat(path))
        if new != path:
            os.unlink(path)

    def _renamed(self, name: bytes) -> bytes:
        return as_bytes(self.erased.without_names(printable(name)))

    def remainders(self) -> tuple[Search, list[str]]:
        """Search everything again; return the search and where the identifier is still found."""
        search = Search(self.erased, self.schemes)
        found = [printable(path) for path in search.files_below(self.roots)]
        return search, [*found, *search.tables(), *search.database_bytes()]


def request_for(identifier: str, scheme: str, roots: Sequence[Path], inbox: Path) -> Request:
    """Return the request to erase a meter point; raise Ambiguous if several schemes have the identifier.

    `scheme` is one of the schemes, ALL, or empty: then the stored meter points decide, else the form.
    """
    name = nmi(identifier)[0]
    forms = {MPAN: mpan_core(identifier)[0], NMI: name, CONSUMER: identifier}
    stored = [
        each
        for each, form in forms.items()
        if MeterPoint.objects.filter(identifier=form or identifier, scheme__in=TOGETHER[each]).exists()
    ]
    if len(stored) > 1 and not scheme:
        raise Ambiguous(" and ".join(stored))
    by_form = MPAN if forms[MPAN] else NMI if len(name) == LONG else CONSUMER
    chosen = [scheme] if scheme in TOGETHER else stored or [by_form]
    return Request(
        identifier=forms[chosen[0]] or identifier,
        schemes=tuple(each for one in chosen for each in TOGETHER[one]),
        is_alone=set(stored) <= set(chosen),
        roots=roots,
        inbox=inbox,
    )
