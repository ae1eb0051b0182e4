"""Facebook, Instagram and Threads: what their samples do not show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.base import shortfall
from crawlers.registry import source_of
from ingest.errors import SourceBlocked, SourceChanged, SourceDown, SourceError
from ingest.mention import FeedbackKind, Mention, Speaker
from ingest.normalise import normalise_page
from ingest.page import Fetched
from ingest.visit import Order

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
GRAPH = "https://graph.facebook.com/v23.0"


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


def test_facebook_comments_without_an_id_take_it_from_their_address() -> None:
    place = "https://www.facebook.com/100/posts/777/?comment_id=88"
    rows = [
        {
            "created_time": "2026-11-09T04:10:00+0000",
            "message": "Nồi bị móp",
            "permalink_url": place,
        },
        {
            "created_time": "2026-11-09T04:20:00+0000",
            "message": "Sorry, write us",
            "permalink_url": f"{place}&reply_comment_id=89",
            "from": {"id": "100", "name": "Lúa Mây"},
        },
    ]
    found = mentions("facebook", fetched({"data": rows}, f"{GRAPH}/100_777/comments"))
    assert [(each.key, each.parent) for each in found] == [
        ("777_88", "100_777"),
        ("777_89", "777_88"),
    ]
    assert [each.speaker for each in found] == [Speaker.CUSTOMER, Speaker.STAFF]


def test_facebook_recommendations_are_thumbs_not_stars() -> None:
    rows = [
        {
            "created_time": "2026-11-09T04:10:00+0000",
            "recommendation_type": "negative",
            "review_text": "Giao sai màu",
            "open_graph_story": {"id": "5001"},
        },
        {
            "created_time": "2026-11-09T04:11:00+0000",
            "recommendation_type": "positive",
            "open_graph_story": {"id": "5002"},
        },
        {"created_time": "2018-01-09T04:11:00+0000", "rating": 4, "review_text": "Good shop"},
    ]
    found = mentions("facebook", fetched({"data": rows}, f"{GRAPH}/100/ratings"))
    assert [(each.key, each.stars) for each in found[:2]] == [("5001", 1.0), ("5002", 5.0)]
    assert found[1].feedback_kind is FeedbackKind.STARS
    assert (found[2].stars, found[2].is_keyless) == (4.0, True)


def test_a_facebook_post_without_words_is_left_out_and_counted() -> None:
    row = {"id": "100_1", "created_time": "2026-11-09T04:10:00+0000"}
    page = source_of("facebook").read(fetched({"data": [row]}, f"{GRAPH}/100/feed"))
    found, problems = normalise_page(page, fetched_at=SEEN)
    assert found == []
    assert [each.code for each in problems] == ["bad-item"]
    assert page.is_end


@pytest.mark.parametrize("kind", ["facebook", "instagram", "threads"])
@pytest.mark.parametrize(
    ("code", "fault", "step"),
    [
        (190, SourceBlocked, "earful connect"),
        (4, SourceBlocked, ""),
        (100, SourceBlocked, "mend the target"),
        (2, SourceDown, ""),
    ],
)
def test_a_graph_error_is_said_in_its_own_words(
    kind: str, code: int, fault: type[SourceError], step: str
) -> None:
    error = {"message": "Phiên đã hết hạn", "type": "OAuthException", "code": code}
    answer = fetched({"error": error}, status=400)
    with pytest.raises(fault, match="Phiên đã hết hạn") as raised:
        source_of(kind).read(answer)
    assert step in raised.value.next_step
    assert isinstance(source_of(kind).refusal(answer), fault)
    if code == 4 and isinstance(raised.value, SourceBlocked):
        assert raised.value.retry_at == SEEN + timedelta(hours=1)


def test_a_graph_error_of_no_known_type_is_a_change_and_html_is_left_to_the_status() -> None:
    with pytest.raises(SourceChanged, match="odd"):
        source_of("facebook").read(fetched({"error": {"message": "odd", "code": 9}}))
    assert source_of("facebook").refusal(fetched("<html>", status=502)) is None


def test_a_next_page_on_another_host_is_not_followed() -> None:
    answer = {"data": [], "paging": {"next": "https://elsewhere.example/v23.0/1?access_token=s"}}
    page = source_of("threads").read(fetched(answer, "https://graph.threads.net/v1.0/me/threads"))
    assert page.next is None
    assert not page.is_end


def test_an_instagram_tag_is_first_asked_for_its_number() -> None:
    source = source_of("instagram")
    ask = source.first(order("instagram", "17/hashtag/lúamây"))
    assert ask.url.endswith("/ig_hashtag_search?user_id=17&q=l%C3%BAam%C3%A2y")
    page = source.read(fetched({"data": [{"id": "178"}]}, ask.url))
    assert page.items == ()
    assert page.next is not None
    assert page.next.url.startswith(f"{GRAPH}/178/recent_media?user_id=17&fields=id,caption")
    unknown = source.read(fetched({"data": []}, ask.url))
    assert (unknown.is_end, unknown.total) == (True, 0)


def test_instagram_posts_without_a_caption_are_left_out_and_counted() -> None:
    rows = [{"id": "1", "media_type": "IMAGE"}, {"id": "2", "caption": "Nồi mới #luamay"}]
    page = source_of("instagram").read(fetched({"data": rows}, f"{GRAPH}/178/recent_media"))
    assert shortfall(page, source_of("instagram").expect) is None
    found, problems = normalise_page(page, fetched_at=SEEN)
    assert [each.key for each in found] == ["2"]
    assert [each.key for each in problems] == ["1"]


def test_an_instagram_mention_is_one_post_or_comment() -> None:
    post = {"mentioned_media": {"id": "5", "caption": "@luamay nắp vỡ"}, "id": "17"}
    said = {"id": "6", "text": "@luamay help", "timestamp": "2026-11-09T04:10:00+0000"}
    found = mentions("instagram", fetched(post)) + mentions(
        "instagram", fetched({"mentioned_comment": said, "id": "17"})
    )
    assert [(each.key, each.feedback_kind) for each in found] == [
        ("5", FeedbackKind.SOCIAL),
        ("6", FeedbackKind.COMMENT),
    ]


@pytest.mark.parametrize(
    "kind",
    ["facebook", "instagram", "threads"],
)
def test_tokens_are_blanked_in_any_spelling(kind: str) -> None:
    body = (
        r'{"a":"https:\/\/g\/?access_token=EAA.s-1\u0026x=1","b":"?appsecret_proof=EAA2&y",'
        '"c":"u%3Faccess_token%3D12%7CEAA3%26z"}'
    )
    page = fetched(body, f"{GRAPH}/1?access_token=EAA4&limit=5")
    kept = source_of(kind).scrub(page)
    assert b"EAA" not in kept.body
    assert "EAA" not in kept.url
    assert json.loads(kept.body)["a"] == "https://g/?access_token=-&x=1"
    assert kept.url.endswith("limit=5")
    assert replace(kept, url="", body=b"") == replace(page, url="", body=b"")


@pytest.mark.parametrize("kind", ["facebook", "instagram"])
@pytest.mark.parametrize("comments", [{"data": 7}, {"data": ["bình luận"]}])
def test_a_frame_in_another_shape_is_a_change_of_the_site(kind: str, comments: object) -> None:
    row = {"id": "100_1", "comments": comments, "replies": comments, "text": "Nồi", "timestamp": 5}
    with pytest.raises(SourceChanged, match=r"known shape|cannot be read|no field"):
        source_of(kind).read(fetched({"data": [row]}, f"{GRAPH}/100/feed"))
