"""XenForo forums (voz.vn and kin): a forum's new threads, or a thread's posts from its end."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawlers.answers import read_each
from crawlers.asking import in_known_shape
from crawlers.base import Access, Expect, Source, check_address, host_of
from crawlers.spiders.feed import ACCEPT
from ingest.errors import SourceBlocked, SourceChanged
from ingest.feeds import read_feed
from ingest.links import following_page, web_link
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.structured import looks_blocked
from ingest.visit import Order
from ingest.webpage import parse_page

ZONE = "Asia/Ho_Chi_Minh"  # of the dates that the older software writes without a zone
_PLACE = re.compile(
    r"(?P<place>.*/(?P<what>f|forums?|t|threads?)/(?:[^/]+\.)?(?P<number>\d+))(?:/.*)?"
)
_THREAD = re.compile(r"/(?:t|threads?)/(?:[^/]+\.)?(\d+)")
_THREADS = frozenset({"t", "thread", "threads"})
_POST = re.compile(r"(?:js-)?post-(\d+)")
_LISTED = re.compile(r"js-threadListItem-(\d+)")
_QUOTED = re.compile(r"post: (\d+)")
_NOT_SAID = (
    ".//*[contains(@class, 'bbCodeBlock--quote') or contains(@class, 'bbCodeQuote')"
    " or contains(@class, 'js-expandContent') or self::script or self::style]"
)


class XenForo(Source):
    """A forum's threads by its feed, or one thread's posts; the target is its address.

    A thread is read from its last page back. XenForo 2 marks posts
    `article.message--post[data-content=post-N]`, XenForo 1 `li.message#post-N`;
    a list marks threads `.js-threadListItem-N`.
    """

    kind = "xenforo"
    name_en = "XenForo forum"
    name_vi = "Diễn đàn XenForo"
    access = Access.ON
    covers = "new threads of a forum with their first post; all posts of a thread"
    does_not_cover = "answers in threads that are not watched themselves; parts for members"
    evidence = (
        "one thread's posts read on a saved piece of XenForo 1; XenForo 2 and its feed from "
        "documentation, experimental; the vBulletin that voz was before 2020 is not read"
    )
    expect = Expect(min_items=1, filled=("key", "posted"))
    default_every_min = 60
    breadth = 1

    def recognise(self, url: str) -> str | None:
        """Return the address of a forum or thread in XenForo's form."""
        if not host_of(url):
            return None
        parts = urlsplit(url)
        found = _PLACE.fullmatch(parts.path)
        if not found or "." not in found["place"].rpartition("/")[2]:
            return None
        return f"{parts.scheme}://{parts.netloc}{found['place']}/"

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a web address."""
        check_address(target, self.kind)

    def first(self, order: Order) -> Ask:
        """Return the request for the forum's feed, or for the thread's last page."""
        parts = urlsplit(order.target)
        found = _PLACE.fullmatch(parts.path)
        if found is None:
            return Ask(url=order.target)
        place = f"{parts.scheme}://{parts.netloc}{found['place']}"
        if found["what"] in _THREADS:
            return Ask(url=f"{place}/latest")
        return Ask(url=f"{place}/index.rss", headers=(ACCEPT,))

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the threads of a feed or list, or the posts of a thread's page."""
        if b"<rss" in fetched.body[:1000]:
            return _feed_page(fetched)
        page = parse_page(fetched.body, content_type=fetched.content_type)
        found = () if page.root is None else page.root.xpath("//article | //li | //div")
        posts = [each for each in found if _is_post(each)]
        threads = [each for each in found if _LISTED.search(each.get("class") or "")]
        if posts:
            return _thread_page(page.root, posts, fetched)
        if threads:
            return _list_page(page.root, threads, fetched)
        words = looks_blocked(fetched.body, fetched.content_type)
        if words:
            raise SourceBlocked(words, subject=self.kind, next_step="open it in a browser")
        raise SourceChanged("neither threads nor posts on the page", subject=self.kind)


def _feed_page(fetched: Fetched) -> Page:
    page = read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url)
    return replace(page, source=host_of(fetched.url), items=tuple(map(_of_feed, page.items)))


def _of_feed(item: RawItem) -> RawItem:
    """Return a feed's entry under its thread's number."""
    found = _THREAD.search(item.url or "")
    number = found[1] if found else item.key
    return replace(item, key=f"thread/{number}", feedback_kind=FeedbackKind.SOCIAL)


def _thread_page(root: Any, posts: list[Any], fetched: Fetched) -> Page:
    thread = _THREAD.search(urlsplit(fetched.url).path)
    name = f"thread/{thread[1]}" if thread else None
    title = _title(root)
    base = _base(root, fetched.url)
    items, problems = read_each(
        posts, lambda post: _read_post(post, base, name, title), kind="xenforo"
    )
    before = _linked(root, "prev", "pageNav-jump--prev")
    return Page(
        source=host_of(fetched.url),
        items=items,
        next=following_page(before, fetched.url),
        is_end=before is None,
        problems=problems,
    )


def _list_page(root: Any, threads: list[Any], fetched: Fetched) -> Page:
    base = _base(root, fetched.url)
    items, problems = read_each(threads, lambda row: _read_thread(row, base), kind="xenforo")
    after = _linked(root, "next", "pageNav-jump--next")
    return Page(
        source=host_of(fetched.url),
        items=items,
        next=following_page(after, fetched.url),
        is_end=after is None,
        problems=problems,
    )


def _is_post(each: Any) -> bool:
    return bool(
        _POST.fullmatch(each.get("data-content") or each.get("id") or "")
        and each.get("data-author")
    )


def _read_post(post: Any, base: str, thread: str | None, title: str | None) -> RawItem:
    """Return a post in its writer's own words; what it quotes is left out."""
    found = _POST.fullmatch(post.get("data-content") or post.get("id") or "")
    if not found:
        raise ValueError("the post has no number")
    said = _first(post, "bbWrapper", "messageText")
    is_first = _position(post) == "#1"
    quoted = _QUOTED.search(" ".join(said.xpath(".//@data-source")))
    edit = _first(post, "message-lastEdit", "editDate")
    return RawItem(
        key=found[1],
        url=web_link(_link_of(post, found[1]), base),
        title=title if is_first else None,
        text=_own_words(said),
        markup=Markup.HTML,
        author=post.get("data-author"),
        posted=_time(post),
        edited=None if edit is None else _time(edit),
        zone=ZONE,
        feedback_kind=FeedbackKind.SOCIAL if is_first else FeedbackKind.COMMENT,
        parent=quoted[1] if quoted else None if is_first else thread,
    )


def _read_thread(row: Any, base: str) -> RawItem:
    """Return a thread of a list by its title."""
    number = _LISTED.search(row.get("class"))
    if not number:
        raise ValueError("the thread has no number")
    title = _first(row, "structItem-title", "title")
    links = [each for each in title.iter("a") if _THREAD.search(each.get("href") or "")]
    started = _first(row, "structItem-startDate", "startDate")
    return RawItem(
        key=f"thread/{number[1]}",
        url=web_link(links[-1].get("href"), base),
        title=_words(links[-1]),
        author=row.get("data-author"),
        posted=_time(started),
        zone=ZONE,
        feedback_kind=FeedbackKind.SOCIAL,
    )


def _time(place: Any) -> str | None:
    """Return the first time below `place`: an epoch, an ISO time, or a date as it is written."""
    for each in place.xpath(".//time | .//abbr[@data-time]"):
        stamp = each.get("data-timestamp") or each.get("data-time") or each.get("datetime")
        if stamp and (stamp.isdecimal() or "T" in stamp):
            return str(stamp)
    written = _first(place, "DateTime", "datePermalink")
    if written is None:
        return None
    told = written.get("title") or ""
    return told if any(map(str.isdecimal, told)) else _words(written)


def _own_words(said: Any) -> str:
    """Return a post's HTML without quotes and scripts."""
    own = deepcopy(said)
    for each in own.xpath(_NOT_SAID):
        parent, before = each.getparent(), each.getprevious()
        if parent is None:
            continue
        if before is None:
            parent.text = (parent.text or "") + (each.tail or "")
        else:
            before.tail = (before.tail or "") + (each.tail or "")
        parent.remove(each)
    return str(etree.tostring(own, encoding="unicode", method="html", with_tail=False))


def _position(post: Any) -> str:
    """Return a post's place in its thread, such as #11, "" where it tells none."""
    links = (_words(each) for each in post.xpath(".//a[contains(@href, 'post-')]"))
    return next((words for words in links if re.fullmatch(r"#[\d.,]+", words)), "")


def _link_of(post: Any, number: str) -> str | None:
    links = post.xpath(f".//a[contains(@href, 'post-{number}')]/@href")
    return links[0] if links else None


def _title(root: Any) -> str | None:
    heading = root.xpath("//h1[contains(@class, 'p-title-value')] | //div[@class='titleBar']/h1")
    if not heading:
        return None
    labels = heading[0].xpath(".//*[contains(@class, 'label')]")
    prefix = " ".join(map(_words, labels))
    return _words(heading[0]).removeprefix(prefix).strip() or None


def _base(root: Any, url: str) -> str:
    """Return what the page's links are relative to: the site's root, unless it names another."""
    parts = urlsplit(url)
    named = root.xpath("//base/@href")
    return web_link(named[0] if named else "/", url) or f"{parts.scheme}://{parts.netloc}/"


def _linked(root: Any, rel: str, name: str) -> str | None:
    found = root.xpath(f"//link[@rel='{rel}']/@href | //a[contains(@class, '{name}')]/@href")
    return found[0] if found else None


def _first(place: Any, *names: str) -> Any:
    """Return the first element below `place` of one of the classes, None for none."""
    classes = "concat(' ', normalize-space(@class), ' ')"
    wanted = " or ".join(f"contains({classes}, ' {name} ')" for name in names)
    return next(iter(place.xpath(f".//*[{wanted}]")), None)


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


SOURCE = XenForo()
