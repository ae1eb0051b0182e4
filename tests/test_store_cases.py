"""Cases, the outbox, digests, brands, captures and what is let go."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select
from store_pages import BRAND, NOW, RULES, item, page

from cases.case import EventKind, State, fold
from cases.flag import Flag, Severity
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.mention import Mention
from ingest.visit import Outcome, VisitFacts
from scoring.verdict import Verdict
from store import brands, captures, cases, digests, mentions, outbox, watches
from store.engine import Store
from store.intake import take_in
from store.ledger import begin_visit, coverage, end_visit
from store.mentions import Filter
from store.outbox import Message
from store.retention import Keep, let_go
from store.tables import Base, Bodies, Captures, Corrections, Deliveries, Sightings, Visits

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def by_first_word(mention: Mention, verdict: Verdict, brand: str) -> Flag | None:
    return Flag(severity=Severity(mention.text.split()[0]), rule="thử")


@pytest.fixture
def three(store: Store) -> Store:
    brands.save(store, Brand(name=BRAND, answer_within_h=4))
    texts = {"1": "normal chậm", "2": "urgent cháy", "3": "high đổi trả"}
    rules = {**RULES, "flag": by_first_word}
    take_in(store, [page(*(item(k, t) for k, t in texts.items()))], **rules, now=NOW)  # type: ignore[arg-type]
    return store


def number(store: Store, severity: str) -> int:
    rows = cases.listing(store, now=NOW, only_open=False)
    return next(each.id for each in rows if each.severity == severity)


def size(store: Store, table: type[Base]) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_the_most_urgent_case_comes_first_with_its_target(three: Store) -> None:
    rows = cases.listing(three, now=NOW)
    assert [each.severity for each in rows] == ["urgent", "high", "normal"]
    assert [each.target_at - NOW for each in rows] == [HOUR, 4 * HOUR, 4 * HOUR]
    assert {each.state for each in rows} == {State.NEEDS_ANSWER}
    assert (rows[0].text, rows[0].brand) == ("urgent cháy", BRAND)


def test_what_was_answered_is_not_asked_for_again(three: Store) -> None:
    urgent = number(three, "urgent")
    cases.answer(three, urgent, who="Mai", now=NOW + HOUR, note="đã gọi khách")
    rows = cases.listing(three, now=NOW + HOUR)
    assert [each.severity for each in rows] == ["high", "normal", "urgent"]
    assert mentions.count(three, Filter(needs_answer=True)) == 2
    cases.resolve(three, urgent, who="Mai", now=NOW + HOUR)
    assert urgent not in [each.id for each in cases.listing(three, now=NOW + HOUR)]
    cases.reopen(three, urgent, who="Lan", now=NOW + DAY)
    assert cases.listing(three, now=NOW + DAY)[0].id == urgent


def test_a_case_is_the_fold_of_its_events(three: Store) -> None:
    urgent = number(three, "urgent")
    cases.assign(three, urgent, to="Mai", now=NOW)
    cases.answer(three, urgent, who="Mai", now=NOW + HOUR)
    cases.tell(three, urgent, who="Mai", now=NOW + 2 * HOUR, note="đã đổi nắp mới")
    cases.resolve(three, urgent, who="Mai", now=NOW + 3 * HOUR)
    cases.undo(three, urgent, who="Mai", now=NOW + 4 * HOUR)
    row, events = cases.show(three, urgent, now=NOW + DAY)
    made = fold(events)
    assert [each.kind for each in events] == [
        EventKind.OPENED, EventKind.ASSIGNED, EventKind.ANSWERED, EventKind.TOLD,
        EventKind.RESOLVED, EventKind.UNDONE,
    ]  # fmt: skip
    assert (row.state, row.assignee) == (made.state, made.assignee) == (State.WAITING, "Mai")
    assert (row.answered_at, row.resolved_at) == (made.answered_at, made.resolved_at)
    assert row.answered_at == NOW + HOUR


def test_a_snoozed_case_sleeps_until_its_time(three: Store) -> None:
    urgent = number(three, "urgent")
    cases.snooze(three, urgent, until=NOW + DAY, who="Mai", now=NOW)
    assert cases.listing(three, now=NOW)[-1].state is State.SNOOZED
    assert mentions.count(three, Filter(needs_answer=True, now=NOW)) == 2
    awake = cases.listing(three, now=NOW + DAY)[0]
    assert (awake.id, awake.state) == (urgent, State.NEEDS_ANSWER)
    assert mentions.count(three, Filter(needs_answer=True, now=NOW + DAY)) == 3


@pytest.mark.parametrize(
    ("opinion", "state", "listed", "flagged"),
    [
        ("useful", State.NEEDS_ANSWER, 3, 3),
        ("late", State.NEEDS_ANSWER, 3, 3),
        ("not-negative", State.RESOLVED, 3, 2),
        ("not-us", State.RESOLVED, 2, 2),
    ],
)
def test_what_people_think_of_a_flag_is_kept_and_respected(
    three: Store, opinion: str, state: State, listed: int, flagged: int
) -> None:
    row, _ = cases.show(three, number(three, "urgent"), now=NOW)
    for _ in range(2):
        assert cases.correct(three, row.mention_id, opinion, who="Mai", now=NOW) == 1
    assert cases.show(three, row.id, now=NOW)[0].state is state
    assert mentions.count(three, Filter()) == listed
    assert mentions.count(three, Filter(is_flagged=True)) == flagged
    assert size(three, Corrections) == 1


def test_a_dismissal_can_be_undone(three: Store) -> None:
    row, _ = cases.show(three, number(three, "urgent"), now=NOW)
    cases.correct(three, row.mention_id, "not-us", who="Mai", now=NOW)
    cases.undo(three, row.id, who="Mai", now=NOW)
    assert mentions.count(three, Filter(is_flagged=True)) == 3
    assert cases.show(three, row.id, now=NOW)[0].state is State.NEEDS_ANSWER


def test_wrong_numbers_and_opinions_are_said(three: Store) -> None:
    with pytest.raises(ConfigError, match="77: there is no such case"):
        cases.show(three, 77, now=NOW)
    with pytest.raises(ConfigError, match="no such case"):
        cases.resolve(three, 77, who="Mai", now=NOW)
    with pytest.raises(ConfigError, match="no such mention"):
        cases.correct(three, 77, "useful", who="Mai", now=NOW)
    with pytest.raises(ConfigError, match="not-negative"):
        cases.correct(three, 1, "hay", who="Mai", now=NOW)


def test_a_brand_comes_back_as_it_was_saved(store: Store) -> None:
    brand = Brand(
        name="Lúa Mây", queries=('"lúa mây" nồi', "luamay"), zone="America/New_York",
        language="vi", own_authors=("Lúa Mây",), own_hosts=("luamay.example",),
        recipients=("mai@luamay.example",), digest_at=time(6, 30), answer_within_h=2.5,
        old_after_days=3, aspects=(("steam", "hơi nước", "steam"),),
    )  # fmt: skip
    first = brands.save(store, Brand(name="Lúa Mây", queries=("cũ",)))
    assert brands.save(store, brand) == first
    assert brands.listing(store) == [brand]
    assert brands.find(store, "LÚA MÂY") == brand
    assert brands.find(store, "Bếp Sen") is None


def message(key: str, recipient: str = "mai@luamay.example") -> Message:
    return Message(key=key, recipient=recipient, channel="smtp", body="Chào buổi sáng")


def add(store: Store, *messages: Message) -> None:
    with store.write() as connection:
        outbox.add(connection, messages, now=NOW)


def test_a_message_is_sent_once_and_a_key_is_one_message(store: Store) -> None:
    add(store, message("a"), message("b"))
    add(store, message("a"))
    first, second = outbox.claim(store, holder="x", now=NOW)
    assert [first.message.key, second.message.key] == ["a", "b"]
    assert outbox.claim(store, holder="y", now=NOW) == []
    outbox.mark_sent(store, first.id, now=NOW)
    later = outbox.claim(store, holder="y", now=NOW + HOUR)
    assert [each.message.key for each in later] == ["b"]


def test_a_failed_message_is_tried_again_ever_more_rarely_then_given_up(store: Store) -> None:
    add(store, message("a"))
    now, pauses = NOW, []
    while found := outbox.claim(store, holder="x", now=now):
        if not outbox.mark_failed(store, found[0].id, error="máy chủ bận", now=now):
            break
        with store.read() as connection:
            again = connection.execute(select(Deliveries.next_try_at)).scalar_one()
        pauses.append((again - now) // timedelta(minutes=1))
        assert outbox.claim(store, holder="x", now=again - timedelta(seconds=1)) == []
        now = again
    assert pauses[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(pauses[7:]) == {60}
    assert now - NOW >= 72 * HOUR
    left = outbox.backlog(store)
    assert (left.waiting, left.dead, left.last_error) == (0, 1, "máy chủ bận")
    assert outbox.retry_dead(store, now=now) == 1
    assert len(outbox.claim(store, holder="x", now=now)) == 1


def test_a_time_the_receiver_names_is_waited_for(store: Store) -> None:
    add(store, message("a"))
    (found,) = outbox.claim(store, holder="x", now=NOW)
    outbox.mark_failed(store, found.id, error="429", now=NOW, retry_at=NOW + 2 * HOUR)
    assert outbox.claim(store, holder="x", now=NOW + HOUR) == []
    assert len(outbox.claim(store, holder="x", now=NOW + 2 * HOUR)) == 1


def test_the_digest_of_a_day_is_written_once_for_each_recipient(store: Store) -> None:
    day = date(2026, 11, 19)
    both = [message("d1:mai", "mai@x.example"), message("d1:lan", "lan@x.example")]
    assert digests.write(store, BRAND, day, messages=both[:1], now=NOW) == ["mai@x.example"]
    assert digests.write(store, BRAND, day, messages=both, now=NOW + HOUR) == ["lan@x.example"]
    assert digests.write(store, BRAND, day, messages=both, now=NOW + HOUR) == []
    assert digests.write(
        store, "Bếp Sen", day, messages=[message("d2:mai", "mai@x.example")], now=NOW
    )
    assert digests.written(store, BRAND, day) == {"mai@x.example": NOW, "lan@x.example": NOW + HOUR}
    assert digests.written(store, "không có", day) == {}
    assert digests.last_date(store, BRAND, "mai@x.example") == day
    assert digests.last_date(store, BRAND, "ai@x.example") is None
    assert len(outbox.claim(store, holder="x", now=NOW + HOUR)) == 3


def test_a_capture_comes_back_byte_for_byte(store: Store) -> None:
    fetched, filled = page(item(1, "ế ộ ữ"))
    take_in(store, [(fetched, filled)], **RULES, now=NOW)  # type: ignore[arg-type]
    with store.read() as connection:
        capture_id = connection.execute(select(Captures.id)).scalar_one()
    kept = captures.find(store, capture_id)
    assert kept is not None
    assert kept.fetched == fetched
    assert captures.find(store, capture_id + 1) is None


def visited(store: Store, watch_id: int, days_ago: int, *keys: str) -> None:
    now = NOW - days_ago * DAY
    visit_id = begin_visit(store, watch_id, now=now)
    pages = [
        page(*(item(key) for key in keys), url=f"https://x.example/{days_ago}", fetched_at=now)
    ]
    take_in(store, pages, **RULES, now=now, watch_id=watch_id, visit_id=visit_id)  # type: ignore[arg-type]
    end_visit(store, visit_id, VisitFacts(outcome=Outcome.OK, is_complete=True), now=now)


def test_old_captures_and_visits_go_but_mentions_and_what_is_known_stay(store: Store) -> None:
    watch_id = watches.add(store, "tiki", "91", now=NOW)
    visited(store, watch_id, 400, "a", "b")
    visited(store, watch_id, 2, "c", "a")
    gone = let_go(store, Keep(), now=NOW)
    assert (gone.captures, gone.visits) == (1, 1)
    assert [size(store, each) for each in (Captures, Bodies, Visits, Sightings)] == [1, 1, 1, 3]
    assert mentions.count(store, Filter()) == 3
    assert captures.of_watch(store, watch_id) != []
    visit_id = begin_visit(store, watch_id, now=NOW)
    intake = take_in(
        store, [page(item("b"))], **RULES, now=NOW, watch_id=watch_id, visit_id=visit_id
    )  # type: ignore[arg-type]
    assert not intake.go_on
    assert coverage(store, watch_id).since is not None


def test_captures_stay_within_their_size(store: Store) -> None:
    watch_id = watches.add(store, "tiki", "91", now=NOW)
    for day in (3, 2, 1):
        visited(store, watch_id, day, f"k{day}", "a")
    with store.write() as connection:
        size_of_all = connection.scalar(select(func.sum(func.length(Bodies.zstd))))
        assert captures.drop_over(connection, bytes_at_most=size_of_all) == 0
        assert captures.drop_over(connection, bytes_at_most=size_of_all - 1) == 1
        left = connection.scalars(select(Captures.url).order_by(Captures.fetched_at)).all()
    assert left == ["https://x.example/2", "https://x.example/1"]
