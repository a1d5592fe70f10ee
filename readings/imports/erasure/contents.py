"""Rewriting of the files of one content. After each step the process may be killed: the next run does it again.

The rewritten files are written beside the originals, then the database takes them over in one transaction, then the
originals are removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast

from django.db import transaction
from django.db.models import Q, QuerySet

from readings.formats.content import survey
from readings.formats.text import as_bytes, printable
from readings.imports.arrivals import rename
from readings.imports.disk import copy, open_regular, sync_folder
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.rewriting import ZIP, Rewritten, rewrite
from readings.imports.erasure.sanitizing import write_sanitized
from readings.imports.erasure.setting_aside import NOT_STATED
from readings.imports.loading.locks import import_lock
from readings.imports.places import place_of
from readings.models import LEFT, Arrival, FlowFile, Problem, Trail
from readings.models.erasures import await_rewriting, digest_of_subject

#: End of the name of a file that is put away.
_ENDING: Final = re.compile(rb"\.[0-9a-f]{12}(?:\.([0-9]+))?$")
_ENDING_OR_REPORT: Final = re.compile(
    rb"\.(?P<start>[0-9a-f]{12})(?:\.(?P<number>[0-9]+))?(?P<report>(?:\.report(?:\.[0-9]+)?\.(?:json|txt))?)$"
)
#: Resting place of a file that is not ours, if its path states an erased identifier.
_ELSEWHERE: Final = f"{LEFT}elsewhere, under the name of an erased meter point)"


@dataclass(slots=True, kw_only=True)
class ContentFiles:
    """The files of one content below our folders, and their new places."""

    flow_file: FlowFile
    roots: Sequence[Path]
    erased: Erased
    arrivals: list[Arrival]
    #: New place of each file, by the old one.
    places: dict[bytes, bytes] = field(default_factory=dict)
    #: Content with its members, also as it was if an original arrived again.
    contents: list[Rewritten] = field(default_factory=list)

    @property
    def own(self) -> list[bytes]:
        """Return the places of the files that are put away below our folders and are still there."""
        places = (as_bytes(each.resting_place) for each in self.arrivals if each.settled_at)
        return [place for place in dict.fromkeys(places) if is_below(place, self.roots) and os.path.lexists(place)]

    def rewrite(self, at: datetime) -> bool:
        """Rewrite the files and their rows; return whether no file is left to be rewritten later.

        Raise BeingImported if an importer has the content in hand.
        """
        hashes = {each.old_sha256 for each in self.flow_file.rewritings.all()}
        with ExitStack() as stack:
            for sha256 in sorted({self.flow_file.sha256} | hashes):
                stack.enter_context(import_lock(sha256))
            own = self.own
            new = self._write(own, hashes) if own else None
            self._store(new)
            self._remove_originals()
            return self._settle(at)

    def _write(self, own: list[bytes], hashes: set[str]) -> Rewritten | None:
        """Write the rewritten content to the new place of each file."""
        source = _canonical(own, self.flow_file.sha256, hashes)
        if source is None:
            return None
        name = next(each.name for each in self.arrivals if as_bytes(each.resting_place) == source)
        with open(open_regular(source), "rb") as stream, TemporaryFile() as file:
            new = rewrite(stream, name, self.erased, file.write, self.flow_file)
            self.contents += [*new.with_members(), *self._originals(own, name, {source: new})]
            for place in own:
                self.places[place] = self._new_place(place, new.sha256)
                if place != self.places[place] or _hash_of(place) != new.sha256:
                    copy(cast(BinaryIO, file), self.places[place], like=os.lstat(place))
                    write_sanitized(place, self.places[place], self.erased, self.contents, new.sha256)
                    sync_folder(os.path.dirname(place))
        return new

    def _originals(self, own: list[bytes], name: str, known: dict[bytes, Rewritten]) -> Iterator[Rewritten]:
        """Yield another original, with its members: of its lines, problems were stored again."""
        hashes = {sha256 for each in known.values() for sha256 in (each.old_sha256, each.sha256)}
        place = next((place for place in own if place not in known and _hash_of(place) not in hashes), None)
        if place:
            with open(open_regular(place), "rb") as stream:
                yield from rewrite(stream, name, self.erased, lambda piece: None, self.flow_file).with_members()

    def _new_place(self, place: bytes, sha256: str) -> bytes:
        match = _ENDING.search(place)
        if match is None:
            return place
        for number in count(int(match[1] or 1)):
            new = self._place_with(place, sha256, number)
            is_free = not os.path.lexists(new) or _hash_of(new) == sha256
            if new == place or (is_free and new not in self.places.values()):
                return new
        raise AssertionError("numbers do not end")

    def _place_with(self, place: bytes, sha256: str, number: int) -> bytes:
        """Return a place with another hash and number, and without the name of an erased meter point."""
        folder, old = os.path.split(place)
        name = as_bytes(self.erased.without_names(printable(_ENDING.sub(b"", old))))
        return os.path.join(folder, os.path.basename(place_of(date.min, name, sha256, number)))

    def _store(self, new: Rewritten | None) -> None:
        """Let the rows of the content and of its members take over what was rewritten."""
        with transaction.atomic(durable=True):
            for each in new.with_members() if new else ():
                if each.flow_file and (each.is_changed or each.old_sha256 != each.sha256):
                    self._take_over(each)
            for each in self.contents:
                self._forget_lines(each)
            self._rename_members()
            for arrival in self._with_members():
                self._rename(arrival)

    def _take_over(self, new: Rewritten) -> None:
        assert new.flow_file
        # The present one is another one than that of an original that arrived again.
        for old_sha256 in {new.old_sha256, new.flow_file.sha256} - {new.sha256}:
            await_rewriting(new.flow_file, old_sha256, new.old_subject)
        row = FlowFile.objects.filter(pk=new.flow_file.pk)
        row.update(sha256=new.sha256, size=new.size)

    def _forget_lines(self, content: Rewritten) -> None:
        for first, last in content.lines if content.flow_file else ():
            problems = Problem.objects.filter(flow_file=content.flow_file, line__range=(first, last))
            problems.exclude(code="erased-meter-point").update(value="", message=NOT_STATED, scheme="", identifier="")

    def _rename_members(self) -> None:
        """Store the new names of members in the problems of a zip."""
        for problem in Problem.objects.filter(flow_file=self.flow_file, flow_file__format=ZIP):
            problem.value = self.erased.without_names(problem.value)
            problem.save(update_fields=["value"])

    def _with_members(self) -> Iterator[Arrival]:
        yield from self.arrivals
        yield from Arrival.objects.filter(container__in=[each.pk for each in self.arrivals])

    def _rename(self, arrival: Arrival) -> None:
        """Store the new name and place of a file, and the subject of its content."""
        place = as_bytes(arrival.resting_place)
        name, rest = self.erased.without_names(arrival.name), arrival.resting_place
        if place in self.places:
            rest = printable(self.places[place])
        elif rest.startswith(LEFT):
            rest = LEFT + self.erased.without_names(rest.removeprefix(LEFT).removesuffix(")")) + ")"
        elif rest and arrival.settled_at and rest != self.erased.without_names(rest):
            rest = _ELSEWHERE
        if (name, rest) != (arrival.name, arrival.resting_place):
            Arrival.objects.filter(pk=arrival.pk).update(resting_place=rest)
            rename(arrival, name)
            QuerySet(Trail).filter(subject=arrival.name).update(subject=name)
        rename_subject(FlowFile.objects.filter(pk=arrival.flow_file_id), self.erased)

    def _remove_originals(self) -> None:
        """Remove the files, and their reports, whose rewritten form has an arrival in their place."""
        row = FlowFile.objects.get(pk=self.flow_file.pk)
        hashes = {row.sha256, self.flow_file.sha256, *row.rewritings.values_list("old_sha256", flat=True)}
        kept = {as_bytes(place) for place in row.arrivals.values_list("resting_place", flat=True)}
        starts = {sha256[:12].encode() for sha256 in hashes}
        for folder in {os.path.dirname(place) for place in (*self.places, *self.places.values())}:
            for name in os.listdir(folder):
                match = _ENDING_OR_REPORT.search(name)
                if match is None or match["start"] not in starts:
                    continue
                path, base = os.path.join(folder, name), os.path.join(folder, name[: match.start("report")])
                if base in kept:
                    continue
                new = self.places.get(base) or self._place_with(base, row.sha256, int(match["number"] or 1))
                if new in kept and (path != base or _hash_of(base) in hashes):
                    os.unlink(path)
            sync_folder(folder)

    def _settle(self, at: datetime) -> bool:
        """Mark the content as rewritten, unless a file is not put away yet; return whether it is."""
        arrivals = Arrival.objects.filter(flow_file=self.flow_file)
        in_unfinished_zip = Q(container=None, resting_place__startswith=f"{LEFT}in ")
        if arrivals.filter(Q(settled_at=None) | Q(container__settled_at=None, container__isnull=False)).exists():
            return False
        if arrivals.filter(in_unfinished_zip).exists():
            return False
        row = FlowFile.objects.get(pk=self.flow_file.pk)
        row.rewritings.filter(at=None).update(at=at)
        if self.own:  # Otherwise the content is elsewhere as it was, and may arrive again.
            row.rewritings.filter(old_sha256=row.sha256, old_subject=digest_of_subject(row.subject)).delete()
        return True


def rename_subject(rows: Iterable[FlowFile], erased: Erased) -> None:
    """Store a digest in place of the subject of contents about an erased consumer; the old one stays findable."""
    for flow_file in rows:
        subject = erased.without_names(f"{flow_file.subject}.csv").removesuffix(".csv") if flow_file.subject else ""
        if subject != flow_file.subject:
            FlowFile.objects.filter(pk=flow_file.pk).update(subject=subject)


def is_below(place: bytes, roots: Iterable[Path]) -> bool:
    """Return whether a path is below one of our folders."""
    return any(place.startswith(os.fsencode(root) + b"/") for root in roots)


def _canonical(places: list[bytes], sha256: str, hashes: set[str]) -> bytes | None:
    """Return the place of a file with the present content, else of one with an earlier content; None without any."""
    found = {_hash_of(place): place for place in places}
    return found.get(sha256) or next((found[each] for each in sorted(hashes) if each in found), None)


def _hash_of(place: bytes) -> str:
    with open(open_regular(place), "rb") as stream:
        return survey(stream).sha256
