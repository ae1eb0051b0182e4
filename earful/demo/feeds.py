"""The sample feeds: a forum's and two news sites' RSS, a blog's Atom, a podcast's JSON Feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from lxml import etree
from lxml.builder import E, ElementMaker

from earful.demo.catalogue import BLOG, BREAKS_AT, PODCAST, PODCAST_FEED, ZONE
from earful.demo.posts import Post, at_place
from earful.demo.reply import ATOM, HTML, JSON_FEED, RSS, Reply, json_reply

_SHOWN = 60
_CREATOR = ElementMaker(
    namespace="http://purl.org/dc/elements/1.1/", nsmap={"dc": "http://purl.org/dc/elements/1.1/"}
)
_ATOM = "http://www.w3.org/2005/Atom"
_A = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def rss(place: str, host: str, *, title: str, now: datetime) -> Reply:
    """Return the newest posts of `place` as RSS 2.0."""
    items = [_rss_item(post) for post in at_place(place, now=now)[:_SHOWN]]
    channel = E.channel(
        E.title(title), E.link(f"https://{host}/"), E.description(title), E.language("vi"), *items
    )
    body = etree.tostring(E.rss(channel, version="2.0"), encoding="unicode")
    return Reply(_DECLARATION + body, RSS, is_kept=True)


def _rss_item(post: Post) -> Any:
    link = post.mention_key
    return E.item(
        E.title(post.title),
        E.link(link),
        E.guid(link, isPermaLink="true"),
        E.pubDate(format_datetime(post.at.astimezone(ZONE))),
        _CREATOR.creator(post.author),
        E.description(f"<p>{escape(post.sent, quote=False)}</p>"),
    )


def private_rss(host: str) -> Reply:
    """Return the members-only feed: who obeys robots.txt never sees it."""
    item = E.item(
        E.title("Chuyện riêng trong nhóm kín về Lúa Mây"),
        E.link(f"https://{host}/riengtu/1"),
        E.guid(f"https://{host}/riengtu/1"),
        E.description("Bài này chỉ dành cho thành viên."),
    )
    channel = E.channel(E.title("Nhóm kín"), E.link(f"https://{host}/riengtu/"), item)
    return Reply(
        _DECLARATION + etree.tostring(E.rss(channel, version="2.0"), encoding="unicode"), RSS
    )


def breaking_rss(host: str, *, now: datetime) -> Reply:
    """Return a feed until `BREAKS_AT`, and from then on a challenge page with status 200."""
    if now < BREAKS_AT:
        return rss("breaks", host, title="Tin 24", now=now)
    return Reply(
        "<!doctype html><html lang=vi><head><title>Xin chờ một lát…</title></head><body>"
        "<h1>Đang kiểm tra trình duyệt của bạn</h1><p>Trang này dùng dịch vụ chống tự động. "
        "Vui lòng bật JavaScript để tiếp tục.</p><form id=challenge-form></form></body></html>",
        HTML,
    )


def atom(place: str, *, now: datetime) -> Reply:
    """Return the blog as Atom 1.0 with HTML contents."""
    posts = at_place(place, now=now)[:_SHOWN]
    newest = posts[0].at if posts else now
    feed = _A.feed(
        _A.id(f"tag:{BLOG},2024:blog"),
        _A.title("Kitchen Notes from Saigon"),
        _A.updated(newest.isoformat()),
        _A.link(rel="self", href=f"https://{BLOG}/atom.xml"),
        *(_atom_entry(post) for post in posts),
    )
    return Reply(_DECLARATION + etree.tostring(feed, encoding="unicode"), ATOM, is_kept=True)


def _atom_entry(post: Post) -> Any:
    return _A.entry(
        _A.id(post.mention_key),
        _A.title(post.title),
        _A.link(rel="alternate", href=f"https://{BLOG}/{post.key}"),
        _A.published(post.at.isoformat()),
        _A.updated(post.at.isoformat()),
        _A.author(_A.name(post.author)),
        _A.content(f"<p>{escape(post.sent, quote=False)}</p>", type="html"),
    )


def json_feed(place: str, *, now: datetime) -> Reply:
    """Return the podcast's episodes as JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Podcast Bếp",
        "home_page_url": f"https://{PODCAST}/",
        "feed_url": PODCAST_FEED,
        "language": "vi",
        "items": _json_items(at_place(place, now=now)[:_SHOWN]),
    }
    reply = json_reply(feed)
    return Reply(reply.body, JSON_FEED, is_kept=True)


def _json_items(posts: Sequence[Post]) -> list[dict[str, object]]:
    return [
        {
            "id": post.mention_key,
            "url": post.mention_key,
            "title": post.title,
            "content_text": post.sent,
            "date_published": post.at.astimezone(ZONE).isoformat(),
            "authors": [{"name": post.author}],
        }
        for post in posts
    ]
