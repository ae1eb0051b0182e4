"""A hand-written day of the invented brand Lúa Mây: Friday 20 November 2026 in Vietnam."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from alerts.facts import Answered, DayCount, DayFacts, OpenCase, SourceHealth, Theme, Win
from cases.flag import FlagReason, Severity
from cases.usual import Usual
from ingest.mention import FeedbackKind, Precision
from ingest.visit import Outcome
from scoring.verdict import Polarity

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 07:00 in Vietnam
NEGATIVE = (7, 11, 10, 13, 8, 9, 12, 10, 11, 9, 26, 41, 35, 31)

OPEN = (
    OpenCase(
        case_id=12,
        mention_id=4821,
        severity=Severity.HIGH,
        target_at=NOW - timedelta(minutes=130),
        source="Shopee",
        text="Nồi 1.8L dùng đúng chín ngày thì bản lề nắp gãy, cơm trào ra bếp. "
        "Nhắn shop hai hôm không ai trả lời, mình muốn hoàn tiền.",
        language="vi",
        url="https://shop.example/review/4821",
        posted_at=NOW - timedelta(minutes=370),
        precision=Precision.INSTANT,
        stars=1.0,
        reasons=(
            FlagReason("low-stars"),
            FlagReason("unanswered", "không ai trả lời"),
            FlagReason("refund", "hoàn tiền"),
            FlagReason("negative-words", "gãy"),
        ),
    ),
    OpenCase(
        case_id=13,
        mention_id=4822,
        severity=Severity.URGENT,
        target_at=NOW - timedelta(minutes=35),
        source="Instagram",
        text="Nồi nhà mình chập điện tóe lửa lúc đang nấu, mọi người coi chừng 🙂",
        language="vi",
        url="https://photos.example/p/77",
        posted_at=NOW - timedelta(minutes=275),
        precision=Precision.INSTANT,
        reach=41_300,
        feedback_kind=FeedbackKind.SOCIAL,
        reasons=(
            FlagReason("safety", "chập điện"),
            FlagReason("safety", "tóe lửa"),
            FlagReason("reach", "41300"),
        ),
    ),
    OpenCase(
        case_id=14,
        mention_id=4823,
        severity=Severity.HIGH,
        target_at=NOW + timedelta(minutes=80),
        source="Facebook",
        text="Có ai bị nồi Mây nhảy nút giữ ấm hoài không? Bảo hành hẹn ba tuần.",
        language="vi",
        posted_at=NOW - timedelta(minutes=160),
        precision=Precision.MINUTE,
        feedback_kind=FeedbackKind.COMMENT,
        reasons=(FlagReason("warranty", "Bảo hành"), FlagReason("question")),
    ),
    OpenCase(
        case_id=15,
        mention_id=4824,
        severity=Severity.NORMAL,
        target_at=NOW + timedelta(minutes=125),
        source="Trustpilot",
        title="Blender great, support not",
        text="I wrote twice about the missing warranty card and got a robot both times.",
        language="en",
        url="https://reviews.example/9",
        posted_at=datetime(2026, 11, 12, tzinfo=UTC),
        precision=Precision.DAY,
        stars=2.0,
        reasons=(FlagReason("low-stars"), FlagReason("fault")),
    ),
)

LUA_MAY = DayFacts(
    brand="Lúa Mây",
    language="en",
    zone="Asia/Ho_Chi_Minh",
    day=DAY,
    start=datetime(2026, 11, 19, 17, 0, tzinfo=UTC),
    end=datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
    now=NOW,
    mentions=75,
    mentions_usual=Usual(45.3, 63.6, 8),
    negatives=31,
    negatives_usual=Usual(7.2, 14.4, 8),
    stars_mean=4.1234,
    stars_usual=Usual(4.4, 4.5, 8),
    answered=Answered(
        due=19,
        in_time=16,
        usual=Usual(0.8, 0.88, 8),
        sent=9,
        median_min=112,
        raised=((1, 4), (2, 5)),
    ),
    earlier=14,
    earlier_negatives=3,
    negative_days=tuple(
        DayCount(DAY - timedelta(days=13 - n), count) for n, count in enumerate(NEGATIVE)
    ),
    open_cases=OPEN,
    themes=(
        Theme(
            name="quality", polarity=Polarity.NEGATIVE, day=25, week=60, usual_week=Usual(1, 3, 8)
        ),
        Theme(
            name="service", polarity=Polarity.NEGATIVE, day=4, week=12, usual_week=Usual(0, 0, 8)
        ),
        Theme(
            name="price",
            polarity=Polarity.POSITIVE,
            day=9,
            week=40,
            usual_week=Usual(20, 28, 8),
        ),
        Theme(
            name="delivery", polarity=Polarity.NEGATIVE, day=1, week=9, usual_week=Usual(6, 12, 8)
        ),
        Theme(name="size", polarity=Polarity.NEGATIVE, day=1, week=2),
    ),
    wins=(
        Win(
            mention_id=4890,
            text="Máy xay chạy êm thiệt, con ngủ kế bên không dậy. Shop còn gọi hỏi thăm nữa.",
            source="Tiki",
            language="vi",
            url="https://shop.example/review/4890",
            product="máy xay Mây Mini",
            stars=5.0,
        ),
    ),
    sources=(
        *(SourceHealth(name=f"Feed {n}") for n in range(1, 9)),
        SourceHealth(
            name="Lazada reviews",
            outcome=Outcome.EMPTY,
            failing_since=datetime(2026, 11, 20, 7, 5, tzinfo=UTC),
        ),
        SourceHealth(
            name="TikTok Shop",
            outcome=Outcome.DUE,
            heard_to=date(2026, 11, 15),
            due_since=date(2026, 11, 16),
        ),
        SourceHealth(name="YouTube", has_caught_up=True),
    ),
)

QUIET = replace(
    LUA_MAY,
    mentions=4,
    mentions_usual=Usual(2, 6, 8),
    negatives=0,
    negatives_usual=Usual(0, 1, 8),
    stars_mean=None,
    answered=None,
    earlier=0,
    earlier_negatives=0,
    negative_days=tuple(DayCount(each.day, 0) for each in LUA_MAY.negative_days),
    open_cases=(),
    themes=(),
    wins=(),
    sources=tuple(SourceHealth(name=f"Feed {n}") for n in range(11)),
)


def in_vietnamese(facts: DayFacts) -> DayFacts:
    """Return the same day told in Vietnamese."""
    return replace(facts, language="vi")
