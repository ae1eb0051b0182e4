"""Mentions, verdicts and matches as rows of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cases.flag import Flag
from ingest.mention import Answer, FeedbackKind, Mention, Precision, Scale, Speaker
from scoring.verdict import Verdict
from store.batch import Hit, Item, Weighed
from store.sql import Found, Row

IDENTITY = ("key_hash", "source", "key", "source_kind", "seen_at")


def mention_row(item: Item, *, source_kind: str, now: datetime) -> Row:
    """Return the row of a mention that becomes known `now`."""
    mention = item.mention
    return {
        "key_hash": item.key_hash,
        "source": mention.source,
        "key": mention.key,
        "source_kind": source_kind,
        "seen_at": now,
        "dated_at": dated_at(mention, seen_at=now),
        **content_row(item, now=now),
    }


def content_row(item: Item, *, now: datetime) -> Row:
    """Return what an edit can change."""
    mention = item.mention
    scale = mention.scale
    return {
        "content_hash": item.content_hash,
        "changed_at": now,
        "url": mention.url,
        "title": mention.title,
        "text": mention.text,
        "author": mention.author,
        "posted_at": mention.posted_at,
        "posted_precision": mention.posted_precision,
        "edited_at": mention.edited_at,
        "stars": mention.stars,
        "stars_native": mention.stars_native,
        "scale_low": scale.low if scale else None,
        "scale_high": scale.high if scale else None,
        "feedback_kind": mention.feedback_kind,
        "speaker": mention.speaker,
        "product": mention.product,
        "variation": mention.variation,
        "reach": mention.reach,
        "likes": mention.likes,
        "parent": mention.parent,
        "language": mention.language,
        "damage": mention.damage,
        "is_keyless": mention.is_keyless,
    }


def dated_at(mention: Mention, *, seen_at: datetime) -> datetime:
    """Return the time a mention is listed under: never later than it was seen."""
    return seen_at if mention.posted_at is None else min(mention.posted_at, seen_at)


def searched_texts(mention: Mention) -> tuple[str, ...]:
    """Return what the search index holds of a mention."""
    return mention.title, mention.text, mention.product


def verdict_row(mention_id: int, verdict: Verdict, *, now: datetime) -> Row:
    """Return the row of the current verdict on a mention."""
    return {
        "mention_id": mention_id,
        "model": verdict.model,
        "is_current": True,
        "language": verdict.language,
        "score": verdict.score,
        "p_negative": verdict.p_negative,
        "label": verdict.label,
        "kind": verdict.kind,
        "aspects": [each._asdict() for each in verdict.aspects],
        "causes": list(verdict.causes),
        "reasons": [each._asdict() for each in verdict.reasons],
        "is_damaged": verdict.damaged,
        "mismatch": verdict.mismatch,
        "spam": verdict.spam,
        "spam_sign": verdict.spam_sign,
        "judged_at": now,
    }


def match_row(mention_id: int, brand_id: int, hit: Hit, weighed: Weighed, *, now: datetime) -> Row:
    """Return the row of a match of a mention that becomes known `now`, with its flag."""
    return {
        "mention_id": mention_id,
        "brand_id": brand_id,
        "term": hit.term,
        "role": hit.role,
        "dated_at": dated_at(weighed.item.mention, seen_at=now),
        **flag_row(weighed.flags.get(hit.brand), now=now),
    }


def flag_row(flag: Flag | None, *, now: datetime) -> Row:
    """Return the columns of a match that tell its flag, None for no flag."""
    reasons = flag.reasons if flag else ()
    return {
        "severity": flag.severity if flag else None,
        "rule": flag.rule if flag else None,
        "flag_reasons": [{"code": each.code, "words": each.words} for each in reasons],
        "flagged_at": now if flag else None,
    }


def mention_of(row: Found, answers: Sequence[Found]) -> Mention:
    """Return the mention that `row` and the rows of its survey answers keep."""
    has_scale = row.scale_low is not None and row.scale_high is not None
    return Mention(
        source=row.source,
        key=row.key,
        url=row.url,
        title=row.title,
        text=row.text,
        author=row.author,
        posted_at=row.posted_at,
        posted_precision=Precision(row.posted_precision) if row.posted_precision else None,
        edited_at=row.edited_at,
        stars=row.stars,
        stars_native=row.stars_native,
        scale=Scale(row.scale_low, row.scale_high) if has_scale else None,
        feedback_kind=FeedbackKind(row.feedback_kind),
        speaker=Speaker(row.speaker),
        product=row.product,
        variation=row.variation,
        reach=row.reach,
        likes=row.likes,
        parent=row.parent,
        language=row.language,
        damage=row.damage,
        is_keyless=row.is_keyless,
        answers=tuple(
            Answer(each.metric, each.value, Scale(each.scale_low, each.scale_high), each.question)
            for each in answers
        ),
    )


def answer_rows(mention_id: int, mention: Mention) -> list[Row]:
    """Return the rows of a mention's survey answers."""
    return [
        {
            "mention_id": mention_id,
            "position": position,
            "metric": answer.metric,
            "value": answer.value,
            "scale_low": answer.scale.low,
            "scale_high": answer.scale.high,
            "question": answer.question,
        }
        for position, answer in enumerate(mention.answers)
    ]
