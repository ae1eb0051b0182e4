"""The ledger's bench: what happens on a site, what goes wrong on the way, and what came of it.

A run visits one small shop (`paged_source`) that changes before each visit; some
visits meet a fault. Calm weeks follow. The bench knows what was on the site
all the while, so it can say what was lost, called gone wrongly, or kept quiet.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from paged_source import START, Refused, Review, Shop, Watcher, filled, moved

from ingest.errors import SourceDown
from store.engine import Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YOUNG = 6  # visits after which something is usual
PAUSE = 60 * HOUR  # between two visits of the calm weeks: a walk to the end comes each week

Told = dict[str, Any]
Happening = Callable[[Shop, int, random.Random], None]
Spoil = Callable[[int, Told], Told | bytes | SourceDown | Refused]
Fault = Callable[[Shop, random.Random], Spoil]


# What happens on the site between two visits.


def grows(shop: Shop, n: int, chance: random.Random) -> None:
    """Up to three new reviews, some of the same second."""
    for extra in range(chance.randrange(4)):
        shop.add(1000 * (n + 1) + extra)


def floods(shop: Shop, n: int, chance: random.Random) -> None:
    """More comes between two visits than one page holds."""
    for extra in range(shop.page_size * 2 + 3):
        shop.add(1000 * (n + 1) + 500 + extra)


def late(shop: Shop, n: int, chance: random.Random) -> None:
    """A review that waited for approval appears deep in the list, under its old time."""
    if n % 4 == 3:
        at = chance.randrange(len(shop.reviews) // 2, len(shop.reviews) + 1)
        shop.add(50_000 + n, ago=4 * DAY, at=at)


def same_second(shop: Shop, n: int, chance: random.Random) -> None:
    for extra in range(4 if n % 3 == 0 else 0):
        shop.add(60_000 + n * 10 + extra)


def undated(shop: Shop, n: int, chance: random.Random) -> None:
    shop.reviews.insert(0, Review(70_000 + n, None))


def reordered(shop: Shop, n: int, chance: random.Random) -> None:
    """The site sorts by what it thinks helpful: any order, each day another."""
    chance.shuffle(shop.reviews)


def redated(shop: Shop, n: int, chance: random.Random) -> None:
    """An edited review moves to the top under a new time, another one sinks under an old."""
    if n % 3 == 0 and shop.reviews:
        up = chance.randrange(len(shop.reviews))
        shop.reviews.insert(0, moved(shop.reviews.pop(up), shop.now))
    if n % 5 == 0 and len(shop.reviews) > 12:
        down = shop.reviews.pop(chance.randrange(10))
        shop.reviews.insert(len(shop.reviews) - 3, moved(down, START - 30 * DAY))


def pinned(shop: Shop, n: int, chance: random.Random) -> None:
    """One old review stands on top of all, each week another one."""
    shop.reviews.sort(key=lambda each: each.at or START, reverse=True)
    shop.reviews.insert(0, shop.reviews.pop(-1 - n // 7 % 3))


def edited(shop: Shop, n: int, chance: random.Random) -> None:
    at = chance.randrange(len(shop.reviews))
    shop.reviews[at] = replace(shop.reviews[at], edits=n + 1)


def deletes(shop: Shop, n: int, chance: random.Random) -> None:
    if n % 3 == 1 and len(shop.reviews) > 12:
        shop.reviews.pop(chance.randrange(len(shop.reviews)))


def skewed(shop: Shop, n: int, chance: random.Random) -> None:
    """The site's clock is hours ahead or behind, and not the same on each day."""
    shop.add(80_000 + n, ago=timedelta(hours=chance.uniform(-30, 30)))


HAPPENINGS: Sequence[Happening] = (
    floods, late, same_second, undated, reordered, redated, pinned, edited, deletes, skewed,
)  # fmt: skip


# What goes wrong on the way, for one visit.


def loops(shop: Shop, chance: random.Random) -> Spoil:
    """Page 2 leads back to page 1."""
    return lambda page, told: {**told, "next": 1, "end": False} if page == 2 else told


def repeats(shop: Shop, chance: random.Random) -> Spoil:
    """Every page holds what page 1 held."""
    kept: dict[int, Told] = {}

    def spoil(page: int, told: Told) -> Told:
        kept[page] = told
        return {**kept[1], "next": told["next"], "end": told["end"]} if page > 1 else told

    return spoil


def stays_empty(shop: Shop, chance: random.Random) -> Spoil:
    """From page 3 on there is nothing, with status 200 and no word of an end."""
    nothing = {"rows": [], "end": False, "next": None}
    return lambda page, told: {**told, **nothing} if page > 2 else told


def empties(shop: Shop, chance: random.Random) -> Spoil:
    return lambda page, told: {**told, "rows": [], "next": None} if page == 2 else told


def first_is_empty(shop: Shop, chance: random.Random) -> Spoil:
    return lambda page, told: {**told, "rows": [], "next": None, "end": True}


def cuts(shop: Shop, chance: random.Random) -> Spoil:
    """A page ends in the middle."""
    at = chance.choice([1, 2])

    def spoil(page: int, told: Told) -> Told | bytes:
        few = {**told, "rows": told["rows"][: shop.page_size // 2]}
        return b"CUT" + json.dumps(few).encode() if page == at else told

    return spoil


def speaks_an_error(shop: Shop, chance: random.Random) -> Spoil:
    """A bridge sends its error message as a review."""
    row = {"id": "bridge-403", "text": "Bridge returned error 403! (20406)", "at": None, "stars": 1}
    return lambda page, told: {"rows": [row], "next": None, "end": True}


def forbids(shop: Shop, chance: random.Random) -> Spoil:
    """A refusal that looks like content: two old reviews, and the status 403."""
    at = chance.choice([1, 2])

    def spoil(page: int, told: Told) -> Told | Refused:
        few = {**told, "rows": told["rows"][-2:], "next": None, "end": True}
        return Refused(403, json.dumps(few).encode()) if page == at else told

    return spoil


def asks_for_a_login(shop: Shop, chance: random.Random) -> Spoil:
    page_of_login = b"<html><form action='/login'><input type='password'></form></html>"
    at = chance.choice([1, 2])
    return lambda page, told: page_of_login if page == at else told


def breaks(shop: Shop, chance: random.Random) -> Spoil:
    at = chance.choice([1, 2, 3])
    return lambda page, told: SourceDown("timed out") if page == at else told


def hides_a_language(shop: Shop, chance: random.Random) -> Spoil:
    """Only what is written in English is shown, and counted."""

    def spoil(page: int, told: Told) -> Told:
        shown = [each.row() for each in shop.shown() if "rice cooker" in each.text]
        first = (page - 1) * shop.page_size
        rows, has_more = shown[first : first + shop.page_size], len(shown) > page * shop.page_size
        whole = {"rows": rows, "next": page + 1 if has_more else None, "end": not has_more}
        return {**told, **whole, **({"total": len(shown)} if "total" in told else {})}

    return spoil


def shifts(shop: Shop, chance: random.Random) -> Spoil:
    """Reviews come and go while pages are asked for, so that the pages shift."""
    steps = {page: chance.choice([-1, 1, 2]) for page in range(2, 30)}
    made = chance.randrange(1_000_000, 9_000_000)

    def between(page: int) -> None:
        step = steps.get(page, 0)
        if step < 0 and len(shop.reviews) > shop.page_size * page:
            shop.reviews.pop(chance.randrange(shop.page_size))
            shop.slipped.add(shop.reviews[(page - 1) * shop.page_size - 1].key)
        for extra in range(max(step, 0)):
            shop.add(made + 10 * page + extra)

    shop.between = between
    return lambda page, told: told


FAULTS: Sequence[Fault] = (
    loops, repeats, stays_empty, empties, first_is_empty, cuts, speaks_an_error, forbids,
    asks_for_a_login, breaks, hides_a_language, shifts,
)  # fmt: skip


@dataclass
class Tally:
    """How a run went; `silent` are visits after which items were missing for the second
    time, and nobody was told: an item that slips between two pages shows at the next visit."""

    reachable: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    falsely_gone: set[str] = field(default_factory=set)
    short: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    visits: int = 0

    @property
    def lost(self) -> set[str]:
        return self.reachable - self.heard

    @property
    def faults(self) -> tuple[set[str], set[str], list[int]]:
        """What must be empty: lost, called gone wrongly, kept quiet."""
        return self.lost, self.falsely_gone, self.silent


@dataclass
class Bench:
    """One shop under faults, visited again and again; `step` is one visit."""

    watcher: Watcher
    chance: random.Random
    tally: Tally = field(default_factory=Tally)
    slow: set[str] = field(default_factory=set)  # came in among the known: a whole walk meets them
    untold: set[str] = field(default_factory=set)  # missed by the last visit, which told nobody

    @property
    def shop(self) -> Shop:
        return self.watcher.shop

    def here(self) -> set[str]:
        return {each.key for each in self.shop.shown()}

    def happen(self, n: int, happenings: Sequence[Happening]) -> None:
        """Let the site change."""
        before = self.here()
        for each in happenings:
            each(self.shop, n, self.chance)
        above = 0
        for key in (each.key for each in self.shop.shown()):
            above += key in before
            self.slow |= {key} - before if above > 1 else set()

    def step(self, n: int, *, after: timedelta, fault: Fault | None, is_killed: bool) -> None:
        """Visit once, perhaps through a fault or killed half way, and take stock."""
        shop, watcher, tally = self.shop, self.watcher, self.tally
        was_gone, was_here = watcher.gone(), self.here()
        shop.spoil = fault(shop, self.chance) if fault else None
        if is_killed:
            watcher.killed(after=after, at=self.chance.choice([1, 2]))
        else:
            watcher.visit(after=after)
        shop.spoil = shop.between = None
        here = self.here()
        tally.visits += 1
        tally.deleted = (tally.deleted | (was_here - here)) - here
        tally.reachable |= here
        missing = (here & was_here) - watcher.stored().keys()
        if not shop.states_total:  # nothing on any page tells of it
            self.slow |= shop.slipped
        self.slow &= missing
        if missing - self.slow:
            tally.short.append(n)
        untold = set() if watcher.is_loss_told else missing - self.slow
        tally.silent += [n] if untold & self.untold else []
        self.untold = untold
        tally.falsely_gone |= (watcher.gone() - was_gone) & here & was_here

    def end(self) -> Tally:
        """Sum up: reachable is what stood on the site at the end, or was shown before."""
        tally = self.tally
        tally.heard = set(self.watcher.stored())
        tally.reachable = self.here() | (tally.reachable & tally.heard)
        tally.gone = self.watcher.gone()
        tally.falsely_gone |= tally.gone & self.here()
        return tally


def run(
    store: Store,
    shop: Shop,
    *,
    happenings: Sequence[Happening] = (grows,),
    faults: Sequence[Fault] = (),
    visits: int = 8,
    calm: int = 6,
    faulty: Callable[[int], bool] = lambda n: n % 4 in (1, 2),
    kills: float = 0.0,
    clock_jumps: float = 0.0,
    seed: int = 1,
) -> Tally:
    """Visit `shop` through happenings and faults, then through calm weeks."""
    chance = random.Random(seed)
    bench = Bench(Watcher(store, shop, page_cap=200), chance)
    for n in range(visits + calm):
        is_calm = n >= visits
        before = bench.here()
        bench.happen(n, (grows,) if is_calm else (grows, *happenings))
        bench.tally.deleted |= before - bench.here()
        fault = chance.choice(faults) if faults and not is_calm and faulty(n) else None
        if fault is hides_a_language and n < YOUNG:
            fault = None  # what a source always hid, nobody can miss
        after = PAUSE if is_calm else timedelta(hours=chance.uniform(3, 30))
        if not is_calm and chance.random() < clock_jumps:
            after = timedelta(hours=chance.choice([-2, 26]))
        bench.step(n, after=after, fault=fault, is_killed=not is_calm and chance.random() < kills)
    return bench.end()


def drawn(store: Store, seed: int) -> tuple[Tally, str]:
    """Run what a seed draws: a shop, what happens there, what goes wrong; and its name."""
    chance = random.Random(seed)
    shop = Shop(
        page_size=chance.choice([5, 10, 20]),
        states_total=chance.random() < 0.5,
        states_end=chance.random() < 0.8,
    )
    filled(shop, chance.choice([8, 25, 60]))
    happenings = chance.sample(HAPPENINGS, chance.choice([1, 2]))
    faults = chance.sample(FAULTS, chance.choice([1, 2, 3]))
    kills, jumps = chance.choice([0.0, 0.1]), chance.choice([0.0, 0.1])
    odd = random.Random(seed + 1)
    tally = run(
        store, shop, happenings=happenings, faults=faults, visits=14, calm=12,
        faulty=lambda n: odd.random() < 0.35, kills=kills, clock_jumps=jumps, seed=seed,
    )  # fmt: skip
    names = "+".join(each.__name__ for each in (*happenings, *faults))
    kind = f"{shop.page_size} a page, {'counted' if shop.states_total else 'uncounted'}"
    kind += "" if shop.states_end else ", endless"
    return tally, f"seed {seed}: {kind}, {names}, kills {kills}, jumps {jumps}"
