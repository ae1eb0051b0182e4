"""Social sources, forums and chats: what their samples do not show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawlers.asking import asked_for
from crawlers.registry import all_sources, recognise, source_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceDown, SourceError
from ingest.mention import FeedbackKind, Mention
from ingest.normalise import normalise_page
from ingest.page import Fetched, Page
from ingest.visit import Order

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
ADDRESSES = [
    ("https://www.reddit.com/search/?q=l%C3%BAa+m%C3%A2y&sort=new", "reddit", "lúa mây"),
    ("https://old.reddit.com/r/VietNam/", "reddit", "r/VietNam"),
    ("https://www.reddit.com/r/x/comments/1ab2/a_title/", "reddit", "comments/1ab2"),
    ("https://www.youtube.com/watch?v=LuaMay_0001&t=3s", "youtube", "video/LuaMay_0001"),
    ("https://youtu.be/LuaMay_0001?si=x", "youtube", "video/LuaMay_0001"),
    ("https://m.youtube.com/shorts/LuaMay_0001", "youtube", "video/LuaMay_0001"),
    (
        "https://www.youtube.com/feeds/videos.xml?channel_id=UCLuaMay_aaaaaaaaaaaaaaa",
        "youtube",
        "channel/UCLuaMay_aaaaaaaaaaaaaaa",
    ),
    ("https://www.facebook.com/luamay.bep/", "facebook", "luamay.bep"),
    ("https://facebook.com/100/posts/777?x=1", "facebook", "100_777/comments"),
    ("https://m.facebook.com/story.php?story_fbid=7&id=100", "facebook", "100_7/comments"),
    ("https://www.instagram.com/explore/tags/L%C3%BAaM%C3%A2y/", "instagram", "hashtag/lúamây"),
    ("https://x.com/search?q=%22l%C3%BAa%20m%C3%A2y%22&f=live", "x", '"lúa mây"'),
    ("https://twitter.com/luamay", "x", "@luamay"),
    ("https://x.com/luamay/status/19/photo/1", "x", "conversation_id:19"),
    ("https://www.threads.net/search?q=n%E1%BB%93i+c%C6%A1m", "threads", "nồi cơm"),
    ("https://t.me/s/kitchentests", "telegram_channel", "kitchentests"),
    ("https://t.me/bepnhaminh/12", "telegram_channel", "bepnhaminh"),
    ("https://bsky.app/search?q=lua%20may", "bluesky", "lua may"),
    ("https://lemmy.world/c/vietnam", "lemmy", "lemmy.world/c/vietnam"),
    (
        "https://stackoverflow.com/questions/tagged/luamay",
        "stackexchange",
        "stackoverflow/[luamay]",
    ),
    ("https://cooking.stackexchange.com/search?q=n%E1%BB%93i", "stackexchange", "cooking/nồi"),
    ("https://talk.bep.example/t/noi-com/640/3", "discourse", "https://talk.bep.example/t/640"),
    ("https://meta.discourse.org/", "discourse", "https://meta.discourse.org"),
    ("https://voz.vn/f/diem-bao.33/", "xenforo", "https://voz.vn/f/diem-bao.33/"),
    (
        "https://voz.vn/t/noi-com.88/page-4#post-9",
        "xenforo",
        "https://voz.vn/t/noi-com.88/",
    ),
    (
        "https://api.gdeltproject.org/api/v2/doc/doc?query=l%C3%BAa+m%C3%A2y&mode=artlist",
        "gdelt",
        "lúa mây",
    ),
]
NOT_READ = [
    ("https://www.facebook.com/groups/hoibep/", "facebook"),
    ("https://www.instagram.com/explore/tags/luamay/", "instagram"),
    ("https://www.youtube.com/@luamay", "youtube"),
    ("https://www.tiktok.com/@luamay/video/756", "tiktok"),
]


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


@pytest.mark.parametrize(("url", "kind", "target"), ADDRESSES)
def test_an_address_is_recognised_and_its_target_can_be_read(
    url: str, kind: str, target: str
) -> None:
    assert recognise(url) == (kind, target)
    if kind != "instagram":
        source_of(kind).check_target(target)


@pytest.mark.parametrize(("url", "kind"), NOT_READ)
def test_an_address_that_no_program_may_read_is_told_with_the_next_step(
    url: str, kind: str
) -> None:
    found = recognise(url)
    assert found is not None
    assert found[0] == kind
    with pytest.raises(ConfigError) as fault:
        source_of(kind).check_target(found[1])
    assert fault.value.next_step


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com/user/ricewonk/",
        "https://x.com/home",
        "https://t.me/+AbCdEf",
        "https://bep.example/t/1",
        "https://www.facebook.com/",
        "https://bsky.app/profile/luamay.example",
        "https://lemmy.world/post/1",
        "https://stackoverflow.com/users/1",
        "https://www.threads.net/",
    ],
)
def test_other_addresses_are_left_to_other_sources(url: str) -> None:
    found = recognise(url)
    assert found is None or found[0] in ("page", "feed", "discourse")


@pytest.mark.parametrize(
    ("kind", "target", "options", "name", "value"),
    [
        ("reddit", "lúa mây", {"token": "abc"}, "Authorization", "Bearer abc"),
        ("youtube", "video/LuaMay_0001", {"key": "abc"}, "X-Goog-Api-Key", "abc"),
        ("youtube", "video/LuaMay_0001", {"token": "abc"}, "Authorization", "Bearer abc"),
        ("facebook", "luamay", {"token": "abc"}, "Authorization", "Bearer abc"),
        ("instagram", "17/media", {"token": "abc"}, "Authorization", "Bearer abc"),
        ("threads", "lua may", {"token": "abc"}, "Authorization", "Bearer abc"),
        ("x", "nồi lúa mây", {"token": "abc"}, "Authorization", "Bearer abc"),
        ("bluesky", "lua may", {"token": "abc"}, "Authorization", "Bearer abc"),
    ],
)
def test_a_key_is_sent_in_a_header_and_in_no_address(
    kind: str, target: str, options: dict[str, str], name: str, value: str
) -> None:
    source, asked = source_of(kind), order(kind, target, **options)
    ask = source.sign(source.first(asked), asked, now=SEEN)
    assert dict(ask.headers)[name] == value
    assert "abc" not in ask.url
    assert set(options) <= set(source.keys)


@pytest.mark.parametrize("kind", ["youtube", "facebook", "instagram", "threads", "x", "bluesky"])
def test_without_a_key_nothing_is_asked(kind: str) -> None:
    target = {"youtube": "video/LuaMay_0001", "instagram": "17/media"}.get(kind, "luamay")
    source, asked = source_of(kind), order(kind, target)
    with pytest.raises(ConfigError, match="earful connect"):
        source.sign(source.first(asked), asked, now=SEEN)


def test_searches_keep_only_what_matches_and_own_places_keep_all() -> None:
    own = {source.kind for source in all_sources() if source.matches_by_construction}
    assert {"facebook", "instagram", "youtube", "telegram", "tiktok"} <= own
    searches = {"reddit", "x", "threads", "bluesky", "lemmy", "discourse", "xenforo", "gdelt"}
    assert own.isdisjoint(searches | {"stackexchange", "telegram_channel"})


# Reddit


def test_reddit_is_asked_by_its_feeds_where_no_token_is() -> None:
    source = source_of("reddit")
    for target, place in (
        ("nồi cơm", "/search.rss?q=n%E1%BB%93i%20c%C6%A1m&sort=new"),
        ("r/VietNam", "/r/VietNam/new/.rss?"),
        ("comments/1ab", "/comments/1ab/.rss?"),
    ):
        asked = order("reddit", target)
        ask = source.sign(source.first(asked), asked, now=SEEN)
        assert ask.url.startswith(f"https://www.reddit.com{place}")
        assert "Authorization" not in dict(ask.headers)


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("lúa mây", "/r/all/search?q=l%C3%BAa%20m%C3%A2y&sort=new"),
        ("r/VietNam", "/r/VietNam/new?"),
        ("comments/1ab", "/comments/1ab?sort=new"),
    ],
)
def test_reddit_is_asked_by_its_api_with_a_token(target: str, place: str) -> None:
    ask = source_of("reddit").first(order("reddit", target, token="t"))
    assert ask.url.startswith(f"https://oauth.reddit.com{place}")
    assert "raw_json=1" in ask.url


def test_reddit_feed_entries_have_the_keys_of_the_api() -> None:
    entry = (
        "<entry><author><name>/u/{who}</name></author><id>{id}</id>"
        '<content type="html">&lt;!-- SC_OFF --&gt;&lt;p&gt;{text}&lt;/p&gt;</content>'
        '<link href="https://www.reddit.com/r/x/comments/1ab/noi/{rest}"/>'
        "<updated>2026-11-09T05:00:00+00:00</updated><title>{text}</title></entry>"
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        + entry.format(who="cohai", id="t1_pxa", text="Nồi kêu rè rè", rest="pxa/")
        + entry.format(who="ricewonk", id="t3_1ab", text="Lua May cooker", rest="")
        + entry.format(who="may", id="https://old/id", text="Old form", rest="old1/")
        + "</feed>"
    )
    found = mentions("reddit", fetched(body, "https://www.reddit.com/r/x/new/.rss"))
    assert [each.key for each in found] == ["t1_pxa", "t3_1ab", "t1_old1"]
    assert [each.parent for each in found] == ["t3_1ab", "", "t3_1ab"]
    assert [each.author for each in found] == ["cohai", "ricewonk", "may"]
    assert found[0].text == "Nồi kêu rè rè"
    assert {each.source for each in found} == {"reddit"}


def comment(name: str, body: str, *, replies: object = "", author: str | None = "a") -> object:
    row = {
        "name": name, "id": name[3:], "body": body, "author": author, "created_utc": 1794225900.0,
        "edited": True, "parent_id": "t3_1ab", "link_id": "t3_1ab", "replies": replies,
    }  # fmt: skip
    return {"kind": "t1", "data": row}


def listing(*children: object) -> dict[str, object]:
    return {"kind": "Listing", "data": {"after": None, "children": list(children)}}


def test_reddit_replies_follow_their_comment_and_folded_ones_leave_the_end_open() -> None:
    more = {"kind": "more", "data": {"count": 3, "children": ["x"]}}
    inner = listing(comment("t1_b", "Nồi <tốt> lắm"), more)
    page = source_of("reddit").read(
        fetched([listing(), listing(comment("t1_a", "Good", replies=inner))])
    )
    assert [item.key for item in page.items] == ["t1_a", "t1_b"]
    assert not page.is_end
    found, _ = normalise_page(page, fetched_at=SEEN)
    assert found[1].text == "Nồi <tốt> lắm"
    assert found[1].edited_at is None  # edited, but it is not said when
    assert found[1].url == "https://www.reddit.com/comments/1ab/_/b/"


def test_a_removed_reddit_comment_is_left_out_and_counted() -> None:
    page = source_of("reddit").read(
        fetched(listing(comment("t1_a", "[removed]", author=None), comment("t1_b", "Còn đây")))
    )
    found, problems = normalise_page(page, fetched_at=SEEN)
    assert [each.key for each in found] == ["t1_b"]
    assert [(each.code, each.key) for each in problems] == [("bad-item", "t1_a")]


@pytest.mark.parametrize(
    "body", [{"message": "Unauthorized", "error": 401}, [1, 2], {"data": {"x": 1}}, "{"]
)
def test_an_answer_of_reddit_without_a_listing_is_said(body: object) -> None:
    with pytest.raises(SourceError):
        source_of("reddit").read(fetched(body))


def test_an_ended_reddit_token_is_said_with_the_next_step() -> None:
    fault = source_of("reddit").refusal(fetched({"error": 401}, status=401))
    assert fault is not None
    assert fault.next_step == "earful connect reddit"
    assert source_of("reddit").refusal(fetched("", status=429)) is None


# YouTube


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("commentsDisabled", "comments are switched off"),
        ("videoNotFound", "no such video"),
        ("quotaExceeded", "units of today are used up"),
        ("somethingNew", "Not allowed"),
    ],
)
def test_youtube_says_in_words_why_it_refuses(reason: str, words: str) -> None:
    error = {"code": 403, "message": "<b>Not</b> allowed", "errors": [{"reason": reason}]}
    answer = fetched({"error": error}, status=403)
    with pytest.raises(SourceBlocked, match=words):
        source_of("youtube").read(answer)
    assert words in str(source_of("youtube").refusal(answer))


def test_spent_units_come_back_at_midnight_in_california() -> None:
    error = {"code": 403, "message": "", "errors": [{"reason": "quotaExceeded"}]}
    fault = source_of("youtube").refusal(fetched({"error": error}, status=403))
    assert isinstance(fault, SourceBlocked)
    assert fault.retry_at == datetime(2026, 11, 11, 8, 0, tzinfo=UTC)


def test_a_server_fault_of_youtube_is_a_change_of_the_site() -> None:
    with pytest.raises(SourceChanged, match="backendError"):
        source_of("youtube").read(
            fetched(
                {"error": {"code": 500, "message": "x", "errors": [{"reason": "backendError"}]}}
            )
        )
    assert source_of("youtube").refusal(fetched("<html>", status=503)) is None


@pytest.mark.parametrize("status", [404, 500])
def test_a_channel_feed_that_is_gone_for_a_moment_is_asked_again(status: int) -> None:
    source = source_of("youtube")
    url = source.first(order("youtube", "channel/UCLuaMay_aaaaaaaaaaaaaaa")).url
    fault = source.refusal(fetched("Not Found", url, status=status))
    assert isinstance(fault, SourceDown)
    assert "asked again" in fault.next_step
    assert source.refusal(fetched("", url, status=403)) is None


def test_a_channel_feed_needs_no_key_and_tells_views_and_likes() -> None:
    source, asked = source_of("youtube"), order("youtube", "channel/UCLuaMay_aaaaaaaaaaaaaaa")
    ask = source.first(asked)
    assert source.sign(ask, asked, now=SEEN) == ask
    one = (
        "<entry><id>yt:video:{id}</id><yt:videoId>{id}</yt:videoId><title>{title}</title>"
        '<link rel="alternate" href="https://www.youtube.com/watch?v={id}"/>'
        "<author><name>Bếp</name></author><published>2026-11-09T02:00:00+00:00</published>"
        "<updated>2026-11-10T02:00:00+00:00</updated><media:group>"
        "<media:description>Thử nồi</media:description>{counts}</media:group></entry>"
    )
    counts = (
        '<media:community><media:starRating count="31" average="5.00" min="1" max="5"/>'
        '<media:statistics views="1204"/></media:community>'
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
        + one.format(id="LuaMay_0002", title="Lua May unboxed", counts="")
        + one.format(id="LuaMay_0001", title="Nồi Lúa Mây", counts=counts)
        + "</feed>"
    )
    found = mentions("youtube", fetched(body, ask.url))
    assert [(each.key, each.reach, each.likes) for each in found] == [
        ("LuaMay_0002", None, None),
        ("LuaMay_0001", 1204, 31),
    ]
    assert found[1].edited_at is None
    assert found[1].feedback_kind is FeedbackKind.SOCIAL


def test_youtube_replies_are_asked_by_their_comment() -> None:
    url = source_of("youtube").first(order("youtube", "replies/Ugz01")).url
    assert url.startswith("https://www.googleapis.com/youtube/v3/comments?")
    assert "Ugz01" in url
    snippet = {
        "textDisplay": "Máy <b>tốt</b> &amp; rẻ", "parentId": "Ugz01", "likeCount": 1,
        "publishedAt": "2026-11-09T02:00:00Z", "updatedAt": "2026-11-09T02:00:00Z",
    }  # fmt: skip
    page = fetched({"items": [{"id": "Ugz01.a", "snippet": snippet}]}, url.partition("&text")[0])
    (found,) = mentions("youtube", page)
    assert (found.text, found.parent, found.url) == ("Máy tốt & rẻ", "Ugz01", "")


# X


def test_x_finds_nothing_without_a_fault() -> None:
    page = source_of("x").read(fetched({"meta": {"result_count": 0}}))
    assert page == Page(source="x", is_end=True)


@pytest.mark.parametrize(
    "answer",
    [
        {"title": "Unauthorized", "detail": "Unauthorized", "status": 401},
        {"errors": [{"message": "'query' đã quá dài"}], "title": "Invalid Request", "status": 400},
    ],
)
def test_x_says_why_it_refuses(answer: dict[str, object]) -> None:
    with pytest.raises(SourceBlocked, match="X refuses"):
        source_of("x").read(fetched(answer))
    assert source_of("x").refusal(fetched(answer, status=400)) is not None
    assert source_of("x").refusal(fetched(answer, status=429)) is None
    assert source_of("x").refusal(fetched("<html>", status=503)) is None


def test_an_answer_of_x_in_another_shape_is_said() -> None:
    for body in ([], {"statuses": []}, {"meta": {"result_count": 3}}):
        with pytest.raises(SourceChanged):
            source_of("x").read(fetched(body))


def test_an_x_post_without_its_fields_has_the_time_of_its_id() -> None:
    number = str((int(SEEN.timestamp() * 1000) - 1_288_834_974_657) << 22)
    rows = [{"id": number, "text": "nồi &amp; chảo"}, {"id": "20", "text": "just setting up"}]
    found = mentions("x", fetched({"data": rows, "meta": {"result_count": 2}}))
    assert (found[0].posted_at, found[0].text) == (SEEN, "nồi & chảo")
    assert found[1].posted_at is None
    assert found[0].url == f"https://x.com/i/web/status/{number}"


def test_a_long_x_post_is_read_to_its_end() -> None:
    row = {"id": "20", "text": "Nồi Lúa Mây…", "note_tweet": {"text": "Nồi Lúa Mây hỏng hai lần."}}
    (found,) = mentions("x", fetched({"data": [row], "meta": {}}))
    assert found.text == "Nồi Lúa Mây hỏng hai lần."


def test_a_mastodon_server_gets_its_own_token_and_a_search_needs_one() -> None:
    source, tag = source_of("mastodon"), order("mastodon", "a.example/luamay")
    ask = source.first(tag)
    assert source.sign(ask, tag, now=SEEN) is ask
    keyed = replace(tag, options={"token": "abc"})
    assert dict(source.sign(ask, keyed, now=SEEN).headers)["Authorization"] == "Bearer abc"
    search = order("mastodon", "a.example/search:lúa mây")
    with pytest.raises(ConfigError, match="earful connect mastodon"):
        source.sign(source.first(search), search, now=SEEN)


@pytest.mark.parametrize(("found", "offset"), [(40, "80"), (39, "")])
def test_a_mastodon_search_is_paged_by_place(found: int, offset: str) -> None:
    search = order("mastodon", "a.example/search:lúa mây")
    url = f"{source_of('mastodon').first(search).url}&offset=40"
    person = {"acct": "may"}
    posts = [
        {
            "id": n, "reblog": None, "account": person, "url": None, "uri": f"https://a.example/{n}",
            "spoiler_text": "", "content": "nồi lúa mây", "created_at": "2026-11-10T01:00:00Z",
        }
        for n in range(found)
    ]  # fmt: skip
    page = source_of("mastodon").read(fetched({"statuses": posts, "accounts": []}, url))
    assert (asked_for(page.next.url, "offset") if page.next else "") == offset
    assert page.is_end == (not offset)
