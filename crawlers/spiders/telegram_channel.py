"""The public preview of a Telegram channel (t.me/s/NAME)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawlers.answers import read_each
from crawlers.asking import asked, in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceBlocked
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.structured import looks_blocked
from ingest.visit import Order
from ingest.webpage import parse_page

_NAME = re.compile(r"[A-Za-z]\w{3,31}")
_OWN_PATHS = frozenset({"joinchat", "addstickers", "share", "iv", "proxy", "login"})
_COUNT = re.compile(r"([\d.]+)([KM]?)")
_TIMES = {"": 1, "K": 1_000, "M": 1_000_000}


class TelegramChannel(Source):
    """The posts of one public channel; the target is its name.

    A page holds about 20 `.tgme_widget_message[data-post="NAME/number"]`, oldest
    first; older ones are asked for with `?before=number`.
    """

    kind = "telegram_channel"
    name_en = "Telegram channel"
    name_vi = "Kênh Telegram"
    access = Access.OPT_IN
    covers = "posts with words of a public channel, with their views"
    does_not_cover = "groups, comments below posts, channels that switched the preview off"
    evidence = "built from documentation, experimental: no real page was at hand"
    expect = Expect(min_items=1, filled=("key", "posted"))
    default_every_min = 60

    def recognise(self, url: str) -> str | None:
        """Return the channel's name of an address on t.me."""
        if host_of(url) not in ("t.me", "telegram.me"):
            return None
        name = urlsplit(url).path.removeprefix("/s/").strip("/").partition("/")[0]
        return name if _NAME.fullmatch(name) and name not in _OWN_PATHS else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a channel's name."""
        if not _NAME.fullmatch(target):
            raise ConfigError(
                "is not a channel's name",
                subject=f"telegram_channel:{target}",
                next_step="give the name after t.me/, without the @ sign",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        return Ask(url=f"https://t.me/s/{order.target}")

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the posts with words of one page."""
        page = parse_page(fetched.body, content_type=fetched.content_type)
        posts = [] if page.root is None else page.root.xpath("//*[@data-post]")
        if not posts and "before" not in asked(fetched.url):
            words = looks_blocked(fetched.body, fetched.content_type)
            raise SourceBlocked(
                words or "the channel shows no public preview",
                subject=self.kind,
                next_step="open t.me/s/NAME in a browser; add your bot to it instead (telegram)",
            )
        items, problems = read_each(posts, _read_post, kind=self.kind)
        numbers = [int(each.get("data-post").rpartition("/")[2]) for each in posts]
        lowest = min(numbers, default=1)
        place = fetched.url.partition("?")[0]
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=f"{place}?before={lowest}") if lowest > 1 else None,
            is_end=lowest <= 1,
            problems=(*page.problems, *problems),
        )


def _read_post(post: Any) -> RawItem | None:
    """Return a post, None for one without words (a picture, a notice)."""
    said = _first(post, "js-message_text")
    if said is None or "service_message" in post.get("class", ""):
        return None
    place = post.get("data-post")
    owner, views = (
        _first(post, "tgme_widget_message_owner_name"),
        _first(post, "tgme_widget_message_views"),
    )
    return RawItem(
        key=place,
        url=f"https://t.me/{place}",
        text=etree.tostring(said, encoding="unicode", method="html", with_tail=False),
        markup=Markup.HTML,
        author=None if owner is None else "".join(owner.itertext()),
        posted=post.xpath(".//time[@datetime]/@datetime")[-1],
        feedback_kind=FeedbackKind.SOCIAL,
        reach=None if views is None else _count("".join(views.itertext())),
    )


def _first(post: Any, name: str) -> Any:
    """Return the first element of a class below `post`, None for none."""
    classes = "concat(' ', normalize-space(@class), ' ')"
    return next(iter(post.xpath(f".//*[contains({classes}, ' {name} ')]")), None)


def _count(written: str) -> int | None:
    """Return the number of a count such as 17.8K, None for another text."""
    found = _COUNT.fullmatch(written.strip())
    return int(float(found[1]) * _TIMES[found[2]]) if found else None


SOURCE = TelegramChannel()
