"""Pages, judges and flags for the store's tests: small, invented, without any model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cases.flag import Flag, FlagReason, Severity
from ingest.mention import Mention, RawItem
from ingest.page import Fetched, Page
from scoring.verdict import Kind, Label, Reason, Verdict
from store.batch import Hit

BRAND = "Lúa Mây"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BAD_WORDS = ("hỏng", "tệ", "broken", "awful")


def item(number: int | str, text: str = "", **fields: object) -> RawItem:
    """Return a review of the invented brand; number 1 is the oldest, an hour apart."""
    hours = number if isinstance(number, int) else 0
    posted = NOW - timedelta(days=6) + timedelta(hours=hours)
    said = text or f"Nồi cơm Lúa Mây dùng tốt, lần thứ {number}"
    return RawItem(**{"key": f"{number}", "text": said, "posted": posted.isoformat(), **fields})  # type: ignore[arg-type]


def page(
    *items: RawItem,
    source: str = "tiki",
    url: str = "https://shop.example/1",
    fetched_at: datetime = NOW,
) -> tuple[Fetched, Page]:
    """Return one response with `items`; the body stands for them."""
    headers = {"content-type": "text/html"}
    body = repr(items).encode("utf-8", "replace")
    fetched = Fetched(url=url, body=body, headers=headers, fetched_at=fetched_at)
    return fetched, Page(source=source, items=items)


def match(mention: Mention) -> Sequence[Hit]:
    """Everything is about the brand, but for what speaks of the weather."""
    said = f"{mention.title} {mention.text}".casefold()
    return () if "thời tiết" in said or "weather" in said else (Hit(BRAND, "lúa mây"),)


def judge(mention: Mention) -> Verdict:
    """Call a text negative if it holds a bad word."""
    bad = [word for word in BAD_WORDS if word in mention.text.casefold()]
    return Verdict(
        language="vi",
        score=-0.86 if bad else 0.5,
        p_negative=0.9 if bad else 0.1,
        label=Label.NEGATIVE if bad else Label.POSITIVE,
        kind=Kind.COMPLAINT if bad else Kind.PRAISE,
        reasons=tuple(Reason(word, -1.0, 0, len(word)) for word in bad),
        model="test-1",
    )


def flag(mention: Mention, verdict: Verdict, brand: str) -> Flag | None:
    """Flag what is negative."""
    if verdict.label is not Label.NEGATIVE:
        return None
    reasons = tuple(FlagReason("negative", each.words) for each in verdict.reasons)
    return Flag(severity=Severity.HIGH, rule="complaint", reasons=reasons)


RULES = {"match": match, "judge": judge, "flag": flag}
