"""News articles of the whole world that GDELT finds for words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://api.gdeltproject.org/api/v2/doc/doc"
MOST = 250
_WRONG_ESCAPE = re.compile(rb'\\(?:\\|["/bfnrt]|u[0-9a-fA-F]{4}|)')
_CONTROL = re.compile(rb"[\x00-\x1f]")
_TOO_OFTEN = re.compile(r"limit requests|too many|one every", re.IGNORECASE)
_LANGUAGES = {
    "english": "en", "vietnamese": "vi", "french": "fr", "german": "de", "spanish": "es",
    "chinese": "zh", "japanese": "ja", "korean": "ko", "thai": "th", "indonesian": "id",
    "russian": "ru", "portuguese": "pt",
}  # fmt: skip


class Gdelt(Source):
    """The newest articles of the last week; the target is the query.

    An answer is `{articles: [{url, title, seendate, domain, language}]}`, `{}` for none.
    Its JSON has wrong escapes at times, and its errors are plain text with status 200.
    """

    kind = "gdelt"
    name_en = "GDELT"
    name_vi = "GDELT"
    access = Access.OPT_IN
    covers = "headlines of at most 250 articles of the last 7 days, in over 60 languages"
    does_not_cover = "the articles' texts; it often refuses at busy hours"
    evidence = "built from documentation and reports of its faults, experimental"
    expect = Expect(min_items=0, filled=("title", "posted"))
    default_every_min = 180
    marks = frozenset({"seendate", "sourcecountry"})

    def recognise(self, url: str) -> str | None:
        """Return the query of a search address on GDELT."""
        is_search = host_of(url) == host_of(API) and urlsplit(url).path == urlsplit(API).path
        return asked(url).get("query", "").strip() or None if is_search else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError for a query that GDELT calls too short."""
        if len(target.strip()) < 3:
            raise ConfigError(
                "is too short for GDELT",
                subject=f"gdelt:{target}",
                next_step="give words of at least 3 letters, such as gdelt:'\"lua may\"'",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest articles."""
        form = f"mode=artlist&format=json&sort=datedesc&maxrecords={MOST}&timespan=1week"
        return Ask(url=f"{API}?query={quote(order.target)}&{form}", headers=(JSON,))

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the articles; fewer than asked for are all there are."""
        answer = read_json(replace(fetched, body=_mended(fetched.body)), kind=self.kind)
        if answer == {}:
            return Page(source=self.kind, is_end=True, total=0)
        rows = listed(answer, "articles", kind=self.kind)
        items, problems = read_each(rows, _read_article, kind=self.kind)
        most = int(asked(fetched.url).get("maxrecords", MOST))
        return Page(source=self.kind, items=items, is_end=len(rows) < most, problems=problems)


def _mended(body: bytes) -> bytes:
    """Return a JSON body with what JSON forbids taken out; raises for an error in plain text."""
    if not body.strip():
        return b"{}"
    if not body.lstrip().startswith((b"{", b"[", b"<")):
        said = " ".join(body[:200].decode("utf-8", "replace").split())
        if _TOO_OFTEN.search(said):
            raise SourceBlocked(f"GDELT asks us to slow down: {said}", subject="gdelt")
        raise SourceChanged(f"GDELT does not take the query: {said}", subject="gdelt")
    try:
        json.loads(body)
    except ValueError:
        body = _CONTROL.sub(b" ", body)
        return _WRONG_ESCAPE.sub(lambda found: found[0] if len(found[0]) > 1 else b"", body)
    return body


def _read_article(row: Any) -> RawItem:
    """Return an article; its time is when GDELT saw it."""
    return RawItem(
        key=row["url"],
        url=row["url"],
        title=row["title"],
        author=row.get("domain"),
        posted=row["seendate"],
        feedback_kind=FeedbackKind.ARTICLE,
        language=_LANGUAGES.get(str(row.get("language")).lower()),
    )


SOURCE = Gdelt()
