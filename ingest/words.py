"""What people read, in their language: one catalogue for digest, pages and command line.

English is the source language; `locale/vi/LC_MESSAGES/earful.po` has the rest.
Strings are written as `words("...")`, `words.many("one", "other", n)`, or, where
they are only named, as `later("...")`: a test finds them all and their translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "vi")
_LOCALE = Path(__file__).with_name("locale")


def later(text: str) -> str:
    """Return `text` as it is; it is put into words where it is used."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """Puts texts, numbers, days and durations into one language, "en" or "vi".

    Raises ValueError for another language.
    """

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"language={self.language!r}: not one of {', '.join(LANGUAGES)}")

    def __call__(self, text: str, **values: object) -> str:
        """Return `text` in this language with its {named} values filled in."""
        own = _catalogue(self.language).get(text, text)
        return own.format(**values) if values else own

    def many(self, one: str, other: str, n: int, **values: object) -> str:
        """Return the form for `n` things; {n} is `n` as this language writes it."""
        known = _catalogue(self.language).get(one)
        own = known if known is not None else one if n == 1 else other
        return own.format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """Return 41,300 or 4.12 in English, 41.300 or 4,12 in Vietnamese."""
        text = f"{value:,.{digits}f}".replace("-", "−")
        return text if self.language == "en" else text.translate({44: ".", 46: ","})

    def percent(self, share: float) -> str:
        """Return a share (0-1) as whole percent."""
        return f"{self.number(round(share * 100))}%"

    def between(self, low: str, high: str) -> str:
        """Return a range of two texts, or the one when they are the same."""
        return low if low == high else f"{low}–{high}"

    def day(self, day: date) -> str:
        """Return 20 Nov or 20/11."""
        return _dated(day, "d MMM" if self.language == "en" else "d/M", self.language)

    def day_of_month(self, day: date) -> str:
        """Return the 16th or ngày 16, where the month is plain from what stands before."""
        if self.language == "vi":
            return f"ngày {day.day}"
        endings = {1: "st", 2: "nd", 3: "rd"} if day.day not in (11, 12, 13) else {}
        return f"the {day.day}{endings.get(day.day % 10, 'th')}"

    def days(self, first: date, last: date) -> str:
        """Return 7–20 Nov or 7–20/11, with both months when they differ."""
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{self.day(last)}"
        return f"{self.day(first)} – {self.day(last)}"

    def weekday(self, day: date) -> str:
        """Return Fri or thứ Sáu."""
        if self.language == "en":
            return _dated(day, "EEE", "en")
        name = _dated(day, "EEEE", "vi")
        return name if name.startswith("Chủ") else name[0].lower() + name[1:]

    def weekday_day(self, day: date) -> str:
        """Return Fri 20 Nov or thứ Sáu 20/11."""
        return f"{self.weekday(day)} {self.day(day)}"

    def dated(self, day: date) -> str:
        """Return Fri 20 Nov 2026 or thứ Sáu 20/11/2026."""
        return self.weekday_day(day) + (f" {day.year}" if self.language == "en" else f"/{day.year}")

    def long_day(self, day: date) -> str:
        """Return Friday 20 November 2026 or thứ Sáu 20/11/2026."""
        if self.language == "en":
            return _dated(day, "EEEE d MMMM y", "en")
        return f"{self.weekday(day)} {_dated(day, 'd/M/y', 'vi')}"

    def duration(self, time: timedelta) -> str:
        """Return 2 h 05 min or 2 giờ 05 phút; whole days from two days on; never negative."""
        minutes = abs(time) // timedelta(minutes=1)
        hours, rest = divmod(minutes, 60)
        if hours >= 48:
            return self.many("{n} day", "{n} days", hours // 24)
        if not hours:
            return self("{n} min", n=rest)
        if not rest:
            return self("{n} h", n=hours)
        return self("{hours} h {minutes} min", hours=hours, minutes=f"{rest:02}")

    def zone(self, name: str, at: datetime) -> str:
        """Return Vietnam time (UTC+7) or giờ Việt Nam (UTC+7) for an IANA zone at a time."""
        offset = at.astimezone(ZoneInfo(name)).utcoffset() or timedelta()
        minutes = offset // timedelta(minutes=1)
        hours, rest = divmod(abs(minutes), 60)
        sign = "−" if minutes < 0 else "+"
        utc = f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
        spoken = _zone_name(name, self.language)
        return f"{spoken} ({utc})" if spoken else utc


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    """Return English text -> text of this language; of plurals the one that says "many"."""
    path = _LOCALE / language / "LC_MESSAGES" / "earful.po"
    if not path.is_file():
        return {}
    from babel.messages.pofile import read_po  # only people who read Vietnamese need it

    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    known = {}
    for message in catalogue:
        if message.id and message.string:
            plural = isinstance(message.id, tuple | list)
            known[message.id[0] if plural else str(message.id)] = (
                message.string[-1] if plural else str(message.string)
            )
    return known


def _dated(day: date, pattern: str, language: str) -> str:
    from babel.dates import format_date  # 30 ms that only those who print days pay

    return format_date(day, pattern, locale=language)


@cache
def _zone_name(name: str, language: str) -> str:
    from babel.dates import get_timezone_name

    spoken = get_timezone_name(name, locale=language)
    if name.upper() in {"UTC", "ETC/UTC"}:
        return ""
    if language == "vi":
        return spoken[0].lower() + spoken[1:]
    return spoken.removesuffix(" Time") + " time" if spoken.endswith(" Time") else spoken
