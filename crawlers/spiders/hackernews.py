"""Stories and comments on Hacker News, by its public search."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://hn.algolia.com/api/v1/search_by_date"
PER_PAGE = 100


class HackerNews(Source):
    """What a search for words finds, newest first; the target is the words.

    An answer is `{hits: [...], page, nbPages, nbHits}`, at most 1,000 hits deep.
    """

    kind = "hackernews"
    name_en = "Hacker News"
    name_vi = "Hacker News"
    access = Access.ON
    covers = "public stories and comments in which the words appear"
    does_not_cover = "deleted posts; more than 1,000 hits back in one visit"
    evidence = "read on a real response of 2026-09; paging from documentation"
    expect = Expect(min_items=0, filled=("author", "posted"))
    default_every_min = 60
    marks = frozenset({"objectID", "created_at_i", "_tags"})

    def recognise(self, url: str) -> str | None:
        """Return the words of a Hacker News search address."""
        if host_of(url) != "hn.algolia.com":
            return None
        query = parse_qs(urlsplit(url).query)
        return next((query[name][0] for name in ("query", "q") if name in query), None)

    def check_target(self, target: str) -> None:
        """Raise ConfigError when there are no words to search for."""
        if not target.strip():
            raise ConfigError(
                "there is nothing to search for",
                subject="hackernews",
                next_step="give words, such as hackernews:luamay",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest hits."""
        return _ask({"query": order.target, "tags": "(story,comment)"}, 0)

    def read(self, fetched: Fetched) -> Page:
        """Return one page of hits."""
        answer = read_json(fetched, kind=self.kind)
        hits = listed(answer, "hits", kind=self.kind)
        items, problems = read_each(hits, _read_hit, kind=self.kind)
        page, pages, total = answer.get("page", 0), answer.get("nbPages", 0), answer.get("nbHits")
        goes_on = bool(hits) and page + 1 < pages
        query = {name: each[0] for name, each in parse_qs(urlsplit(fetched.url).query).items()}
        reached = page * answer.get("hitsPerPage", PER_PAGE) + len(hits)
        return Page(
            source=self.kind,
            items=items,
            next=_ask(query, page + 1) if goes_on else None,
            is_end=total is not None and not goes_on and reached >= total,
            total=total,
            problems=problems,
        )


def _ask(query: dict[str, str], page: int) -> Ask:
    asked = {**query, "hitsPerPage": PER_PAGE, "page": page}
    return Ask(url=f"{API}?{urlencode(asked)}", headers=(("Accept", "application/json"),))


def _read_hit(hit: Any) -> RawItem:
    """Return a story (with a title) or a comment; null fields may be left out."""
    is_comment = hit.get("comment_text") is not None
    parent = hit.get("parent_id") if is_comment else None
    return RawItem(
        key=hit["objectID"],
        url=f"https://news.ycombinator.com/item?id={hit['objectID']}",
        title=None if is_comment else hit["title"],
        text=hit["comment_text"] if is_comment else hit.get("story_text"),
        markup=Markup.HTML,
        author=hit["author"],
        posted=hit["created_at_i"],
        feedback_kind=FeedbackKind.COMMENT if is_comment else FeedbackKind.SOCIAL,
        likes=hit.get("points"),
        parent=None if parent is None else str(parent),
    )


SOURCE = HackerNews()
