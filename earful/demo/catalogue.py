"""The invented brand's products, the sites that speak of it, and their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
"""The demo's fixed present: Saturday 21 November 2026, 07:30 in Vietnam."""

FIRST_DAY = datetime(2026, 9, 17, tzinfo=ZONE)
LAST_EVERYDAY = datetime(2026, 11, 20, 22, 0, tzinfo=ZONE)
BREAKS_AT = datetime(2026, 11, 20, 14, 0, tzinfo=ZONE).astimezone(UTC)
"""From this moment on one news site answers every visitor with a challenge page."""

SHOP = "tiki.vn"
APP_STORE = "itunes.apple.com"
BRAND_SITE = "luamay.example"
FORUM = "diendan.bepnha.example"
NEWS = "baobepviet.example"
BLOG = "kitchennotes.example"
PODCAST = "podcastbep.example"
BREAKING = "tintuc24.example"
HACKER_NEWS = "hn.algolia.com"
SOCIAL = "mastodon.example"

APP_ID = 1654300217
APP_NAME = "Lúa Mây Bếp"


@dataclass(frozen=True, slots=True)
class Product:
    """One product as the shop lists it."""

    shop_id: int
    name: str


PRODUCTS = {
    "noi18": Product(276500118, "Nồi cơm điện Lúa Mây 1.8L"),
    "xay": Product(276500231, "Máy xay sinh tố Lúa Mây Êm"),
}

BRAND_PAGE = f"https://{BRAND_SITE}/noi-com-1-8l"
FORUM_RSS = f"https://{FORUM}/rss"
FORUM_PRIVATE_RSS = f"https://{FORUM}/riengtu/rss"
FORUM_CORNER = f"https://{FORUM}/danh-gia/noi-com-lua-may-1-8l"
NEWS_RSS = f"https://{NEWS}/rss"
BLOG_ATOM = f"https://{BLOG}/atom.xml"
PODCAST_FEED = f"https://{PODCAST}/feed.json"
BREAKING_RSS = f"https://{BREAKING}/rss"
