"""The last word of each speaker, and the one that counts between speakers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readings.imports.law.entries import Entry, Speaker


def last_words(entries: Iterable[Entry]) -> list[Entry]:
    """Return the last statement of each speaker about one subject."""
    last: dict[Speaker, Entry] = {}
    for entry in entries:
        before = last.get(entry.speaker)
        if before is None or entry.occasion > before.occasion:
            last[entry.speaker] = entry
    return list(last.values())


def the_one_that_counts(entries: Sequence[Entry]) -> Entry:
    """Return the statement that counts about one subject.

    A statement without a time counts only if none has one. Between speakers, the better standing decides, then the
    later word: an unvalidated copy of another party never replaces a validated reading.
    """
    timed = [entry for entry in entries if entry.occasion.stated_at]
    return max(last_words(timed or entries), key=lambda entry: (entry.standing, entry.occasion))
