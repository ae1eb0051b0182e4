"""Every table of the store; names are nouns in plural, all times UTC, ids 64-bit.

The search index `mention_search` is not here: it is an FTS5 table on SQLite and a
tsvector table on PostgreSQL, made by the migration and used by `store.search` only.
The file is over 500 lines because the tables are understood only side by side.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.columns import BIG_ID, CleanText, UtcTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BIG_ID, primary_key=True)]
Json = Annotated[Any, mapped_column(JSON)]


class Base(DeclarativeBase):
    """What all tables share: names of constraints and how Python types are stored."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name
        int: BIG_ID,
        str: CleanText(),
        bytes: LargeBinary(),
        date: Date(),
        datetime: UtcTime(),
    }


def _to(column: str, *, cascade: bool = True) -> ForeignKey:
    return ForeignKey(column, ondelete="CASCADE" if cascade else "SET NULL")


class Brands(Base):
    """Who we listen for; the columns are those of `ingest.brand.Brand`."""

    __tablename__ = "brands"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str]
    language: Mapped[str]
    own_authors: Mapped[Json]
    own_hosts: Mapped[Json]
    recipients: Mapped[Json]
    digest_at: Mapped[str]  # local time, HH:MM
    answer_within_h: Mapped[float]
    old_after_days: Mapped[int]
    aspects: Mapped[Json] = mapped_column(default=list)  # [["steam", "hơi nước", ...], ...]
    weekly_on: Mapped[str] = mapped_column(default="")  # a weekday, "" for no weekly digest


class Queries(Base):
    """The brand queries, in the brand's order."""

    __tablename__ = "queries"
    brand_id: Mapped[int] = mapped_column(_to("brands.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Watches(Base):
    """One place that is listened to: kind and target, its rhythm, and how it fares.

    `is_own` says that everything there is about the brand (own product, page or
    shop); otherwise only what matches a brand query is kept. `heard_since` and
    `heard_until` bound what is covered by closed windows. The visits come every
    `every_min` times `pace`; `streak` counts visits in a row that brought
    something (above 0) or nothing (below). `walked_at` is when a walk last came
    to the end, `asks_walk` that the next one should. `usual_since` bounds the
    visits that say what is usual here. `stated_total` is the source's own count,
    `heard_total` ours of the same things.
    """

    __tablename__ = "watches"
    id: Mapped[Id]
    key_hash: Mapped[bytes] = mapped_column(unique=True)  # of kind, target and brand
    kind: Mapped[str]
    target: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    brand_id: Mapped[int | None] = mapped_column(_to("brands.id"), index=True)
    is_own: Mapped[bool] = mapped_column(default=False)
    options: Mapped[Json]
    every_min: Mapped[int]
    page_cap: Mapped[int]
    added_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime] = mapped_column(index=True)
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    body_hash: Mapped[str] = mapped_column(default="")  # of the first page
    moved_to: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    last_visit_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    heard_since: Mapped[datetime | None]
    heard_until: Mapped[datetime | None]
    pace: Mapped[float] = mapped_column(default=1.0)
    streak: Mapped[int] = mapped_column(default=0)
    walked_at: Mapped[datetime | None]
    asks_walk: Mapped[bool] = mapped_column(default=False)
    usual_since: Mapped[datetime | None]
    stated_total: Mapped[int | None]
    heard_total: Mapped[int | None]
    stated_stars: Mapped[Json | None]  # {"5": 20, ...}: the source's own count of each star
    heard_stars: Mapped[Json | None]


class Visits(Base):
    """One attempt on one watch; `closed_at` is set when its window is known to be complete.

    `is_walk` says that it goes to the source's end whatever is known;
    `stated_total` is the source's own count, `shape` what its items held.
    """

    __tablename__ = "visits"
    id: Mapped[Id]
    watch_id: Mapped[int] = mapped_column(_to("watches.id"))
    state: Mapped[str]  # running, ended, abandoned
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    is_first_import: Mapped[bool]
    outcome: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    status: Mapped[int | None]
    requests: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    edited: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    unreadable: Mapped[int] = mapped_column(default=0)
    overlap: Mapped[int] = mapped_column(default=0)  # items known from closed windows
    met_known: Mapped[bool] = mapped_column(default=False)  # the walk ended on a known item
    oldest_at: Mapped[datetime | None]  # the oldest posted_at met
    newest_at: Mapped[datetime | None]
    is_walk: Mapped[bool] = mapped_column(default=False)
    stated_total: Mapped[int | None]
    shape: Mapped[Json | None]  # {"items": 20, "stars": 19, ...}: what its first page held
    __table_args__ = (
        Index(None, "watch_id", "started_at"),
        Index(None, "state"),
        Index(None, "ended_at"),
    )


class VisitPages(Base):
    """The keys on each page of a visit, in the source's order: 8 bytes each, hashed."""

    __tablename__ = "visit_pages"
    visit_id: Mapped[int] = mapped_column(_to("visits.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    keys: Mapped[bytes]
    is_whole: Mapped[bool]  # nothing of it was cut or unreadable


class Gaps(Base):
    """A stretch that a watch may have missed; at most one per watch is still retried.

    `since` is None when nothing was known before. A gap that cannot be closed
    any more (`is_final`) stays and is told.
    """

    __tablename__ = "gaps"
    id: Mapped[Id]
    watch_id: Mapped[int] = mapped_column(_to("watches.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(_to("visits.id", cascade=False))
    since: Mapped[datetime | None]
    until: Mapped[datetime]
    reason: Mapped[str]  # unfinished, cap, no-overlap, away, repeated, cut, short
    tries: Mapped[int] = mapped_column(default=0)
    is_final: Mapped[bool] = mapped_column(default=False)  # not retried any more
    opened_at: Mapped[datetime]


class Bodies(Base):
    """Response bodies, zstd, one row per content."""

    __tablename__ = "bodies"
    body_hash: Mapped[str] = mapped_column(primary_key=True)
    zstd: Mapped[bytes]
    size: Mapped[int]
    stored_at: Mapped[datetime]


class Captures(Base):
    """One response as it came: what a reader needs to read it again; once per address and body."""

    __tablename__ = "captures"
    id: Mapped[Id]
    key_hash: Mapped[bytes] = mapped_column(unique=True)  # of source, url and body
    watch_id: Mapped[int | None] = mapped_column(_to("watches.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(_to("visits.id", cascade=False), index=True)
    source: Mapped[str]
    url: Mapped[str]
    status: Mapped[int]
    headers: Mapped[Json]
    body_hash: Mapped[str] = mapped_column(_to("bodies.body_hash"), index=True)
    fetched_at: Mapped[datetime]  # when this body came first
    met_at: Mapped[datetime] = mapped_column(index=True)  # when it came last


class Mentions(Base):
    """The facts of each mention; identity is (`source`, `key`), unique by hash.

    `dated_at` is the time it is listed under: posted_at, or seen_at when it has
    none or one in the future. `seen_at` is when it became known, `changed_at`
    when its content last changed, `gone_at` since when no source shows it any
    more. Of the copies in one cluster all but the first known are `is_copy`.
    """

    __tablename__ = "mentions"
    id: Mapped[Id]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    source: Mapped[str]
    key: Mapped[str]
    source_kind: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    author: Mapped[str]
    posted_at: Mapped[datetime | None]
    posted_precision: Mapped[str | None]
    edited_at: Mapped[datetime | None]
    dated_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    stars: Mapped[float | None]
    stars_native: Mapped[float | None]
    scale_low: Mapped[float | None]
    scale_high: Mapped[float | None]
    feedback_kind: Mapped[str]
    speaker: Mapped[str]
    product: Mapped[str]
    variation: Mapped[str]
    reach: Mapped[int | None]
    likes: Mapped[int | None]
    parent: Mapped[str]
    language: Mapped[str]
    damage: Mapped[str]
    is_keyless: Mapped[bool]
    content_hash: Mapped[str]
    gone_at: Mapped[datetime | None]
    cluster_id: Mapped[int | None] = mapped_column(_to("clusters.id", cascade=False))
    is_copy: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index(None, "dated_at", "id"),
        Index(None, "source"),
        Index(None, "source_kind"),
        Index(
            "ix_mentions_cluster_id",
            "cluster_id",
            sqlite_where=sql("cluster_id IS NOT NULL"),
            postgresql_where=sql("cluster_id IS NOT NULL"),
        ),
    )


class Clusters(Base):
    """One text that several sources carry: the copies are the mentions that name it."""

    __tablename__ = "clusters"
    id: Mapped[Id]
    made_at: Mapped[datetime]


class Sketches(Base):
    """The values of each longer text's sketch, by which near copies are found.

    No foreign key: what is left of a mention that was erased is dropped by `store.copies`.
    """

    __tablename__ = "sketches"
    value: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = ({"sqlite_with_rowid": False},)


class MentionVersions(Base):
    """What a mention said before it was edited."""

    __tablename__ = "mention_versions"
    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), index=True)
    content_hash: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    author: Mapped[str]
    stars: Mapped[float | None]
    posted_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    since: Mapped[datetime]
    until: Mapped[datetime]


class Sightings(Base):
    """Through which watch a mention was met, first by which visit, and what it said there.

    `missed` counts the walks in a row that should have met it and did not; from
    `gone_at` on it counts as gone from there.
    """

    __tablename__ = "sightings"
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), primary_key=True)
    watch_id: Mapped[int] = mapped_column(_to("watches.id"), primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(_to("visits.id", cascade=False), index=True)
    content_hash: Mapped[str]
    seen_at: Mapped[datetime]
    missed: Mapped[int] = mapped_column(default=0)
    gone_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "watch_id", "seen_at"),)


class SeenKeys(Base):
    """Keys of items that matched no brand: remembered for overlap, their content not kept."""

    __tablename__ = "seen_keys"
    watch_id: Mapped[int] = mapped_column(_to("watches.id"), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(_to("visits.id", cascade=False), index=True)
    seen_at: Mapped[datetime]


class Tombstones(Base):
    """Identities of what was erased: it is never taken in again."""

    __tablename__ = "tombstones"
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime]


class Matches(Base):
    """A mention is about a brand: by which term, whose voice, and the flag if it has one.

    `dated_at` is the mention's own, repeated here so that a brand's newest are read in order.
    """

    __tablename__ = "matches"
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), primary_key=True)
    brand_id: Mapped[int] = mapped_column(_to("brands.id"), primary_key=True)
    term: Mapped[str]
    role: Mapped[str]  # customer, seller, brand, press
    severity: Mapped[str | None]
    rule: Mapped[str | None]
    flag_reasons: Mapped[Json]  # [{"code": ..., "words": ...}]
    flagged_at: Mapped[datetime | None]
    dismissed_as: Mapped[str] = mapped_column(default="")  # not-us, not-negative: people said so
    dated_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "brand_id", "dated_at", "mention_id"),
        Index(
            "ix_matches_flagged",
            "brand_id",
            "dated_at",
            "mention_id",
            sqlite_where=sql("severity IS NOT NULL"),
            postgresql_where=sql("severity IS NOT NULL"),
        ),
    )


class Verdicts(Base):
    """What we think of a mention, per model; exactly one is the current one."""

    __tablename__ = "verdicts"
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
    language: Mapped[str]
    score: Mapped[float]
    p_negative: Mapped[float | None]
    label: Mapped[str]
    kind: Mapped[str]
    aspects: Mapped[Json]
    causes: Mapped[Json]
    reasons: Mapped[Json]
    is_damaged: Mapped[bool]
    mismatch: Mapped[str] = mapped_column(default="")  # "stars 5, text negative"
    spam: Mapped[float] = mapped_column(default=0.0)
    spam_sign: Mapped[str] = mapped_column(default="")
    judged_at: Mapped[datetime]
    __table_args__ = (
        Index(
            "uq_verdicts_current",
            "mention_id",
            unique=True,
            sqlite_where=sql("is_current"),
            postgresql_where=sql("is_current"),
        ),
    )


class Cases(Base):
    """One per brand and flagged mention; `state` and the rest are the fold of its events."""

    __tablename__ = "cases"
    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(_to("brands.id"))
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), index=True)
    severity: Mapped[str]
    state: Mapped[str]
    assignee: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    target_at: Mapped[datetime]
    snoozed_until: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # the first answer
    resolved_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("brand_id", "mention_id"),
        Index(None, "state", "target_at"),
    )


class CaseEvents(Base):
    """What happened to a case; rows are added, never changed."""

    __tablename__ = "case_events"
    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(_to("cases.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    who: Mapped[str]
    note: Mapped[str]
    until: Mapped[datetime | None]


class Corrections(Base):
    """What people said of a flag: useful, not-negative, not-us, late."""

    __tablename__ = "corrections"
    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), index=True)
    brand_id: Mapped[int] = mapped_column(_to("brands.id"))
    opinion: Mapped[str]
    who: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("mention_id", "brand_id", "opinion"),)


class Deliveries(Base):
    """The outbox: one message to one recipient by one channel; `key` makes a retry the same."""

    __tablename__ = "deliveries"
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[str]
    channel: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)  # None: sent or dead
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


class Digests(Base):
    """One digest of one brand for one recipient, written before it is sent.

    `period` is "day" or "week"; `local_date` the day, or the last day of the week.
    """

    __tablename__ = "digests"
    id: Mapped[Id]
    recipient: Mapped[str]
    brand_id: Mapped[int] = mapped_column(_to("brands.id"))
    period: Mapped[str] = mapped_column(default="day")
    local_date: Mapped[date]
    written_at: Mapped[datetime]
    delivery_id: Mapped[int | None] = mapped_column(_to("deliveries.id", cascade=False))
    __table_args__ = (UniqueConstraint("recipient", "brand_id", "period", "local_date"),)


class Quarantine(Base):
    """Items that could not be read, with the reason."""

    __tablename__ = "quarantine"
    id: Mapped[Id]
    item_hash: Mapped[bytes] = mapped_column(unique=True)
    watch_id: Mapped[int | None] = mapped_column(_to("watches.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(_to("visits.id", cascade=False))
    source: Mapped[str]
    key: Mapped[str]
    url: Mapped[str]
    code: Mapped[str]
    words: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class Leases(Base):
    """Who holds a named right, and until when."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class Answers(Base):
    """The measured answers of a survey mention."""

    __tablename__ = "answers"
    mention_id: Mapped[int] = mapped_column(_to("mentions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[str]
    value: Mapped[float]
    scale_low: Mapped[float]
    scale_high: Mapped[float]
    question: Mapped[str]


class DailyFigures(Base):
    """Imported behaviour figures: one value per source, local day and metric."""

    __tablename__ = "daily_figures"
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)  # of source, day and metric
    source: Mapped[str]
    day: Mapped[str] = mapped_column(index=True)  # ISO local date, as the file says it
    metric: Mapped[str]
    value: Mapped[float]
    brand_id: Mapped[int | None] = mapped_column(_to("brands.id"))
    seen_at: Mapped[datetime]


class Models(Base):
    """Learned models as files; of each language at most one is promoted and not retired."""

    __tablename__ = "models"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    body: Mapped[bytes]
    figures: Mapped[Json]  # what it was learned from, and how it did against its champion
    made_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class EngineDays(Base):
    """What the engine of the settings was asked on one day (UTC), and whether it is heard.

    `calls` are those of the budget, `heard` the second opinions it gave, `raised` the flags
    that came of them; `waiting` mentions have none yet since `spent_at` or `failed_at`.
    """

    __tablename__ = "engine_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    heard: Mapped[int] = mapped_column(default=0)
    raised: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)  # in a row that failed
    spent_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(default="")
    failed_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
