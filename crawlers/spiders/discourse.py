"""Discourse forums: all new posts, one topic, or what a search finds."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_query
from crawlers.base import Access, Expect, Source, check_address, host_of
from ingest.errors import SourceChanged
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

_TOPIC = re.compile(r"(?P<place>.*)/t/(?:[^/]+/)?(?P<topic>\d+)(?:/\d+)?(?:\.json)?/?")
_KNOWN = re.compile(r"(^|\.)discourse\.|(^|\.)meta\.discourse\.org$")
_LISTS = re.compile(r"/(?:latest|search|posts)(?:\.json)?/?|/c/[^.]+(?:\.json)?")
_NEWEST = 2**31 - 1  # a post number after any other: the walk goes back from there
IDS_PER_PAGE = 50  # of posts.json
_LIKE = 2
_SPOKEN = 1  # post_type: 2-4 are notes of moderators and of the software


class Discourse(Source):
    """A forum, topic or search; the target is its address.

    Posts come as `{latest_posts: [...]}` (a forum), `{post_stream: {posts}}` (a topic)
    or `{posts, topics}` (a search, with cut texts); lists of topics as `{topic_list}`.
    Moderators are not the brand's staff.
    """

    kind = "discourse"
    name_en = "Discourse forum"
    name_vi = "Diễn đàn Discourse"
    access = Access.ON
    covers = "all public posts of the forum or topic, newest first; up to 50 finds of a search"
    does_not_cover = "private categories, direct messages; searches show the start of a post only"
    evidence = "read on real responses of 2013-2020; posts.json and search from documentation"
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 60
    breadth = 1
    marks = frozenset({"topic_id", "post_number", "cooked"})

    def recognise(self, url: str) -> str | None:
        """Return the address of a topic, a list, or a forum that names itself Discourse."""
        host = host_of(url)
        if not host:
            return None
        parts = urlsplit(url)
        topic = _TOPIC.fullmatch(parts.path)
        place = f"{parts.scheme}://{parts.netloc}"
        if topic:
            return f"{place}{topic['place']}/t/{topic['topic']}"
        if not _KNOWN.search(host) and not parts.path.endswith(("latest.json", "posts.json")):
            return None
        if parts.path.startswith("/search") and asked(url).get("q"):
            return f"{place}/search?q={quote(asked(url)['q'])}"
        return place if parts.path in ("", "/") or _LISTS.fullmatch(parts.path) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a web address."""
        check_address(target, self.kind)

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        parts = urlsplit(order.target)
        place = f"{parts.scheme}://{parts.netloc}"
        topic = _TOPIC.fullmatch(parts.path)
        if topic:
            place = f"{place}{topic['place']}/t/{topic['topic']}"
            return _ask(f"{place}/posts.json?post_number={_NEWEST}&asc=false")
        if parts.path.startswith("/search"):
            words = quote(f"{asked(order.target).get('q', '')} order:latest")
            return _ask(f"{place}/search.json?q={words}")
        return _ask(f"{place}{parts.path.rstrip('/')}/posts.json")

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts or topics."""
        answer = read_json(fetched, kind=self.kind)
        if not isinstance(answer, dict):
            raise SourceChanged("the answer is no list of posts or topics", subject=self.kind)
        if isinstance(answer.get("post_stream"), dict):
            return _topic_page(answer, fetched)
        if isinstance(answer.get("topic_list"), dict):
            return _topics_page(answer, fetched)
        if "grouped_search_result" in answer:
            return _search_page(answer, fetched)
        return _latest_page(answer, fetched)


def _ask(url: str) -> Ask:
    return Ask(url=url, headers=(JSON,))


def _page(fetched: Fetched, items: Any, problems: Any, **rest: Any) -> Page:
    return Page(source=host_of(fetched.url), items=items, problems=problems, **rest)


def _latest_page(answer: Any, fetched: Fetched) -> Page:
    posts = listed(answer, "latest_posts", kind="discourse")
    items, problems = read_each(posts, lambda row: _read_post(row, fetched, {}), kind="discourse")
    before = _before(posts, asked(fetched.url).get("before"))
    following = _ask(with_query(fetched.url, before=before)) if before > 0 else None
    return _page(fetched, items, problems, next=following, is_end=following is None)


def _before(posts: list[Any], asked_before: str | None) -> int:
    """Return the highest post id of the next page, 0 when there is none.

    A page holds the public ones of 50 ids, so that an empty one is not the end.
    """
    ids = [row["id"] for row in posts if isinstance(row, dict) and "id" in row]
    if ids:
        return int(min(ids)) - 1
    return int(asked_before) - IDS_PER_PAGE if asked_before else 0


def _topic_page(answer: Any, fetched: Fetched) -> Page:
    """Return the posts of a topic, all of them or those before a post number."""
    posts = listed(answer["post_stream"], "posts", kind="discourse")
    ids = {row.get("post_number"): row.get("id") for row in posts if isinstance(row, dict)}
    title = answer.get("title")
    items, problems = read_each(
        posts, lambda row: _read_post(row, fetched, ids, title=title), kind="discourse"
    )
    lowest = min((number for number in ids if number), default=1)
    goes_back = "post_number" in asked(fetched.url) and lowest > 1
    url = with_query(fetched.url, post_number=lowest)
    stream = answer["post_stream"].get("stream")
    is_whole = lowest <= 1 if stream is None else len(posts) >= len(stream)
    return _page(
        fetched,
        items,
        problems,
        next=_ask(url) if goes_back else None,
        is_end=is_whole and not goes_back,
        total=answer.get("posts_count"),
    )


def _topics_page(answer: Any, fetched: Fetched) -> Page:
    people = {each.get("id"): each.get("username") for each in answer.get("users") or ()}
    topics = listed(answer["topic_list"], "topics", kind="discourse")
    items, problems = read_each(
        topics, lambda row: _read_topic(row, fetched, people), kind="discourse"
    )
    more = answer["topic_list"].get("more_topics_url")
    number = asked(more).get("page") if more else None
    following = _ask(with_query(fetched.url, page=number)) if number else None
    return _page(fetched, items, problems, next=following, is_end=not more)


def _search_page(answer: Any, fetched: Fetched) -> Page:
    titles = {each.get("id"): each for each in answer.get("topics") or () if isinstance(each, dict)}
    posts = listed(answer, "posts", kind="discourse")
    items, problems = read_each(
        posts, lambda row: _read_found(row, fetched, titles), kind="discourse"
    )
    more = answer["grouped_search_result"] or {}
    page = int(asked(fetched.url).get("page", "1"))
    goes_on = bool(posts) and bool(more.get("more_full_page_results"))
    following = _ask(with_query(fetched.url, page=page + 1)) if goes_on else None
    return _page(fetched, items, problems, next=following, is_end=following is None)


def _read_post(
    row: Any, fetched: Fetched, ids: dict[Any, Any], *, title: str | None = None
) -> RawItem | None:
    """Return a post, None for what the software noted and for what its writer deleted."""
    if row.get("post_type", _SPOKEN) != _SPOKEN or row.get("user_deleted"):
        return None
    number, above = row["post_number"], row.get("reply_to_post_number")
    is_first = number == 1
    parent = str(ids.get(above, f"topic/{row['topic_id']}")) if not is_first else None
    likes = [each.get("count") for each in row.get("actions_summary") or () if each["id"] == _LIKE]
    return RawItem(
        key=str(row["id"]),
        url=_place(fetched, row["topic_id"], row.get("topic_slug"), number),
        title=(title or row.get("topic_title")) if is_first else None,
        text=row["cooked"],
        markup=Markup.HTML,
        author=row["username"],
        posted=row["created_at"],
        edited=row["updated_at"] if row.get("version", 1) > 1 else None,
        feedback_kind=FeedbackKind.SOCIAL if is_first else FeedbackKind.COMMENT,
        reach=row.get("reads"),
        likes=next(iter(likes), None),
        parent=parent,
    )


def _read_topic(row: Any, fetched: Fetched, people: dict[Any, Any]) -> RawItem:
    """Return a topic by its title; its key stands apart from the posts' numbers."""
    opened = [each["user_id"] for each in row.get("posters") or () if "user_id" in each]
    return RawItem(
        key=f"topic/{row['id']}",
        url=_place(fetched, row["id"], row.get("slug"), None),
        title=row["title"],
        text=row.get("excerpt"),
        markup=Markup.HTML,
        author=people.get(opened[0]) if opened else None,
        posted=row["created_at"],
        feedback_kind=FeedbackKind.SOCIAL,
        reach=row.get("views"),
        likes=row.get("like_count"),
    )


def _read_found(row: Any, fetched: Fetched, topics: dict[Any, Any]) -> RawItem:
    """Return a post that a search found, with the start of its text."""
    topic, number = topics.get(row["topic_id"], {}), row["post_number"]
    is_first = number == 1
    return RawItem(
        key=str(row["id"]),
        url=_place(fetched, row["topic_id"], topic.get("slug"), number),
        title=topic.get("title") if is_first else None,
        text=row["blurb"],
        markup=Markup.HTML,
        author=row["username"],
        posted=row["created_at"],
        feedback_kind=FeedbackKind.SOCIAL if is_first else FeedbackKind.COMMENT,
        likes=row.get("like_count"),
        parent=None if is_first else f"topic/{row['topic_id']}",
    )


def _place(fetched: Fetched, topic: int, slug: str | None, number: int | None) -> str:
    parts = urlsplit(fetched.url)
    behind = "" if number is None else f"/{number}"
    return f"{parts.scheme}://{parts.netloc}/t/{slug or '-'}/{topic}{behind}"


SOURCE = Discourse()
