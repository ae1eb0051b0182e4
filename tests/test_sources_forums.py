"""Forums, chats, world news and saved comments: what their samples do not show."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.registry import source_of
from crawlers.walk import Answer, Walk
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceError
from ingest.mention import FeedbackKind, Mention
from ingest.normalise import normalise_page
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order, Outcome, VisitFacts

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
TO_MIDNIGHT = timedelta(hours=23)


def fetched(body: object, url: str = "https://bep.example/", *, status: int = 200) -> Fetched:
    is_text = isinstance(body, str | bytes)
    content = (
        body if isinstance(body, bytes) else (str(body) if is_text else json.dumps(body)).encode()
    )
    return Fetched(url=url, status=status, body=content, fetched_at=SEEN)


def order(kind: str, target: str, **options: str) -> Order:
    return Order(watch_id=1, kind=kind, target=target, options=options)


def mentions(kind: str, page: Fetched) -> list[Mention]:
    return normalise_page(source_of(kind).read(page), fetched_at=SEEN)[0]


# Forums


def test_a_discourse_forum_is_walked_over_gaps_in_its_numbers() -> None:
    source = source_of("discourse")
    ask = source.first(order("discourse", "https://talk.example"))
    assert ask.url == "https://talk.example/posts.json"
    gap = source.read(fetched({"latest_posts": []}, "https://talk.example/posts.json?before=300"))
    assert gap.next is not None
    assert gap.next.url.endswith("before=250")
    assert not gap.is_end
    start = source.read(fetched({"latest_posts": []}, "https://talk.example/posts.json?before=40"))
    assert start.next is None
    assert start.is_end


def post(number: int, **rest: object) -> dict[str, object]:
    return {
        "id": 900 + number, "post_number": number, "topic_id": 64, "topic_slug": "noi",
        "version": 1, "username": "cohai", "cooked": f"<p>Bài {number}</p>",
        "reply_to_post_number": None, "created_at": "2026-11-09T05:00:00Z",
        "updated_at": "2026-11-09T06:00:00Z", **rest,
    }  # fmt: skip


def test_a_discourse_topic_is_walked_from_its_end() -> None:
    source = source_of("discourse")
    ask = source.first(order("discourse", "https://talk.example/t/64"))
    assert "/t/64/posts.json?" in ask.url
    assert "asc=false" in ask.url
    posts = [post(21), post(22, reply_to_post_number=21), post(23, user_deleted=True)]
    page = source.read(fetched({"post_stream": {"posts": posts}, "id": 64}, ask.url))
    assert [(item.key, item.parent) for item in page.items] == [("921", "topic/64"), ("922", "921")]
    assert page.next is not None
    assert "post_number=21" in page.next.url
    last = source.read(
        fetched({"post_stream": {"posts": [post(1)]}, "title": "Nồi"}, page.next.url)
    )
    assert last.next is None
    assert last.is_end
    assert (last.items[0].title, last.items[0].edited) == ("Nồi", None)


def test_discourse_lists_and_searches_are_read_too() -> None:
    source = source_of("discourse")
    topics = {
        "users": [{"id": 1, "username": "may"}],
        "topic_list": {
            "more_topics_url": "/latest?no_definitions=true&page=1",
            "topics": [
                {
                    "id": 64, "title": "Lua May & friends", "slug": "noi", "views": 9,
                    "like_count": 2, "created_at": "2026-11-09T05:00:00Z", "last_posted_at": None,
                    "posters": [{"user_id": 1}],
                }
            ],
        },
    }  # fmt: skip
    listed = source.read(fetched(topics, "https://talk.example/latest.json"))
    assert listed.next is not None
    assert listed.next.url.endswith("latest.json?page=1")
    assert (listed.items[0].key, listed.items[0].author) == ("topic/64", "may")
    ask = source.first(order("discourse", "https://talk.example/search?q=n%E1%BB%93i"))
    assert ask.url == "https://talk.example/search.json?q=n%E1%BB%93i%20order%3Alatest"
    hit = {
        "id": 921, "post_number": 2, "topic_id": 64, "username": "cohai", "like_count": 1,
        "created_at": "2026-11-09T05:00:00Z", "blurb": "nồi kêu &hellip;",
    }  # fmt: skip
    found = {
        "posts": [hit],
        "topics": [],
        "grouped_search_result": {"more_full_page_results": True},
    }
    page = source.read(fetched(found, ask.url))
    assert page.items[0].parent == "topic/64"
    assert page.next is not None
    assert page.next.url.endswith("page=2")


@pytest.mark.parametrize("body", [[], {"errors": ["not logged in"], "error_type": "not_logged_in"}])
def test_an_answer_of_discourse_without_posts_is_said(body: object) -> None:
    with pytest.raises(SourceError):
        source_of("discourse").read(fetched(body))


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [
        ({"quota_remaining": 9}, 0),
        ({"backoff": 0.2, "quota_remaining": 9}, 0.2),
        ({"backoff": 10, "quota_remaining": 9}, 10),
        ({"backoff": 10, "quota_remaining": 0}, TO_MIDNIGHT.total_seconds()),
    ],
)
def test_stack_exchange_says_how_long_to_wait(told: dict[str, float], wait_s: float) -> None:
    answer = {"items": [], "has_more": True, **told}
    page = source_of("stackexchange").read(
        fetched(answer, "https://api.stackexchange.com/2.3/q?page=2")
    )
    assert page.wait_s == wait_s
    assert page.next is not None
    assert not page.is_end


def test_stack_exchange_is_asked_with_a_key_where_there_is_one() -> None:
    source, keyed = source_of("stackexchange"), order("stackexchange", "cooking/nồi")
    ask = source.first(keyed)
    assert source.sign(ask, keyed, now=SEEN) is ask
    signed = source.sign(ask, replace(keyed, options={"key": "k((1"}), now=SEEN)
    assert signed.url == f"{ask.url}&key=k%28%281"


def test_stack_exchange_names_the_time_when_it_may_be_asked_again() -> None:
    words = "too many requests from this IP, more requests available in 82 seconds"
    answer = {"error_id": 502, "error_name": "throttle_violation", "error_message": words}
    fault = source_of("stackexchange").refusal(fetched(answer, status=400))
    assert isinstance(fault, SourceBlocked)
    assert fault.retry_at == SEEN + timedelta(seconds=82)
    with pytest.raises(SourceChanged, match="no such site"):
        source_of("stackexchange").read(
            fetched(
                {"error_id": 400, "error_name": "bad_parameter", "error_message": "no such site"}
            )
        )
    assert source_of("stackexchange").refusal(fetched("<html>", status=503)) is None


@pytest.mark.parametrize(
    ("target", "asked"),
    [("stackoverflow/[luamay]", "questions?tagged=luamay"), ("cooking/nồi cơm", "advanced?q=n%E1")],
)
def test_stack_exchange_is_asked_by_tag_or_words(target: str, asked: str) -> None:
    assert asked in source_of("stackexchange").first(order("stackexchange", target)).url


def test_a_xenforo_forum_is_read_by_its_feed_and_a_thread_from_its_end() -> None:
    source = source_of("xenforo")
    forum = source.first(order("xenforo", "https://voz.vn/f/diem-bao.33/"))
    thread = source.first(order("xenforo", "https://voz.vn/t/noi-com.88/"))
    assert forum.url == "https://voz.vn/f/diem-bao.33/index.rss"
    assert thread.url == "https://voz.vn/t/noi-com.88/latest"
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Bếp</title>'
        "<item><title>Nồi Lúa Mây</title><pubDate>Mon, 09 Nov 2026 05:00:00 +0000</pubDate>"
        '<link>https://voz.vn/t/noi-lua-may.88/</link><guid isPermaLink="false">88</guid>'
        "<content:encoded><![CDATA[<div class='b'>Mới mua đã hỏng</div>]]></content:encoded>"
        "</item></channel></rss>"
    )
    (found,) = mentions("xenforo", fetched(body, forum.url))
    assert (found.source, found.key) == ("voz.vn", "thread/88")
    assert (found.title, found.text) == ("Nồi Lúa Mây", "Mới mua đã hỏng")
    assert found.feedback_kind is FeedbackKind.SOCIAL


def test_a_xenforo_list_names_its_threads() -> None:
    body = """<html><body><div class="structItem structItem--thread js-threadListItem-88"
      data-author="Cô Hai"><div class="structItem-title"><a href="/f/17/?prefix_id=1">Hỏi</a>
      <a href="/t/noi-lua-may.88/" data-tp-primary="on">Nồi Lúa Mây bị móp</a></div>
      <ul><li class="structItem-startDate"><a href="/t/noi-lua-may.88/"><time class="u-dt"
      datetime="2026-11-09T19:05:00+0700" data-time="1794225900">9/11/26</time></a></li></ul></div>
      <a class="pageNav-jump pageNav-jump--next" href="/f/bep.17/page-2">Next</a></body></html>"""
    page = source_of("xenforo").read(fetched(body, "https://voz.vn/f/bep.17/"))
    (found,), _ = normalise_page(page, fetched_at=SEEN)
    assert (found.key, found.title, found.author) == ("thread/88", "Nồi Lúa Mây bị móp", "Cô Hai")
    assert found.posted_at == datetime(2026, 11, 9, 12, 5, tzinfo=UTC)
    assert page.next is not None
    assert page.next.url == "https://voz.vn/f/bep.17/page-2"


def test_a_page_of_the_older_xenforo_has_local_times() -> None:
    body = """<html><body><div class="titleBar"><h1>Nồi nào tốt?</h1></div><ol>
      <li id="post-41" class="message" data-author="may_0"><div class="publicControls">
      <a href="threads/noi-nao-tot.9/#post-41" class="datePermalink">09/11/2026, 16:56</a></div>
      <div class="privateControls"><a href="threads/noi-nao-tot.9/#post-41">#1</a></div>
      <blockquote class="messageText">Cho em hỏi<div class="bbCodeQuote">cũ</div> với</blockquote>
      </li></ol></body></html>"""
    page = source_of("xenforo").read(fetched(body, "https://f.example/threads/noi-nao-tot.9/"))
    (found,), _ = normalise_page(page, fetched_at=SEEN)
    assert (found.key, found.title, found.text) == ("41", "Nồi nào tốt?", "Cho em hỏi với")
    assert found.posted_at == datetime(2026, 11, 9, 9, 56, tzinfo=UTC)
    assert found.url == "https://f.example/threads/noi-nao-tot.9/#post-41"
    assert page.is_end


def test_a_forum_page_without_posts_is_never_a_quiet_day() -> None:
    wall = "<!doctype html><title>Just a moment...</title><p>Verify you are human: captcha</p>"
    with pytest.raises(SourceBlocked):
        source_of("xenforo").read(fetched(wall))
    with pytest.raises(SourceChanged, match="neither threads nor posts"):
        source_of("xenforo").read(
            fetched("<html><p>Diễn đàn đã chuyển sang phần mềm mới</p></html>")
        )


def test_lemmy_ends_with_an_empty_page() -> None:
    source = source_of("lemmy")
    ask = source.first(order("lemmy", "lemmy.world/c/vietnam@lemmy.ml"))
    assert "post/list?community_name=vietnam@lemmy.ml" in ask.url
    page = source.read(fetched({"posts": [], "comments": []}, ask.url))
    assert page.is_end
    assert page.next is None
    with pytest.raises(SourceError):
        source.read(fetched({"error": "rate_limit_error"}, ask.url))


# Chats and news


class Counting:
    """Takes pages in, and remembers under which address each was kept."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        self.kept.append(fetched.url)
        return True

    def end(self, order: Order, facts: VisitFacts) -> None:
        raise NotImplementedError


def test_a_telegram_token_stands_in_no_kept_address_and_each_page_is_confirmed() -> None:
    chat = {"id": -7, "type": "group", "title": "Bếp"}
    update = {"update_id": 5, "message": {"message_id": 1, "date": 1794225900, "chat": chat}}
    update["message"] |= {"text": "Nồi kêu", "from": {"id": 1, "username": "cohai"}}
    sent: list[str] = []

    async def fetch(ask: Ask) -> Answer:
        sent.append(ask.url)
        rows = [] if "offset=6" in ask.url else [update]
        return Answer(fetched=fetched({"ok": True, "result": rows}, ask.url))

    taken, asked = Counting(), order("telegram", "luamay_bot", token="12:AbC")
    facts = asyncio.run(Walk(asked, source_of("telegram"), taken, fetch, now=lambda: SEEN).visit())
    assert (facts.outcome, facts.is_complete, facts.requests) == (Outcome.OK, True, 2)
    assert all("/bot12:AbC/getUpdates" in url for url in sent)
    assert "offset=6" in sent[1]
    assert not any("12:AbC" in url for url in taken.kept)


def test_telegram_names_no_token_where_one_was_given_as_the_target() -> None:
    with pytest.raises(ConfigError) as fault:
        source_of("telegram").check_target("12:AbC")
    assert "AbC" not in str(fault.value)
    asked = order("telegram", "luamay_bot", token="no token")
    ask = source_of("telegram").first(asked)
    with pytest.raises(ConfigError, match="BotFather"):
        source_of("telegram").sign(ask, asked, now=SEEN)


def test_telegram_says_why_it_refuses() -> None:
    wait = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many",
        "parameters": {"retry_after": 9},
    }
    fault = source_of("telegram").refusal(fetched(wait, status=429))
    assert isinstance(fault, SourceBlocked)
    assert fault.retry_at == SEEN + timedelta(seconds=9)
    with pytest.raises(SourceBlocked, match="Unauthorized") as ended:
        source_of("telegram").read(
            fetched({"ok": False, "error_code": 401, "description": "Unauthorized"})
        )
    assert ended.value.next_step == "earful connect telegram"
    assert source_of("telegram").refusal(fetched("<html>", status=502)) is None


def test_other_telegram_updates_are_no_mentions() -> None:
    rows = [{"update_id": 8, "poll": {"id": "1"}}]
    page = source_of("telegram").read(fetched({"ok": True, "result": rows}))
    assert page.items == ()
    assert page.problems == ()
    assert page.next is not None


def test_a_channel_without_a_preview_is_blocked_and_its_first_post_is_the_end() -> None:
    source = source_of("telegram_channel")
    with pytest.raises(SourceBlocked, match="no public preview"):
        source.read(fetched("<html><body><p>@kitchentests</p></body></html>", "https://t.me/s/k"))
    old = source.read(fetched("<html><p>x</p></html>", "https://t.me/s/kitchentests?before=4"))
    assert old.is_end
    assert old.items == ()


def test_bluesky_says_that_it_needs_a_login() -> None:
    answer = {"error": "AuthMissing", "message": "Authentication Required"}
    with pytest.raises(SourceBlocked, match="Authentication Required"):
        source_of("bluesky").read(fetched(answer))
    assert source_of("bluesky").refusal(fetched(answer, status=401)) is not None
    assert source_of("bluesky").refusal(fetched(answer, status=429)) is None
    assert source_of("bluesky").refusal(fetched("<html>", status=403)) is None
    assert source_of("bluesky").read(fetched({"posts": [], "cursor": "9"})).is_end


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Please limit requests to one every 5 seconds", SourceBlocked),
        ("Your query was too short or too long.", SourceChanged),
        ("<html><title>Error</title></html>", SourceChanged),
    ],
)
def test_gdelts_errors_with_status_200_are_errors(body: str, fault: type[SourceError]) -> None:
    with pytest.raises(fault):
        source_of("gdelt").read(fetched(body))


@pytest.mark.parametrize("body", ["{}", "", "{ }"])
def test_gdelt_finds_nothing_without_a_fault(body: str) -> None:
    assert source_of("gdelt").read(fetched(body)) == Page(source="gdelt", is_end=True, total=0)


def test_a_full_page_of_gdelt_is_not_its_end() -> None:
    row = {"url": "https://bao.example/1", "title": "Lúa Mây", "seendate": "20261109T083000Z"}
    url = "https://api.gdeltproject.org/api/v2/doc/doc?query=x&maxrecords=1"
    assert not source_of("gdelt").read(fetched({"articles": [row]}, url)).is_end


def test_a_saved_list_of_tiktok_comments_is_read() -> None:
    rows = [
        {
            "cid": "75",
            "text": "Nồi xịn",
            "create_time": 1794225900,
            "aweme_id": "9",
            "nickname": "Hai",
        },
        {"cid": "76", "text": "meh", "create_time": 1794225901, "reply_id": "75"},
    ]
    found = mentions("tiktok", fetched(rows))
    assert [(each.key, each.parent, each.author) for each in found] == [
        ("75", "9", "Hai"),
        ("76", "75", ""),
    ]
    with pytest.raises(ConfigError, match="not fetched"):
        source_of("tiktok").first(order("tiktok", "/exports"))
