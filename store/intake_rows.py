"""The rows of one take-in, table by table; each method is one statement for all rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, insert, literal, select, update

from cases.case import EventKind, State
from cases.clock import target_at
from cases.flag import Flag
from ingest.brand import USUAL_ASPECTS, Brand
from ingest.mention import Figure
from scoring.verdict import Verdict
from store import cases, copies, search
from store.batch import BadItem, Item, Weighed
from store.facts import (
    answer_rows,
    content_row,
    match_row,
    mention_row,
    searched_texts,
    verdict_row,
)
from store.known import KnownMention, WatchFacts
from store.sql import Row, chunks, insert_new, key_hash, table_of, upsert
from store.tables import (
    Answers,
    CaseEvents,
    Cases,
    DailyFigures,
    Matches,
    Mentions,
    MentionVersions,
    Quarantine,
    SeenKeys,
    Sightings,
    Verdicts,
)

FLAG_COLUMNS = ("term", "role", "severity", "rule", "flag_reasons", "flagged_at")
DATED = update(table_of(Matches)).values(
    dated_at=select(Mentions.dated_at).where(Mentions.id == Matches.mention_id).scalar_subquery()
)
VERSION_COLUMNS = ("content_hash", "title", "text", "author", "stars", "posted_at", "edited_at")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one take-in through one connection, inside the caller's transaction."""

    connection: Connection
    watch: WatchFacts
    brand_ids: Mapping[str, int]
    brands: Mapping[str, Brand]
    now: datetime

    def write_new_facts(self, items: Sequence[Item]) -> None:
        """Insert mentions that are not stored yet."""
        kind = self.watch.kind
        rows = [mention_row(each, source_kind=kind, now=self.now) for each in items]
        insert_new(self.connection, Mentions, rows)

    def write_edited_facts(
        self, edited: Sequence[tuple[int, Item]], *, told_anew: Set[int]
    ) -> None:
        """Write what the mentions say now; of those told anew, keep what they said as a version."""
        if not edited:
            return
        copies.forget(self.connection, [number for number, _ in edited])
        for some in chunks(sorted(told_anew)):
            before = select(
                Mentions.id,
                *(getattr(Mentions, name) for name in VERSION_COLUMNS),
                Mentions.changed_at,
                literal(self.now, MentionVersions.until.type),
            ).where(Mentions.id.in_(some))
            names = ["mention_id", *VERSION_COLUMNS, "since", "until"]
            self.connection.execute(insert(MentionVersions).from_select(names, before))
        for some in chunks(number for number, _ in edited):
            self.connection.execute(delete(Verdicts).where(Verdicts.mention_id.in_(some)))
            self.connection.execute(delete(Answers).where(Answers.mention_id.in_(some)))
        rows = [{"id_": number, **content_row(item, now=self.now)} for number, item in edited]
        for row in rows:
            row["dated_at"] = row["posted_at"]
        # Never later than it was seen, as when it was new.
        posted = bindparam("dated_at", type_=Mentions.dated_at.type)
        dated = case((posted < Mentions.seen_at, posted), else_=Mentions.seen_at)
        changed = update(table_of(Mentions)).where(Mentions.id == bindparam("id_"))
        columns: Row = {each: bindparam(each) for each in rows[0].keys() - {"id_", "dated_at"}}
        self.connection.execute(changed.values({**columns, "dated_at": dated}), rows)
        self.write_search(edited, again=True)

    def write_search(self, items: Sequence[tuple[int, Item]], *, again: bool = False) -> None:
        """Put the mentions' words into the search index."""
        texts = [(number, searched_texts(item.mention)) for number, item in items]
        search.index(self.connection, texts, again=again)

    def write_sightings(self, items: Sequence[tuple[int, Item]]) -> None:
        """Note that this watch met the mentions, and what it said of them."""
        if self.watch.watch_id is None:
            return
        rows = [
            {
                "mention_id": number,
                "watch_id": self.watch.watch_id,
                "visit_id": self.watch.visit_id,
                "content_hash": item.content_hash,
                "seen_at": self.now,
            }
            for number, item in items
        ]
        upsert(
            self.connection, Sightings, rows,
            by=("mention_id", "watch_id"), change=("content_hash",),
        )  # fmt: skip

    def write_verdicts(self, verdicts: Iterable[tuple[int, Verdict | None]]) -> None:
        """Write the current verdicts; what staff says has none."""
        rows = [
            verdict_row(number, verdict, now=self.now)
            for number, verdict in verdicts
            if verdict is not None
        ]
        insert_new(self.connection, Verdicts, rows)

    def add_own_aspects(self, met: Iterable[tuple[int, Weighed]]) -> None:
        """Add what a brand wants to hear of to verdicts of mentions that were another's only."""
        for number, each in met:
            told = each.verdict.aspects if each.verdict is not None else ()
            own = [aspect._asdict() for aspect in told if aspect.name not in USUAL_ASPECTS]
            if not own:
                continue
            current = (Verdicts.mention_id == number) & Verdicts.is_current
            known = self.connection.scalar(select(Verdicts.aspects).where(current)) or []
            if more := [aspect for aspect in own if aspect not in known]:
                changed = update(table_of(Verdicts)).where(current)
                self.connection.execute(changed.values(aspects=[*known, *more]))

    def write_answers(self, items: Iterable[tuple[int, Item]]) -> None:
        """Write the survey answers."""
        rows = [row for number, item in items for row in answer_rows(number, item.mention)]
        insert_new(self.connection, Answers, rows)

    def write_matches(self, weighed: Sequence[tuple[int, Weighed]], *, renew: set[int]) -> None:
        """Write the matches with their flags; those of `renew` are decided anew."""
        rows = [
            match_row(number, self.brand_ids[hit.brand], hit, each, now=self.now)
            for number, each in weighed
            for hit in {hit.brand: hit for hit in each.hits}.values()
        ]
        insert_new(self.connection, Matches, [r for r in rows if r["mention_id"] not in renew])
        anew = [row for row in rows if row["mention_id"] in renew]
        upsert(self.connection, Matches, anew, by=("mention_id", "brand_id"), change=FLAG_COLUMNS)

    def date_matches(self, mention_ids: Iterable[int]) -> None:
        """Give the matches of mentions that were known before the time their mention is under."""
        for some in chunks(mention_ids):
            self.connection.execute(DATED.where(Matches.mention_id.in_(some)))

    def write_cases(
        self, weighed: Sequence[tuple[int, Weighed]], *, new: set[int], renew: set[int]
    ) -> int:
        """Open a case for each flag that has none yet; return how many flags there are.

        Copies of one post have one case between them.
        Old items of a first import open none. Mentions in `new` can have none yet; of
        those in `renew` a resolved case opens again.
        """
        flags = [
            (number, each.item, brand, flag)
            for number, each in weighed
            for brand, flag in each.flags.items()
        ]
        wanted = {
            (number, self.brand_ids[brand]): self._case_row(number, brand, flag)
            for number, item, brand, flag in flags
            if not self._is_old_news(item, brand)
        }
        there = self._cases_of({number for number, _ in wanted} - new)
        known = [there[pair] for pair in wanted if pair in there and pair[0] in renew]
        cases.reopen_edited(self.connection, known, now=self.now)
        rows = self._one_a_cluster([row for pair, row in wanted.items() if pair not in there])
        insert_new(self.connection, Cases, rows)
        opened = self._cases_of({row["mention_id"] for row in rows})
        events = [self._opening(opened[row["mention_id"], row["brand_id"]]) for row in rows]
        if events:
            self.connection.execute(insert(CaseEvents), events)
        return len(flags)

    def write_unmatched(self, items: Sequence[Item]) -> None:
        """Remember the keys of what is about no brand, so that a later visit knows them."""
        if self.watch.watch_id is None:
            return
        rows: list[Row] = [
            {
                "watch_id": self.watch.watch_id,
                "key_hash": each.key_hash,
                "visit_id": self.watch.visit_id,
                "seen_at": self.now,
            }
            for each in items
        ]
        insert_new(self.connection, SeenKeys, rows)

    def _is_old_news(self, item: Item, brand: str) -> bool:
        if not self.watch.is_first_import or item.mention.posted_at is None:
            return False
        days = self.brands.get(brand, Brand(name=brand)).old_after_days
        return item.mention.posted_at < self.now - timedelta(days=days)

    def _cases_of(self, mention_ids: set[int]) -> dict[tuple[int, int], int]:
        found: dict[tuple[int, int], int] = {}
        for some in chunks(sorted(mention_ids)):
            asked = select(Cases.mention_id, Cases.brand_id, Cases.id)
            for mention_id, brand_id, number in self.connection.execute(
                asked.where(Cases.mention_id.in_(some))
            ):
                found[mention_id, brand_id] = number
        return found

    def _one_a_cluster(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows without those whose post is a copy of one that has a case already."""
        clusters = copies.clusters_of(self.connection, {row["mention_id"] for row in rows})
        if not clusters:
            return list(rows)
        taken = cases.clusters_with_cases(self.connection, set(clusters.values()))
        found = []
        for row in sorted(rows, key=lambda row: int(row["mention_id"])):
            pair = (clusters.get(row["mention_id"]), row["brand_id"])
            if pair not in taken:
                found.append(row)
            if pair[0] is not None:
                taken.add(pair)
        return found

    def _case_row(self, mention_id: int, brand: str, flag: Flag) -> Row:
        within_h = self.brands.get(brand, Brand(name=brand)).answer_within_h
        return {
            "brand_id": self.brand_ids[brand],
            "mention_id": mention_id,
            "severity": flag.severity,
            "state": State.NEEDS_ANSWER,
            "assignee": "",
            "opened_at": self.now,
            "target_at": target_at(self.now, flag.severity, answer_within_h=within_h),
        }

    def _opening(self, case_id: int) -> Row:
        event = {"at": self.now, "kind": EventKind.OPENED, "who": "", "note": "", "until": None}
        return {"case_id": case_id, **event}


def refresh_counts(
    connection: Connection, known: Mapping[bytes, KnownMention], items: Iterable[Item]
) -> None:
    """Write likes and reach where they moved: they change without making an edit."""
    moved = []
    for item in items:
        found = known.get(item.key_hash)
        if found is None:
            continue
        likes, reach = (
            before if told is None else told
            for told, before in (
                (item.mention.likes, found.likes), (item.mention.reach, found.reach),
            )
        )  # fmt: skip
        if (likes, reach) != (found.likes, found.reach):
            moved.append({"id_": found.id, "likes": likes, "reach": reach})
    if moved:
        changed = update(table_of(Mentions)).where(Mentions.id == bindparam("id_"))
        moving: Row = {"likes": bindparam("likes"), "reach": bindparam("reach")}
        connection.execute(changed.values(moving), moved)


def write_bad_items(
    connection: Connection, bad: Sequence[BadItem], *, watch: WatchFacts, now: datetime
) -> None:
    """Put items that could not be read into quarantine, once each, with the reason."""
    rows = [
        {
            "item_hash": each.item_hash,
            "watch_id": watch.watch_id,
            "visit_id": watch.visit_id,
            "source": each.source,
            "key": each.problem.key,
            "url": each.url,
            "code": each.problem.code,
            "words": each.problem.words,
            "seen_at": now,
        }
        for each in sorted(bad, key=lambda each: each.item_hash)
    ]
    insert_new(connection, Quarantine, rows)


def write_figures(
    connection: Connection,
    figures: Sequence[tuple[str, Figure]],
    *,
    watch: WatchFacts,
    now: datetime,
) -> None:
    """Write daily behaviour figures; a later file corrects an earlier one."""
    rows = {
        key_hash(source, figure.day, figure.metric): {
            "source": source,
            "day": figure.day,
            "metric": figure.metric,
            "value": figure.value,
            "brand_id": watch.brand_id,
            "seen_at": now,
        }
        for source, figure in figures
    }
    ordered = [{"key_hash": each, **rows[each]} for each in sorted(rows)]
    upsert(connection, DailyFigures, ordered, by=("key_hash",), change=("value", "seen_at"))
