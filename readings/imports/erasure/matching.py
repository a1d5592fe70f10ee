"""Erased meter points, recognized by keyed digests: the identifiers themselves are stored nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Final

from readings.formats.dtc.catalogue.mpan import mpan_check_digit, mpan_core
from readings.formats.mdff.catalogue.nmi import nmi
from readings.formats.recognition import FORMATS
from readings.formats.statements import CONSUMER, MPAN, NMI, TEST_MPAN
from readings.models.erasures import digester
from readings.models.plain import rows

#: Length of identifiers that are recognized as words of any text. Shorter ones, which only consumers have, may be
#: values: these are recognized where a format states the consumer, and as the subject of a file name.
LONG: Final = 10
#: Number of recognized words and identifiers in memory, at most.
_REMEMBERED: Final = 200_000
_WORD: Final = re.compile(rf"[0-9A-Za-z_-]{{{LONG},}}")
_PART: Final = re.compile(rf"[0-9A-Za-z]{{{LONG},40}}")
_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{10,}(?![0-9])")
#: Before the name of a file: the folder, or the selection of an export in the trail.
_SEPARATOR: Final = re.compile(r"([/\\]|(?<= file=))")
_SUBJECTS: Final = tuple(each.SUBJECT for each in FORMATS if each.SUBJECT)


class Erased:
    """A set of erased meter points.

    If the identifier of one is known, it is found inside other words too; otherwise only whole words and runs of
    digits are compared. A mistyped check digit changes nothing: the others name the meter point.
    """

    def __init__(
        self, digests: Collection[str], identifier: str = "", own: Collection[str] = (), *, is_word: bool = True
    ) -> None:
        """`identifier` is the known one, and `own` its digests, one for each scheme.

        `is_word`: it is recognized in any text, if it is long enough.
        """
        self._digest = digester()
        self._digests = frozenset(digests) | frozenset(own)
        self.identifier = identifier
        self._own = min(own, default="")
        self._has_others = bool(self._digests - frozenset(own))
        is_word = is_word and len(identifier) >= LONG
        #: Characters that name the meter point: those of an MPAN before its check digit.
        self.stem = identifier[:-1] if _has_check_digit(identifier) and mpan_core(identifier)[0] else identifier
        check_digit = "[0-9]?" if self.stem != identifier else ""
        self._pattern = re.compile(re.escape(self.stem) + check_digit, re.IGNORECASE) if is_word else None
        self._points: dict[tuple[str, str], bool] = {}
        self._words: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._digests)

    def is_more_than(self, other: Erased) -> bool:
        """Return whether a meter point is erased here and not there."""
        return not self._digests <= other._digests

    @property
    def is_word(self) -> bool:
        """Return whether the known identifier is recognized in any text."""
        return self._pattern is not None

    def is_about(self, scheme: str, identifier: str) -> bool:
        """Return whether a meter point was erased."""
        point = scheme, identifier
        if point not in self._points:
            if len(self._points) >= _REMEMBERED:
                self._points.clear()
            identifier = _corrected(identifier) if scheme in (MPAN, TEST_MPAN) else identifier
            self._points[point] = bool(identifier) and self._digest(scheme, identifier) in self._digests
        return self._points[point]

    def may_be_in(self, content: bytes) -> bool:
        """Return whether a piece of a content may state an erased meter point."""
        if self._has_others:
            return True
        content = content.lower()
        return any(needle in content for needle in self.needles)

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Return the bytes of the known stem: in text of one byte a character, and of two (UTF-16)."""
        text = self.stem.lower()
        return text.encode(), "\0".join(text).encode()

    def without_words(self, text: str) -> str:
        """Return a text with X in place of each character of an erased identifier."""
        return self._replaced(text, lambda word, digest: "X" * len(word))

    def without_names(self, path: str) -> str:
        """Return a path or file name with a digest in place of erased identifiers."""
        return "".join(self._renamed(part) for part in _SEPARATOR.split(path))

    def _renamed(self, name: str) -> str:
        for pattern in _SUBJECTS:
            if (match := pattern.fullmatch(name)) and self.is_about(CONSUMER, match["subject"]):
                start, end = match.span("subject")
                name = name[:start] + pseudonym(self._digest(CONSUMER, match["subject"])) + name[end:]
        return self._replaced(name, lambda word, digest: pseudonym(digest))

    def _replaced(self, text: str, by: Callable[[str, str], str]) -> str:
        if self._pattern:
            text = self._pattern.sub(lambda match: by(match[0], self._own), text)
        if not self._has_others:
            return text
        text = _WORD.sub(lambda match: self._replaced_word(match, by), text)
        if "_" in text or "-" in text:
            text = _PART.sub(lambda match: self._replaced_word(match, by), text)
        return _DIGITS.sub(lambda match: self._replaced_digits(match[0], by), text)

    def _replaced_digits(self, digits: str, by: Callable[[str, str], str]) -> str:
        """Return digits without the NMI that they are, or the MPAN core that they contain."""
        places = range(len(digits) - 12) if len(digits) > 11 else range(1)
        for place in places:
            word = digits[place : place + 13]
            if digest := self._digest_of(word):
                return digits[:place] + by(word, digest) + digits[place + len(word) :]
        return digits

    def _replaced_word(self, match: re.Match[str], by: Callable[[str, str], str]) -> str:
        digest = self._digest_of(match[0])
        return by(match[0], digest) if digest else match[0]

    def _digest_of(self, word: str) -> str:
        """Return the digest of an erased meter point that a word names, or an empty text."""
        if word not in self._words:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            self._words[word] = self._digest_of_word(word)
        return self._words[word]

    def _digest_of_word(self, word: str) -> str:
        points = [(CONSUMER, word)]
        if len(word) == 13 and word.isdigit():
            points += [(MPAN, _corrected(word)), (TEST_MPAN, _corrected(word))]
        if len(word) in (10, 11):
            points.append((NMI, nmi(word)[0] or word[:10].upper()))
        digests = (self._digest(*point) for point in points)
        return next((digest for digest in digests if digest in self._digests), "")


def _has_check_digit(text: str) -> bool:
    return len(text) == 13 and text.isascii() and text.isdigit() and not text.startswith("78")


def _corrected(identifier: str) -> str:
    """Return an MPAN core with the right check digit."""
    return identifier[:12] + mpan_check_digit(identifier) if _has_check_digit(identifier) else identifier


def pseudonym(digest: str) -> str:
    """Return the name that takes the place of an erased identifier in file names."""
    return f"erased-{digest[:12]}"


def stored_erasures() -> Erased:
    """Return all meter points that were erased."""
    return Erased(rows.texts("SELECT digest FROM readings_erasedmeterpoint"))
