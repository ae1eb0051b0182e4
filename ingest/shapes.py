"""Files whose columns are known: what each of a site's columns means, without guessing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.amazon import told_day
from ingest.columns import Columns
from ingest.grid import Cell
from ingest.mention import FIVE_STARS, Scale
from ingest.rows import Reading

_LABEL = re.compile(r"\s*(?:pros|cons)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One site's file: the columns that only it has (`marks`) and what its columns mean.

    `site` is the space of its keys, unless it `is_mute`: without ids, authors or
    times nothing tells its rows from those of another file, whose name then is the
    space. `reads` mends single cells.
    """

    site: str
    marks: frozenset[str]
    fields: Mapping[str, str]
    scale: Scale = FIVE_STARS
    reads: Mapping[str, Reading] = field(default_factory=dict)
    is_mute: bool = False

    def columns(self, head: Sequence[str]) -> Columns:
        """Return what the columns of `head` mean; what the shape does not name stays unknown."""
        fields = {name: self.fields[name] for name in self.fields if name in head}
        return Columns(fields, tuple(name for name in head if name not in fields))


def known_shape(head: Sequence[str]) -> Shape | None:
    """Return the shape of a file with these columns, None for a file nobody has shown us."""
    names = set(head)
    return next((shape for shape in SHAPES if shape.marks <= names), None)


def _language(cell: Cell) -> Cell:
    """Return a language's code; Booking writes `xu` for English as spoken in the US."""
    return {"xu": "en", "eng": "en", "vie": "vi"}.get(str(cell), cell)


def _at_least_one(cell: Cell) -> Cell:
    """Return a rating of half a star as one, the least on our scale."""
    return max(cell, 1) if isinstance(cell, int | float) and cell > 0 else cell


def _unlabelled(cell: Cell) -> Cell:
    """Return words without the label that a list puts before them: "Pros:", and without quotes."""
    if not isinstance(cell, str):
        return cell
    return _LABEL.sub("", cell).strip().removeprefix('"').removesuffix('"').strip()


def _review_id(cell: Cell) -> Cell:
    """Return the review's id that stands in its link, None where there is none."""
    found = re.search(r"[?&](?:reviewId|reviewid)=([\w-]+)", str(cell or ""))
    return found[1] if found else None


def _last_part(cell: Cell) -> Cell:
    """Return the last part of a name like "accounts/1/locations/2/reviews/AbF"."""
    return str(cell).rpartition("/")[2] if cell else None


def _day(cell: Cell) -> Cell:
    return told_day(str(cell)) if cell else None


SHAPES = (
    # Seen 2025-12: ids beyond 2**53, so the one written as text; 20 is one star.
    Shape(
        site="aliexpress",
        marks=frozenset({"evaluationIdStr", "buyerEval"}),
        scale=Scale(20, 100),
        fields={
            "evaluationIdStr": "key", "buyerFeedback": "text", "buyerEval": "stars",
            "buyerName": "author", "evalDate": "posted", "skuInfo": "variation",
            "upVoteCount": "likes", "sellerReply": "reply",
            "buyerAddFbContent": "later", "buyerAddFbDate": "later_posted",
        },
    ),
    # Seen 2023: rows of rating answers, whose ids are those of the platform.
    Shape(
        site="shopee_shop",
        marks=frozenset({"cmtId", "shopId", "itemId"}),
        fields={"cmtId": "key", "comment": "text", "rating": "stars", "likes": "likes"},
    ),
    # From documentation: the monthly files of the Play Console, in UTF-16.
    Shape(
        site="googleplay",
        marks=frozenset({"Package Name", "Star Rating", "Review Submit Millis Since Epoch"}),
        fields={
            "Review Link": "key", "Review Title": "title", "Review Text": "text",
            "Star Rating": "stars", "Review Submit Millis Since Epoch": "posted",
            "Review Last Update Millis Since Epoch": "edited", "Reviewer Language": "language",
            "App Version Name": "variation", "Package Name": "product",
            "Developer Reply Text": "reply", "Developer Reply Millis Since Epoch": "replied",
        },
        reads={"Review Link": _review_id},
    ),
    # From documentation: Google Takeout of an own place; stars in words.
    Shape(
        site="google_business",
        marks=frozenset({"starRating", "createTime", "name"}),
        fields={
            "name": "key", "comment": "text", "starRating": "stars",
            "reviewer.displayName": "author", "createTime": "posted", "updateTime": "edited",
            "reviewReply.comment": "reply", "reviewReply.updateTime": "replied",
        },
        reads={"name": _last_part},
    ),
    # Seen 2026-03: `reviewUrl` holds an id; what was liked and what was not are two texts.
    Shape(
        site="booking",
        marks=frozenset({"textDetails.positiveText", "textDetails.negativeText"}),
        scale=Scale(1, 10),
        fields={
            "reviewUrl": "key", "textDetails.title": "title",
            "textDetails.positiveText": "text", "textDetails.negativeText": "text",
            "reviewScore": "stars", "guestDetails.username": "author",
            "reviewedDate": "posted", "bookingDetails.roomType.name": "variation",
            "helpfulVotesCount": "likes", "textDetails.lang": "language",
            "partnerReply.reply": "reply",
        },
        reads={"textDetails.lang": _language},
    ),
    # Seen 2025-12; `pros` and `cons` were null in all 60.
    Shape(
        site="bestbuy",
        marks=frozenset({"topicType", "submissionTime", "brandResponses"}),
        fields={
            "id": "key", "title": "title", "text": "text", "pros": "text", "cons": "text",
            "rating": "stars", "author": "author", "submissionTime": "posted",
            "positiveFeedbackCount": "likes",
        },
    ),
    # Seen 2026-07: no ids.
    Shape(
        site="capterra",
        marks=frozenset({"ratings.overall", "reviewer_name", "review_body"}),
        fields={
            "title": "title", "review_body": "text", "pros": "text", "cons": "text",
            "ratings.overall": "stars", "reviewer_name": "author", "date": "posted",
        },
        reads={"title": _unlabelled, "pros": _unlabelled, "cons": _unlabelled},
    ),
    # Seen 2025-12: no ids; half stars.
    Shape(
        site="g2",
        marks=frozenset({"review.reviewLikes", "review.reviewDislikes"}),
        fields={
            "review.reviewTitle": "title", "review.reviewLikes": "text",
            "review.reviewDislikes": "text", "review.reviewRate": "stars",
            "author.authorName": "author", "review.reviewData": "posted",
        },
        reads={"review.reviewRate": _at_least_one},
    ),
    # Seen 2026-01, in Windows-1252: nobody is named.
    Shape(
        site="glassdoor",
        marks=frozenset({"reviewId", "ratingOverall", "ratingWorkLifeBalance"}),
        fields={
            "reviewId": "key", "summary": "title", "pros": "text", "cons": "text",
            "advice": "text", "ratingOverall": "stars", "reviewDateTime": "posted",
            "employer.shortName": "product", "countHelpful": "likes", "languageId": "language",
        },
        reads={"languageId": _language},
    ),
    # Seen 2025-10: neither ids nor names nor the day of writing (the trip's month is not it).
    Shape(
        site="tripadvisor",
        marks=frozenset({"text", "rate", "tripDate", "tripType"}),
        is_mute=True,
        fields={"title": "title", "text": "text", "rate": "stars", "product": "product"},
    ),
    # Seen 2025-12: no ids, no names; country and day stand in one sentence.
    Shape(
        site="amazon",
        marks=frozenset({"location_and_date", "verified", "rating"}),
        is_mute=True,
        fields={
            "title": "title", "text": "text", "rating": "stars", "location_and_date": "posted",
        },
        reads={"location_and_date": _day},
    ),
)  # fmt: skip
