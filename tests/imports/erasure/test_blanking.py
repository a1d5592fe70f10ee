"""Blanked contents state the same as their originals, at the same lines, without the erased meter point."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from readings.formats.content import survey
from readings.formats.contract import ERROR, Batch
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.formats.recognition import find_format, recognize
from readings.formats.statements import (
    CONSUMER,
    MPAN,
    NMI,
    TEST_MPAN,
    MeterPointDetails,
    RegisterStatement,
    SiteVisit,
)
from readings.imports.erasure.blanking import Blanking
from readings.imports.erasure.matching import Erased, pseudonym
from readings.imports.loading.parents.keys import keys_of
from readings.models.erasures import digest_of
from tests.making.dtc import MPAN as ONE
from tests.making.dtc import OTHER_MPAN, block, flow, reading
from tests.making.mdff import NMI as ONE_NMI
from tests.making.mdff import OTHER_NMI, channel, day, nem12
from tests.running.parsed import parsed
from tests.running.places import GOOD_SAMPLES


def known(scheme: str, identifier: str) -> Erased:
    return Erased((), identifier, [digest_of(scheme, identifier)])


def only_digests(*points: tuple[str, str]) -> Erased:
    return Erased([digest_of(*point) for point in points])


def blanked(content: bytes, erased: Erased, subject: str = "3000") -> tuple[Blanking, bytes]:
    """Return a pass over a content, and its result."""
    target = BytesIO()
    blanking = Blanking(erased, recognize(survey(BytesIO(content)).start), subject, target.write)
    blanking.run(BytesIO(content))
    blanking.end()
    return blanking, target.getvalue()


def result(content: bytes, erased: Erased, subject: str = "3000") -> bytes:
    return blanked(content, erased, subject)[1]


def statements(whole: Batch, without: tuple[str, str] = ("", "")) -> list[Any]:
    """Return all statements of a content except those about one meter point."""
    return [each for point, _, each in stated(whole) if point != without]


def stated(whole: Batch) -> Iterator[tuple[tuple[str, str], int, Any]]:
    """Yield the statements of a content, each with its meter point and line."""
    about_registers: list[RegisterStatement] = [*whole.readings, *whole.accumulations, *whole.interval_days]
    for each in about_registers:
        yield each.register[:2], each.line, each
    about_meters: list[MeterPointDetails | SiteVisit] = [*whole.meter_points, *whole.site_visits]
    for one in about_meters:
        yield (one.scheme, one.identifier), one.line, one


def points_of(path: Path) -> list[tuple[str, str]]:
    return sorted({key[:2] for key in keys_of(parsed(path.read_bytes()))})


CASES = [(path, *point) for path in GOOD_SAMPLES for point in points_of(path)]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "digest"])
@pytest.mark.parametrize(("path", "scheme", "identifier"), CASES, ids=lambda value: getattr(value, "name", value))
def test_blanked_sample_states_the_same_without_one_meter_point(
    path: Path, scheme: str, identifier: str, is_known: bool
) -> None:
    content = path.read_bytes()
    if scheme == TEST_MPAN:  # Both schemes of an MPAN are erased together.
        erased = only_digests((MPAN, identifier))
    else:
        erased = known(scheme, identifier) if is_known else only_digests((scheme, identifier))
    new = result(content, erased)
    whole, rest = parsed(content), parsed(new)
    assert statements(rest) == statements(whole, (scheme, identifier))
    assert statements(rest) != statements(whole)
    assert [problem for problem in rest.problems if problem.severity == ERROR] == []
    assert new.count(b"\n") == content.count(b"\n")
    assert identifier.encode() not in new or scheme == CONSUMER


def test_content_without_the_meter_point_stays_as_it_is() -> None:
    content = flow(block(reading("1.0")))
    blanking, new = blanked(content, known(MPAN, OTHER_MPAN))
    assert (blanking.is_changed, new) == (False, content)


def test_identifier_in_a_text_about_another_meter_point_becomes_x() -> None:
    content = flow([*block(reading("1.0"), mpan=OTHER_MPAN), f"033|02|see also {ONE} next door|"])
    new = result(content, only_digests((MPAN, ONE)))
    assert f"see also {'X' * 13} next door".encode() in new
    assert new.replace(b"X" * 13, ONE.encode()) == content


def test_line_of_an_unreadable_content_with_the_identifier_is_blank() -> None:
    content = f"name,{ONE},street\nname,{OTHER_MPAN},street\n".encode()
    for erased in (known(MPAN, ONE), only_digests((MPAN, ONE))):
        assert result(content, erased) == f"\nname,{OTHER_MPAN},street\n".encode()


def test_groups_under_an_erased_one_of_an_unsupported_flow_are_blank() -> None:
    lines = [f"100|{ONE}|", "101|JONES|", "102|1 MILL LANE|", f"100|{OTHER_MPAN}|", "101|SMITH|"]
    content = flow(*lines).replace(b"D0010", b"D0132")
    new = result(content, only_digests((MPAN, ONE))).decode().splitlines()
    assert new[1:6] == ["", "", "", f"100|{OTHER_MPAN}|", "101|SMITH|"]


def test_nmi_with_a_check_digit_and_in_small_letters_is_found() -> None:
    content = nem12(channel(day(), nmi=f"vabx210034{nmi_check_digit(OTHER_NMI)}"), channel(day(), nmi=ONE_NMI))
    for erased in (known(NMI, OTHER_NMI), only_digests((NMI, OTHER_NMI))):
        assert b"vabx" not in result(content, erased)


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "digest"])
def test_block_with_a_mistyped_check_digit_is_blank(is_known: bool) -> None:
    wrong = ONE[:-1] + str((int(ONE[-1]) + 1) % 10)
    content = flow(block(reading("1.0"), mpan=wrong), block(reading("2.0"), mpan=OTHER_MPAN))
    erased = known(MPAN, ONE) if is_known else only_digests((MPAN, ONE))
    assert result(content, erased).count(b"|") == flow(block(reading("2.0"), mpan=OTHER_MPAN)).count(b"|")
    assert erased.without_words(f"found {wrong}, the check digit is {ONE[-1]}").startswith(f"found {'X' * 13},")
    wrong = f"{ONE_NMI}{(int(nmi_check_digit(ONE_NMI)) + 1) % 10}"
    content = nem12(channel(day(), nmi=wrong), channel(day(), nmi=OTHER_NMI))
    erased = known(NMI, ONE_NMI) if is_known else only_digests((NMI, ONE_NMI))
    assert result(content, erased).count(b"\n300,") == 1
    assert ONE_NMI not in erased.without_words(f"found {wrong}")


def test_block_with_a_blank_in_its_group_code_is_blank() -> None:
    content = flow(block(reading("1.0")), block(reading("2.0"), mpan=OTHER_MPAN)).replace(b"026|", b"026 |", 1)
    assert b"|1.0|" not in result(content, only_digests((MPAN, ONE)))


def test_wide_text_loses_the_identifier() -> None:
    content = f"name,{ONE},street\n".encode("utf-16")
    assert ONE.encode("utf-16-le") not in result(content, known(MPAN, ONE))


def test_long_blank_start_of_a_file_without_header_does_not_hide_its_format() -> None:
    days = [day(f"2026{month:02}{number:02}") for month in range(1, 13) for number in range(1, 29)]
    lines = [*channel(*days * 10, nmi=ONE_NMI), *channel(day(), nmi=OTHER_NMI)]
    content = "".join(f"{line}\r\n" for line in lines).encode()
    new = result(content, known(NMI, ONE_NMI))
    assert survey(BytesIO(new)).start.startswith(b"200,VABX")
    assert len(parsed(new).interval_days) == 1


def test_names_lose_the_identifier() -> None:
    erased = only_digests((MPAN, ONE), (CONSUMER, "3000"))
    label = pseudonym(digest_of(MPAN, ONE))
    assert erased.without_names(f"readings_{ONE}_2026.uff") == f"readings_{label}_2026.uff"
    assert erased.without_names("all.zip/3000.csv") == f"all.zip/{pseudonym(digest_of(CONSUMER, '3000'))}.csv"
    assert erased.without_names(f"MPAN{ONE}.uff") == f"MPAN{label}.uff"
    assert erased.without_names(f"{ONE}20260301.uff") == f"{label}20260301.uff"
    assert erased.without_names("/srv/3000/readings-3000.uff") == "/srv/3000/readings-3000.uff"
    label = pseudonym(digest_of(CONSUMER, "3000"))
    assert erased.without_names("intervals.csv area=1 file=3000.csv") == f"intervals.csv area=1 file={label}.csv"


def test_trailer_of_a_d0010_counts_only_what_is_left() -> None:
    content = flow(block(reading("1.0")), block(reading("2.0"), mpan=OTHER_MPAN))
    assert content.splitlines()[-1].split(b"|")[2:5] == [b"6", b"", b"2"]
    assert result(content, known(MPAN, ONE)).splitlines()[-1].split(b"|")[2:5] == [b"3", b"", b"1"]


def test_every_format_names_the_scheme_of_its_meter_points() -> None:
    for name, scheme in (("D0010", MPAN), ("NEM12", NMI), ("NEM13", NMI), ("USER_DATA", CONSUMER)):
        parser = find_format(name)
        assert parser
        assert scheme == parser.SCHEME
