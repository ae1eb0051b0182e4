"""What was counted for one brand and one local day: plain values, no words yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from cases.flag import FlagReason, Severity
from cases.groups import Group
from cases.usual import Usual
from ingest.mention import FeedbackKind, Precision
from ingest.visit import Outcome
from scoring.verdict import Polarity

# (kind, target of a source) -> the last day of its key, None when no person must see to it now
KeyEnds = Callable[[str, str], date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case that needs an answer, with what is shown of its mention; times aware UTC.

    `also` names the other sources in which copies of the same text stand; `is_gone` says
    that no source shows it any more.
    """

    case_id: int
    mention_id: int
    severity: Severity
    target_at: datetime
    source: str
    text: str
    title: str = ""
    language: str = ""
    url: str = ""
    posted_at: datetime | None = None
    precision: Precision | None = None
    stars: float | None = None
    reach: int | None = None
    feedback_kind: FeedbackKind = FeedbackKind.REVIEW
    reasons: tuple[FlagReason, ...] = ()
    also: tuple[str, ...] = ()
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The cases due on the day, how many were answered in time, and what came of it.

    `sent` answers were given on the day; `median_min` is half of their times;
    `raised` are ratings (before, after) that customers raised afterwards.
    """

    due: int
    in_time: int
    usual: Usual | None = None
    sent: int = 0
    median_min: float | None = None
    raised: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DayCount:
    """One local day's count; None for a day that is not covered."""

    day: date
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A side of product or service: mentions of it on the day and in its last 7 days.

    `posts` are the ids of those 7 days; `usual_week` is the range of the weeks
    before, None when too few are covered.
    """

    name: str
    polarity: Polarity
    day: int
    week: int
    usual_week: Usual | None = None
    posts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Win:
    """A post worth sharing."""

    mention_id: int
    text: str
    source: str
    language: str = ""
    url: str = ""
    product: str = ""
    stars: float | None = None


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A site's own count beside ours; `cause` is a key of `alerts.totals.CAUSES` or "".

    `missing_stars` tells how many more of each star the site counts, only differences.
    """

    stated: int
    heard: int
    cause: str = ""
    missing_stars: Mapping[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many the site counts more than were heard; below 0: fewer."""
        return self.stated - self.heard


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How one source fared on the day, as known when the digest is written.

    `outcome` is that of the last visit (None: not visited yet); `failing_since`
    the first failure after the last success; `is_forbidden` says that robots.txt
    forbids the address, so that it is left alone; `heard_to` and `due_since` belong
    to file sources; `gap` is a stretch that may hide posts; `has_caught_up`
    says that it failed on the day and is well again; `key_ends` is the last day of a
    key that a person must see to within a week, or that has ended; `total` the site's
    own count.
    """

    name: str
    outcome: Outcome | None = Outcome.OK
    is_paused: bool = False
    is_forbidden: bool = False
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    heard_to: date | None = None
    due_since: date | None = None
    gap: tuple[datetime | None, datetime] | None = None
    has_caught_up: bool = False
    key_ends: date | None = None
    total: StatedTotal | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether its count for the day can be trusted."""
        good = self.outcome in (Outcome.OK, Outcome.UNCHANGED)
        return good and not self.is_paused and self.gap is None

    @property
    def is_asked(self) -> bool:
        """Whether it is listened to at all: neither paused by us nor forbidden to us."""
        return not (self.is_paused or self.is_forbidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineTrouble:
    """What kept an engine from giving second opinions: silent since, or its budget spent at.

    `waiting` mentions had none when it was last asked.
    """

    silent_since: datetime | None = None
    spent_at: datetime | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """Everything a digest is made of.

    `start` and `end` are the local day's window in UTC; `now` is when the digest
    is written and as of when cases are open. `mentions` and `negatives` count
    what was posted on the day and known by its end; `earlier` what became known
    on the day but was posted before it. `stars_mean` is that of the last seven
    days, `stars_usual` the range of such weeks. `open_cases` are the most urgent,
    copies once; `more_open` and `more_late` count those not among them. `groups`
    are themes in people's own words, `themes` the sides of product and service. `second` is
    None while nothing keeps second opinions away.
    """

    brand: str
    language: str
    zone: str
    day: date
    start: datetime
    end: datetime
    now: datetime
    answer_within_h: float = 4.0
    mentions: int = 0
    mentions_usual: Usual | None = None
    negatives: int = 0
    negatives_usual: Usual | None = None
    stars_mean: float | None = None
    stars_usual: Usual | None = None
    answered: Answered | None = None
    earlier: int = 0
    earlier_negatives: int = 0
    negative_days: tuple[DayCount, ...] = ()
    open_cases: tuple[OpenCase, ...] = ()
    more_open: int = 0
    more_late: int = 0
    groups: tuple[Group, ...] = ()
    themes: tuple[Theme, ...] = ()
    wins: tuple[Win, ...] = ()
    sources: tuple[SourceHealth, ...] = ()
    second: EngineTrouble | None = None

    @property
    def waiting(self) -> int:
        """How many cases need an answer."""
        return len(self.open_cases) + self.more_open
