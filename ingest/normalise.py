"""`RawItem` (the source's words) to `Mention` (facts): markup, repair, times, stars, keys."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ingest.errors import UnreadableItem
from ingest.fingerprint import derived_key
from ingest.mention import (
    FIVE_STARS,
    Answer,
    FeedbackKind,
    Markup,
    Mention,
    Precision,
    RawItem,
    Scale,
)
from ingest.page import Page, Problem
from ingest.spans import time_ago
from ingest.text import Repaired, clean, plain, repair
from ingest.times import parse_time

__all__ = ["TEXT_CAP", "normalise", "normalise_page"]

TEXT_CAP = 20_000  # characters of one text
_LINE_CAP = 1_000  # characters of a title, name or product
_RAW_CAP = 10 * TEXT_CAP  # characters looked at, markup included
_EARLY_BY = timedelta(days=1)  # wrong clocks and zones; a time beyond it is not believed
_NOBODY = {"[deleted]", "[removed]", "[đã xóa]", "[đã xoá]", "deleted", "null", "none", "nan"}
_WORST_FIRST = ("lossy", "legacy", "mojibake", "")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")


def normalise(raw: RawItem, *, source: str, fetched_at: datetime) -> Mention:
    """Return the Mention for `raw`; `fetched_at` is aware.

    `posted_at` is aware UTC, or None where the time is unreadable or lies in the
    future; `stars` is 1.0-5.0 or None. Raises UnreadableItem if there is neither
    text nor title nor stars nor answers (a feed's entry may be empty), or if a rating
    lies outside its scale.
    """
    return _normalise(raw, source, fetched_at, _key(raw, fetched_at, copy=0))[0]


def normalise_page(page: Page, *, fetched_at: datetime) -> tuple[list[Mention], list[Problem]]:
    """Return the mentions of a page and what was wrong with single items of it.

    A bad item becomes a problem with its key and the rest goes on. Codes: bad-item
    (left out); bad-time, future-time, damaged-text, truncated (taken in all the same).
    """
    mentions: list[Mention] = []
    problems: list[Problem] = []
    copies: Counter[str] = Counter()
    for raw in page.items:
        first = _key(raw, fetched_at, copy=0)
        key = _key(raw, fetched_at, copy=copies[first]) if copies[first] else first
        try:
            mention, noted = _normalise(raw, page.source, fetched_at, key)
        except UnreadableItem as e:
            problems.append(Problem(code="bad-item", words=str(e), key=key))
            continue
        copies[first] += mention.is_keyless
        mentions.append(mention)
        problems += noted
    return mentions, problems


def _normalise(
    raw: RawItem, source: str, fetched_at: datetime, key: str
) -> tuple[Mention, list[Problem]]:
    """Return the mention and its problems; every fault of the item is an UnreadableItem."""
    subject = f"{source}/{key}"
    try:
        said = _said(raw)
        posted = _when("posted", raw.posted, raw.zone, fetched_at)
        edited = _when("edited", raw.edited, raw.zone, fetched_at)
        mention = _mention(raw, source, key, said=said, posted=posted, edited=edited)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as e:
        # AttributeError: a source filled a field with another kind of value.
        raise UnreadableItem(f"{type(e).__name__}: {e}", subject=subject) from e
    is_said = mention.text or mention.title or mention.stars is not None or mention.answers
    # A feed's entry may be nothing but an address: it is an entry, and matches no brand.
    if not is_said and mention.feedback_kind is not FeedbackKind.ARTICLE:
        raise UnreadableItem("neither text nor stars nor answers", subject=subject)
    notes = (*said.notes, *posted.notes, *edited.notes)
    return mention, [
        Problem(code=code, words=f"{subject}: {words}", key=key) for code, words in notes
    ]


def _mention(
    raw: RawItem, source: str, key: str, *, said: _Said, posted: _When, edited: _When
) -> Mention:
    scale = raw.scale or FIVE_STARS
    stars_native = _native_stars(raw.stars, scale)
    return Mention(
        source=source,
        key=key,
        is_keyless=not _has_key(raw),
        url=_address(raw.url),
        title=said.title,
        text=said.text,
        damage=said.damage,
        author=_author(raw.author),
        posted_at=posted.at,
        posted_precision=posted.precision,
        edited_at=edited.at,
        stars=None if stars_native is None else _on_five(stars_native, scale),
        stars_native=stars_native,
        scale=None if stars_native is None else scale,
        feedback_kind=_kind(raw.feedback_kind, has_words=bool(said.text or said.title)),
        speaker=raw.speaker,
        product=_line(raw.product),
        variation=_line(raw.variation),
        reach=_count(raw.reach),
        likes=_count(raw.likes),
        parent=_line(raw.parent),
        language=_language(raw.language),
        answers=tuple(_answer(each) for each in raw.answers),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """Title and text as plain words; notes are (problem code, words)."""

    title: str
    text: str
    damage: str
    notes: tuple[tuple[str, str], ...]


def _said(raw: RawItem) -> _Said:
    text = _words(raw.text, raw.markup)
    title = _words(raw.title, raw.markup)
    notes = []
    if len(text.text) > TEXT_CAP:
        words = f"the text had {len(text.text)} characters; the first {TEXT_CAP} were kept"
        notes.append(("truncated", words))
    damage = min(text.damage, title.damage, key=_WORST_FIRST.index)
    if damage:
        notes.append(("damaged-text", f"the text is damaged: {damage}"))
    kept = text.text[:TEXT_CAP].rstrip()
    own_title = _without_copied(" ".join(title.text.split())[:_LINE_CAP], kept)
    return _Said(own_title, kept, damage, tuple(notes))


def _words(text: str | None, markup: Markup) -> Repaired:
    if not text:
        return Repaired("")
    return repair(plain(text[:_RAW_CAP], markup))


def _without_copied(title: str, text: str) -> str:
    """Return `title`, or "" when it only repeats the start of `text` (cut with "…" or not)."""
    start = _CUT.sub("", title)
    return "" if " ".join(text[: 2 * _LINE_CAP].split()).startswith(start) else title


@dataclass(frozen=True, slots=True)
class _When:
    at: datetime | None = None
    precision: Precision | None = None
    notes: tuple[tuple[str, str], ...] = ()


def _when(field: str, value: str | float | None, zone: str | None, fetched_at: datetime) -> _When:
    """Return the time; one that cannot be read or believed is a note, never a lost item."""
    if value is None or value == "":
        return _When()
    try:
        at, precision = parse_time(value, zone=zone, fetched_at=fetched_at)
    except ValueError as e:
        return _When(notes=(("bad-time", f"{field}={e}"),))
    if at > fetched_at + _EARLY_BY:
        return _When(notes=(("future-time", f"{field}={value!r}: future time"),))
    return _When(at, precision)


def _has_key(raw: RawItem) -> bool:
    return raw.key is not None and bool(clean(str(raw.key)))


def _key(raw: RawItem, fetched_at: datetime, *, copy: int) -> str:
    """Return the source's key as text, else one derived from what the author said.

    A relative time ("2 weeks ago") says something else tomorrow, so it is no part of it.
    """
    if _has_key(raw):
        return clean(str(raw.key))
    posted = "" if raw.posted is None else str(raw.posted)
    if time_ago(posted, zone=UTC, fetched_at=fetched_at) is not None:
        posted = ""
    text = str(raw.text or raw.title or "")[:_RAW_CAP]
    return derived_key(author=str(raw.author or ""), posted=posted, text=text, copy=copy)


def _native_stars(value: str | float | None, scale: Scale) -> float | None:
    """Return the rating on the source's own scale, None for none; 0 on a 1-5 scale is none.

    Raises ValueError when it is no number or lies outside the scale.
    """
    if value is None or value == "":
        return None
    stars = float(value.replace(",", ".")) if isinstance(value, str) else float(value)
    if stars == 0 < scale.low:
        return None
    if not (scale.low < scale.high and scale.low <= stars <= scale.high):
        raise ValueError(f"stars={value!r} is not on the scale {scale.low:g}-{scale.high:g}")
    return stars


def _on_five(stars: float, scale: Scale) -> float:
    share = (stars - scale.low) / (scale.high - scale.low)
    return round(1 + 4 * share, 4)


def _answer(answer: Answer) -> Answer:
    """Return the answer with its question as plain words; ValueError when off its scale."""
    if not answer.scale.low <= answer.value <= answer.scale.high:
        low, high = answer.scale.low, answer.scale.high
        raise ValueError(f"{answer.metric}={answer.value!r} is not on the scale {low:g}-{high:g}")
    return replace(answer, question=_line(answer.question))


def _kind(kind: FeedbackKind, *, has_words: bool) -> FeedbackKind:
    """Return the kind of feedback: a review without a word is a star rating."""
    return FeedbackKind.STARS if kind is FeedbackKind.REVIEW and not has_words else kind


def _line(text: str | None) -> str:
    """Return a name or title as one repaired line."""
    return " ".join(repair(str(text)).text.split())[:_LINE_CAP] if text else ""


def _author(author: str | None) -> str:
    name = _line(author)
    return "" if name.casefold() in _NOBODY else name


def _address(url: str | None) -> str:
    """Return the address without blanks, "" when it is none of the web."""
    address = "".join(str(url).split()) if url else ""
    return address if address.lower().startswith(("http://", "https://")) else ""


def _count(number: int | str | None) -> int | None:
    """Return a count, None when there is none; sources write -1 for unknown."""
    if number is None or number == "":
        return None
    count = int(number)
    return count if count >= 0 else None


def _language(language: str | None) -> str:
    """Return the two- or three-letter code of "vi", "vi_VN" or "en-US", else ""."""
    code = _LANGUAGE.fullmatch(str(language or "").strip().lower())
    return code[1] if code else ""
