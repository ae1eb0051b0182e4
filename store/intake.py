"""The only door into the store: pages of a crawl, a feed, a file or a replay are taken in.

Normalising, matching, judging and flagging happen before the transaction, and only
for what the store does not know yet; then one short transaction keeps everything,
in the order of the keys, so that taking the same pages in again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, select

from ingest.brand import Brand
from ingest.page import Fetched, Page
from store import absences, brands, copies, seeding, windows
from store.batch import Batch, Decide, Hit, Item, Judge, Match, Weighed, gather, weigh
from store.captures import keep
from store.counts import Counts
from store.engine import Store
from store.intake_rows import Writer, refresh_counts, write_bad_items, write_figures
from store.known import (
    IDENTITIES,
    Known,
    WatchFacts,
    by_identity,
    is_newest_first,
    look_up,
    meets_known,
    watch_facts,
)
from store.sql import chunks, lock_sources
from store.tables import Mentions

__all__ = ["Hit", "Intake", "Rules", "take_again", "take_in"]


class Rules(TypedDict):
    """How a mention is matched, judged and flagged: what `take_in` is given by name."""

    match: Match
    judge: Judge
    flag: Decide


IDS = select(Mentions.key_hash, Mentions.id).where(Mentions.key_hash.in_(IDENTITIES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake(Counts):
    """What one take-in came to, in items; `keys` are those read, in the pages' order.

    seen = new + edited + same + unmatched + unreadable + doubled. `go_on` is
    False when the pages, newest first, overlap what their watch knew from closed
    windows, unless this visit is to walk to the source's end.
    """

    doubled: int = 0
    flagged: int = 0
    keys: tuple[str, ...] = ()
    go_on: bool = True


def take_in(
    store: Store,
    pages: Sequence[tuple[Fetched, Page]],
    *,
    match: Match,
    judge: Judge,
    flag: Decide,
    now: datetime,
    watch_id: int | None = None,
    visit_id: int | None = None,
) -> Intake:
    """Keep what `pages` say, together or not at all, and return what that came to.

    `match` names the brands a mention is about, `judge` its verdict, `flag` the
    flag for one brand by its name. Raises StoreError when the database refuses.
    """
    batch = gather(pages, now=now)
    with store.read() as connection:
        watch = watch_facts(connection, watch_id, visit_id)
        known = look_up(connection, batch.items, watch_id)
        habits = brands.habits(connection)
    has_watch = watch_id is not None
    weighed = [
        weigh(item, match=match, judge=judge, flag=flag, brands=habits)
        for item in by_identity(batch.items)
        if not known.is_settled(item, has_watch=has_watch)
    ]
    with store.write() as connection:
        lock_sources(connection, {each.item.mention.source for each in weighed})
        # Another writer may have been faster since the first look.
        again = look_up(connection, (each.item.key_hash for each in weighed), None)
        known.add_stored(again)
        intake = _write(connection, weighed, known=known, watch=watch, habits=habits, now=now)
        met_known = any(meets_known(page, batch.items, known, watch) for page in batch.walked)
        intake = _with_counts(intake, batch, known)
        met_known &= watch.is_ordered and all(
            is_newest_first(page, batch.items) for page in batch.walked
        )
        intake = replace(intake, go_on=watch.is_walk or not met_known)
        missed = [found.id for found in known.mentions.values() if found.was_missed]
        absences.take_back(connection, watch.watch_id, missed)
        refresh_counts(connection, known.mentions, by_identity(batch.items))
        _keep_the_rest(connection, batch, watch, now)
        windows.note_pages(connection, watch, intake, batch=batch, met_known=met_known, now=now)
    return intake


def take_again(
    store: Store,
    batch: Batch,
    *,
    match: Match,
    judge: Judge,
    flag: Decide,
    now: datetime,
    watch_id: int,
) -> Intake:
    """Write what a later reading of the same answers says otherwise; each item of `batch` counts.

    What was told anew makes a version; other facts are only set right. No
    resolved case opens again, and nothing is said of visits, likes or what is gone.
    """
    with store.read() as connection:
        watch = watch_facts(connection, watch_id, None)
        habits = brands.habits(connection)
    items = by_identity(batch.items)
    weighed = [weigh(each, match=match, judge=judge, flag=flag, brands=habits) for each in items]
    with store.write() as connection:
        lock_sources(connection, {each.mention.source for each in items})
        known = look_up(connection, batch.items, watch_id)
        intake = _write(
            connection, weighed, known=known, watch=watch, habits=habits, now=now, is_again=True
        )
        write_bad_items(connection, batch.bad, watch=watch, now=now)
    return replace(intake, seen=len(items), keys=tuple(each.mention.key for each in items))


def _write(
    connection: Connection,
    weighed: Sequence[Weighed],
    *,
    known: Known,
    watch: WatchFacts,
    habits: dict[str, Brand],
    now: datetime,
    is_again: bool = False,
) -> Intake:
    """Write what is new, edited, met here for the first time, or matches nothing.

    With `is_again` all that is known is written anew.
    """
    new, edited, met, unmatched = _sorted_out(weighed, known, is_again=is_again)
    ids = {identity: found.id for identity, found in known.mentions.items()}
    brand_ids = brands.ensure(connection, {hit.brand for each in weighed for hit in each.hits})
    writer = Writer(connection, watch=watch, brand_ids=brand_ids, brands=habits, now=now)
    writer.write_new_facts([each.item for each in new])
    writer.write_edited_facts(
        [(ids[each.item.key_hash], each.item) for each in edited],
        told_anew={ids[each.item.key_hash] for each in edited if known.is_edited(each.item)},
    )
    ids |= _ids_of(connection, [each.item for each in new])
    told = {ids[each.item.key_hash]: each.sketched for each in new + edited}
    likely = copies.likely_copies(connection, told)
    copies.gather(connection, told, likely, now=now)
    writer.write_search([(ids[each.item.key_hash], each.item) for each in new])
    writer.write_sightings([(ids[each.item.key_hash], each.item) for each in new + edited + met])
    writer.write_verdicts([(ids[each.item.key_hash], each.verdict) for each in new + edited])
    writer.add_own_aspects([(ids[each.item.key_hash], each) for each in met])
    seeding.mark(connection, likely)
    writer.write_answers([(ids[each.item.key_hash], each.item) for each in new + edited])
    opinions = [(ids[each.item.key_hash], each) for each in new + edited + met]
    renew = {ids[each.item.key_hash] for each in edited}
    writer.write_matches(opinions, renew=renew)
    writer.date_matches([ids[each.item.key_hash] for each in edited + met])
    flagged = writer.write_cases(
        opinions,
        new={ids[each.item.key_hash] for each in new},
        renew=set() if is_again else renew,
    )
    writer.write_unmatched([each.item for each in unmatched])
    return Intake(new=len(new), edited=len(edited), unmatched=len(unmatched), flagged=flagged)


def _sorted_out(
    weighed: Sequence[Weighed], known: Known, *, is_again: bool
) -> tuple[list[Weighed], list[Weighed], list[Weighed], list[Weighed]]:
    """Return what is new, edited, only met here for the first time, and about no brand."""
    new: list[Weighed] = []
    edited: list[Weighed] = []
    met: list[Weighed] = []
    unmatched: list[Weighed] = []
    for each in weighed:
        if each.item.key_hash in known.erased:
            continue
        if each.item.key_hash not in known.mentions:
            (new if each.hits else unmatched).append(each)
        elif is_again or known.is_edited(each.item):
            edited.append(each)
        else:
            met.append(each)
    return new, edited, met, unmatched


def _with_counts(intake: Intake, batch: Batch, known: Known) -> Intake:
    distinct = len(batch.items)
    return replace(
        intake,
        seen=batch.seen,
        same=distinct - intake.new - intake.edited - intake.unmatched,
        unreadable=len(batch.bad),
        doubled=batch.doubled,
        overlap=len(known.closed),
        keys=tuple(batch.keys),
    )


def _keep_the_rest(connection: Connection, batch: Batch, watch: WatchFacts, now: datetime) -> None:
    keep(connection, batch.packed, watch_id=watch.watch_id, visit_id=watch.visit_id)
    write_bad_items(connection, batch.bad, watch=watch, now=now)
    write_figures(connection, batch.figures, watch=watch, now=now)


def _ids_of(connection: Connection, items: Sequence[Item]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for some in chunks(each.key_hash for each in items):
        rows = connection.execute(IDS, {"identities": some}).all()
        found |= {row.key_hash: row.id for row in rows}
    return found
