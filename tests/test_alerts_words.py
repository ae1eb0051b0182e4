"""Every text people read has its Vietnamese; numbers, days and durations as people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from ingest.words import LANGUAGES, Words

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("ingest/words.py", "alerts", "inbox", "earful")
KEYWORDS = {"words": None, "self": None, "many": (1, 2), "later": None}
CALL = re.compile(r"words\(\s*\"((?:[^\"\\]|\\.)*)\"")
MANY = re.compile(r"words\.many\(\s*\"([^\"]*)\",\s*\"([^\"]*)\"")
EN, VI = Words("en"), Words("vi")


def named(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def texts() -> dict[str, str]:
    """Return every text of the code and templates, and the plural that goes with it."""
    found: dict[str, str] = {}
    for place in (ROOT / name for name in PLACES):
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
                one, other = message if isinstance(message, tuple) else (message, "")
                found[one] = other
        for path in sorted(place.rglob("templates/*")):
            source = path.read_text(encoding="utf-8")
            found |= dict.fromkeys(CALL.findall(source), "")
            found |= dict(MANY.findall(source))
    return found


def catalogue() -> dict[str, str]:
    path = ROOT / "ingest" / "locale" / "vi" / "LC_MESSAGES" / "earful.po"
    with path.open("rb") as file:
        messages = [m for m in read_po(file, locale="vi") if m.id]
    assert not [m for m in messages if m.fuzzy]
    return {
        m.id[0] if isinstance(m.id, tuple) else str(m.id): (
            m.string[-1] if isinstance(m.string, tuple) else str(m.string)
        )
        for m in messages
    }


def test_every_text_has_its_vietnamese() -> None:
    known = catalogue()
    assert sorted(text for text in texts() if not known.get(text)) == []


def test_no_translation_loses_or_invents_a_value() -> None:
    known = catalogue()
    wrong = [t for t, other in texts().items() if named(known.get(t, t)) - named(t + other)]
    lost = [t for t, other in texts().items() if (named(t) - {"n"}) - named(known.get(t, t))]
    assert (wrong, lost) == ([], [])


def test_the_catalogue_has_no_text_that_nobody_says() -> None:
    assert sorted(set(catalogue()) - set(texts())) == []


@pytest.mark.parametrize(
    ("value", "digits", "en", "vi"),
    [(41300, 0, "41,300", "41.300"), (4.12, 2, "4.12", "4,12"), (-0.86, 2, "−0.86", "−0,86")],
)
def test_numbers_are_written_as_people_write_them(
    value: float, digits: int, en: str, vi: str
) -> None:
    assert (EN.number(value, digits), VI.number(value, digits)) == (en, vi)


@pytest.mark.parametrize(
    ("minutes", "en", "vi"),
    [
        (35, "35 min", "35 phút"),
        (130, "2 h 10 min", "2 giờ 10 phút"),
        (-125, "2 h 05 min", "2 giờ 05 phút"),
        (240, "4 h", "4 giờ"),
        (0, "0 min", "0 phút"),
        (60 * 47, "47 h", "47 giờ"),
        (60 * 48, "2 days", "2 ngày"),
    ],
)
def test_durations_keep_their_minutes(minutes: int, en: str, vi: str) -> None:
    time = timedelta(minutes=minutes)
    assert (EN.duration(time), VI.duration(time)) == (en, vi)


def test_days_and_zones_are_written_as_people_write_them() -> None:
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    assert (EN.weekday_day(friday), VI.weekday_day(friday)) == ("Fri 20 Nov", "thứ Sáu 20/11")
    assert VI.weekday_day(sunday) == "Chủ Nhật 22/11"
    assert EN.long_day(friday) == "Friday 20 November 2026"
    assert VI.long_day(friday) == "thứ Sáu 20/11/2026"
    assert (EN.days(date(2026, 11, 7), friday), VI.days(date(2026, 11, 7), friday)) == (
        "7–20 Nov",
        "7–20/11",
    )
    assert VI.days(date(2026, 10, 31), friday) == "31/10 – 20/11"
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert EN.zone("Asia/Ho_Chi_Minh", at) == "Vietnam time (UTC+7)"
    assert VI.zone("Asia/Ho_Chi_Minh", at) == "giờ Việt Nam (UTC+7)"
    assert EN.zone("America/New_York", at) == "Eastern time (UTC−5)"
    assert EN.zone("Asia/Kathmandu", at) == "Nepal time (UTC+5:45)"
    assert (EN.zone("UTC", at), VI.zone("UTC", at)) == ("UTC", "UTC")


def test_plurals_follow_the_language() -> None:
    one, other = "1 mention needs an answer.", "{n} mentions need an answer."
    assert EN.many(one, other, 1) == "1 mention needs an answer."
    assert EN.many(one, other, 1200) == "1,200 mentions need an answer."
    assert VI.many(one, other, 1) == "1 lượt nhắc cần trả lời."
    assert VI.many(one, other, 1200) == "1.200 lượt nhắc cần trả lời."


def test_an_unknown_language_is_refused() -> None:
    assert LANGUAGES == ("en", "vi")
    with pytest.raises(ValueError, match="'fr'"):
        Words("fr")
