"""Customer reviews in Apple's app stores, by Apple's public review feed."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from crawlers.answers import read_each, read_json
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.structured import looks_blocked
from ingest.visit import Order

LAST_PAGE = 10
PAST_THE_END = b"CustomerReviews RSS page depth is limited"
ATOM = "{http://www.w3.org/2005/Atom}"
APPLE = "{http://itunes.apple.com/rss}"


class AppStore(Source):
    """The reviews of one app in one country; the target is `country/number`.

    Fifty reviews a page, ten pages at most. The XML form is asked for because
    the JSON form has at times left out when a review was written; both are read.
    """

    kind = "appstore"
    name_en = "App Store"
    name_vi = "App Store"
    access = Access.ON
    covers = "the newest 500 written reviews of an app in one country's store"
    does_not_cover = "stars without a text, developers' answers, older reviews"
    evidence = "JSON read on real responses of 2017-2021; XML from documentation"
    expect = Expect(min_items=1, filled=("text", "stars"))
    default_every_min = 360
    matches_by_construction = True
    marks = frozenset({"im:rating", "im:version"})

    def recognise(self, url: str) -> str | None:
        """Return `country/number` of an App Store page or review feed."""
        if host_of(url) not in ("apps.apple.com", "itunes.apple.com"):
            return None
        number = re.search(r"/id=?(\d+)", url)
        country = re.match(r"https?://[^/]+/([a-z]{2})/", url, re.IGNORECASE)
        place = country[1].lower() if country else "us"
        return f"{place}/{number[1]}" if number else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is `country/number`."""
        if not re.fullmatch(r"[a-z]{2}/[0-9]+", target):
            raise ConfigError(
                "is not an app in a country's store",
                subject=f"appstore:{target}",
                next_step="give the app's page, or country/number such as vn/1234567890",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews, in XML."""
        country, _, app = order.target.partition("/")
        place = f"https://itunes.apple.com/{country}/rss/customerreviews"
        return Ask(url=f"{place}/page=1/id={app}/sortBy=mostRecent/xml")

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews from either form."""
        if fetched.body.lstrip().startswith(PAST_THE_END):
            return Page(source=self.kind, is_end=True)
        if fetched.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            items, problems = read_each(_xml_entries(fetched), _read_xml, kind=self.kind)
        else:
            items, problems = read_each(_json_entries(fetched), _read_json, kind=self.kind)
        number = re.search(r"/page=(\d+)/", fetched.url)
        page = int(number[1]) if number else LAST_PAGE
        goes_on = bool(items) and page < LAST_PAGE
        after = re.sub(r"/page=\d+/", f"/page={page + 1}/", fetched.url)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=after) if goes_on else None,
            is_end=not goes_on,
            problems=problems,
        )


def _json_entries(fetched: Fetched) -> list[Any]:
    answer = read_json(fetched, kind="appstore")
    if not isinstance(answer, dict) or not isinstance(answer.get("feed"), dict):
        raise SourceChanged("the answer has no 'feed'", subject="appstore")
    entries = answer["feed"].get("entry", [])
    return entries if isinstance(entries, list) else [entries]


def _read_json(row: Any) -> RawItem | None:
    """Return one review of the JSON form, None for the app itself, which may come first."""
    if "im:name" in row and "im:rating" not in row:
        return None
    return RawItem(
        key=row["id"]["label"],
        url=_json_link(row),
        title=row["title"]["label"],
        text=row["content"]["label"],
        author=row["author"]["name"]["label"],
        posted=row.get("updated", {}).get("label"),
        stars=row["im:rating"]["label"],
        feedback_kind=FeedbackKind.REVIEW,
        variation=row.get("im:version", {}).get("label"),
        likes=_whole(row.get("im:voteSum", {}).get("label")),
    )


def _json_link(row: Any) -> str | None:
    links = row.get("link") or []
    first = (links if isinstance(links, list) else [links])[:1]
    return first[0]["attributes"]["href"] if first else None


def _xml_entries(fetched: Fetched) -> list[Any]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(fetched.body, parser)
    except etree.XMLSyntaxError as fault:
        blocked = looks_blocked(fetched.body, fetched.content_type)
        if blocked:
            raise SourceBlocked(f"the site sent {blocked}", subject="appstore") from fault
        raise SourceChanged(f"the answer is not whole XML ({fault})", subject="appstore") from fault
    if root.tag != f"{ATOM}feed":
        raise SourceChanged(f"the answer is <{root.tag}>, not a feed", subject="appstore")
    return list(root.iterfind(f"{ATOM}entry"))


def _read_xml(entry: Any) -> RawItem | None:
    """Return one review of the XML form, None for the app itself, which may come first."""
    if entry.find(f"{APPLE}name") is not None and entry.find(f"{APPLE}rating") is None:
        return None
    link = entry.find(f"{ATOM}link")
    return RawItem(
        key=_text(entry, f"{ATOM}id"),
        url=None if link is None else link.get("href"),
        title=_text(entry, f"{ATOM}title"),
        text=_text(entry, f"{ATOM}content[@type='text']"),
        author=_text(entry, f"{ATOM}author/{ATOM}name"),
        posted=entry.findtext(f"{ATOM}updated"),
        stars=_text(entry, f"{APPLE}rating"),
        feedback_kind=FeedbackKind.REVIEW,
        variation=entry.findtext(f"{APPLE}version"),
        likes=_whole(entry.findtext(f"{APPLE}voteSum")),
    )


def _text(entry: Any, path: str) -> str:
    found = entry.findtext(path)
    if found is None:
        raise KeyError(path.replace(ATOM, "").replace(APPLE, "im:"))
    return str(found)


def _whole(words: str | None) -> int | None:
    return None if words is None else int(words)


SOURCE = AppStore()
