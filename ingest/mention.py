"""The facts that flow: `RawItem` (the source's words) becomes `Mention` (ours)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum


class FeedbackKind(StrEnum):
    """Through which of the kinds of feedback a mention reached the brand."""

    SURVEY = "survey answer"
    REVIEW = "review"
    STARS = "star rating"
    TICKET = "ticket"
    CONVERSATION = "support conversation"
    IN_APP = "in-app feedback"
    INTERVIEW = "interview"
    SOCIAL = "social post"
    COMMENT = "comment"
    ARTICLE = "article"


class Speaker(StrEnum):
    """Who speaks: only customers are scored as customers."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Precision(StrEnum):
    """How exactly a source told the time."""

    INSTANT = "instant"
    MINUTE = "minute"
    DAY = "day"


class Markup(StrEnum):
    """How a source writes its texts."""

    PLAIN = "plain"
    HTML = "html"
    BBCODE = "bbcode"


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and highest value a source's rating can take, both included."""

    low: float
    high: float


FIVE_STARS = Scale(1, 5)


@dataclass(frozen=True, slots=True)
class Answer:
    """One measured survey answer: metric is csat, nps, ces or a free name."""

    metric: str
    value: float
    scale: Scale
    question: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One day's behaviour figure (visits, minutes on the site ...); never a mention."""

    day: str  # ISO local date, as the file says it
    metric: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """What a source said, field by field, still in the source's words.

    `posted` and `edited` are what was sent (epoch s or ms as number or string,
    ISO, naive local, date only, relative); `zone` is the IANA zone naive times
    are in. `stars` is the native rating on `scale` (None: 1-5). `unknown` names
    the fields that the reader did not know: counted, never guessed.
    """

    key: str | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    markup: Markup = Markup.PLAIN
    author: str | None = None
    posted: str | int | float | None = None
    edited: str | int | float | None = None
    zone: str | None = None
    stars: str | int | float | None = None
    scale: Scale | None = None
    feedback_kind: FeedbackKind = FeedbackKind.REVIEW
    speaker: Speaker = Speaker.CUSTOMER
    product: str | None = None
    variation: str | None = None
    reach: int | None = None
    likes: int | None = None
    parent: str | None = None
    language: str | None = None
    answers: tuple[Answer, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """The facts of one mention, normalised.

    Identity is (`source`, `key`), never time or text. `posted_at` and
    `edited_at` are aware UTC or None; `stars` is 1.0-5.0 or None, `stars_native`
    the same on the source's own `scale`; `text` and `title` are NFC plain text;
    `damage` names what is wrong with the text ("" for whole text, "lossy" for
    letters lost, "mojibake" for text repaired with doubt ...); `is_keyless` says
    that the key is a hash because the source names none.
    """

    source: str
    key: str
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    posted_at: datetime | None = None
    posted_precision: Precision | None = None
    edited_at: datetime | None = None
    stars: float | None = None
    stars_native: float | None = None
    scale: Scale | None = None
    feedback_kind: FeedbackKind = FeedbackKind.REVIEW
    speaker: Speaker = Speaker.CUSTOMER
    product: str = ""
    variation: str = ""
    reach: int | None = None
    likes: int | None = None
    parent: str = ""
    language: str = ""
    damage: str = ""
    is_keyless: bool = False
    answers: tuple[Answer, ...] = ()

    def as_json(self) -> Mapping[str, object]:
        """Return every field as JSON-ready values; times are ISO 8601 with a Z."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Scale):
        return [value.low, value.high]
    if isinstance(value, Answer):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
