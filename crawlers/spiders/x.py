"""Posts on X of the last seven days, by its recent search (API v2, with a token)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_header, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.grants import AppLogin
from ingest.errors import ConfigError, SourceBlocked, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://api.x.com/2/tweets/search/recent"
PER_PAGE = 100
_FIELDS = (
    "&tweet.fields=author_id,conversation_id,created_at,edit_history_tweet_ids,lang,note_tweet,"
    "public_metrics,referenced_tweets&user.fields=name,public_metrics,username"
    "&expansions=author_id,referenced_tweets.id,referenced_tweets.id.author_id"
)
_FIRST_MS = 1_288_834_974_657  # ids count milliseconds from here, in their upper bits
_NO_LANGUAGE = re.compile(r"und|zxx|q[a-z]{2}|art")
_OWN_PATHS = frozenset({"home", "explore", "i", "login", "messages", "notifications", "settings"})

Rows = Mapping[str, Any]


class X(Source):
    """What a search finds, newest first; the target is the query in X's own words.

    An answer is `{data: [post], includes: {users, tweets}, errors, meta: {next_token}}`;
    `data` is absent when nothing was found, and `errors` beside `data` tell only of
    posts and people that could not be joined. A post that was edited keeps the key
    of its first form.
    """

    kind = "x"
    name_en = "X"
    name_vi = "X (Twitter)"
    access = Access.KEY
    covers = "public posts of the last 7 days that the query finds, reposts included"
    does_not_cover = "older posts, protected accounts; X charges for what is read"
    evidence = "read on real responses of 2020-2023; the login from documentation"
    expect = Expect(min_items=0, filled=("author", "posted"))
    default_every_min = 60
    keys = ("token",)
    keys_en = "On developer.x.com, in your app under Keys and tokens: the API key and its secret"
    keys_vi = "Ở developer.x.com, trong ứng dụng, mục Keys and tokens: API key và secret của nó"
    grant = AppLogin("https://api.x.com/oauth2/token")
    marks = frozenset({"edit_history_tweet_ids"})

    def recognise(self, url: str) -> str | None:
        """Return the query that an address on X stands for."""
        host = host_of(url).removeprefix("www.").removeprefix("mobile.")
        if host not in ("x.com", "twitter.com"):
            return None
        words, path = asked(url).get("q", "").strip(), unquote(urlsplit(url).path).strip("/")
        if path == "search":
            return words or None
        tag = re.fullmatch(r"hashtag/(\w+)", path)
        post = re.match(r"\w+/status/(\d+)", path)
        if tag:
            return f"#{tag[1]}"
        if post:
            return f"conversation_id:{post[1]}"
        is_name = re.fullmatch(r"\w{1,15}", path) and path.lower() not in _OWN_PATHS
        return f"@{path}" if is_name else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError when there is no query, or one that is too long."""
        if not target.strip() or len(target) > 512:
            raise ConfigError(
                "is no query that X takes",
                subject=f"x:{target[:60]}",
                next_step="give at most 512 characters, such as x:'\"lúa mây\" -is:retweet'",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        url = f"{API}?query={quote(order.target)}&max_results={PER_PAGE}{_FIELDS}"
        return Ask(url=url, headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the app's bearer token."""
        return with_header(ask, "Authorization", f"Bearer {secret(order, 'token')}")

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts."""
        answer = read_json(fetched, kind=self.kind)
        fault = _fault(answer)
        if fault:
            raise fault
        meta = answer.get("meta") if isinstance(answer, dict) else None
        nothing = isinstance(meta, dict) and meta.get("result_count") == 0
        rows = [] if nothing else listed(answer, "data", kind=self.kind)
        joined = answer.get("includes") or {}
        people, posts = _by_id(joined.get("users")), _by_id(joined.get("tweets"))
        items, problems = read_each(rows, lambda row: _read(row, people, posts), kind=self.kind)
        token = (meta or {}).get("next_token")
        url = with_query(fetched.url, next_token=token)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=url, headers=(JSON,)) if token else None,
            is_end=meta is not None and not token,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says; how long to wait (429) is in its headers."""
        if fetched.status == 429:
            return None
        try:
            return _fault(json.loads(fetched.body))
        except ValueError:
            return None


def _fault(answer: Any) -> SourceError | None:
    """Return what an answer `{title, detail, status}` without posts says, else None."""
    if not isinstance(answer, dict) or answer.keys() & {"data", "meta"}:
        return None
    causes = [each for each in answer.get("errors") or () if isinstance(each, dict)]
    cause = causes[0] if causes else {}
    said = answer.get("detail") or cause.get("detail") or cause.get("message")
    if not said and not answer.get("title"):
        return None
    why = f": {cause['message']}" if cause.get("message") and cause["message"] != said else ""
    words = f"X refuses: {said or answer['title']}{why}"[:300]
    return SourceBlocked(words, subject="x", next_step="earful connect x, or mend the query")


def _by_id(rows: Any) -> Rows:
    return {row["id"]: row for row in rows or () if isinstance(row, dict) and "id" in row}


def _read(row: Any, people: Rows, posts: Rows) -> RawItem:
    """Return a post; a repost says what it repeats in full."""
    writer = people.get(row.get("author_id", ""), {})
    name = writer.get("username")
    history = row.get("edit_history_tweet_ids") or [row["id"]]
    is_edited = history[0] != row["id"]
    metrics = row.get("public_metrics") or {}
    followers = (writer.get("public_metrics") or {}).get("followers_count")
    language = row.get("lang") or ""
    return RawItem(
        key=history[0],
        url=f"https://x.com/{name or 'i/web'}/status/{row['id']}",
        text=unescape(_text(row, people, posts)),
        author=name,
        posted=_posted_at(history[0])
        if is_edited
        else row.get("created_at") or _posted_at(row["id"]),
        edited=row.get("created_at") if is_edited else None,
        feedback_kind=FeedbackKind.SOCIAL,
        reach=metrics.get("impression_count") or followers,
        likes=metrics.get("like_count"),
        parent=_referenced(row, "replied_to"),
        language=None if _NO_LANGUAGE.fullmatch(language) else language,
    )


def _text(row: Any, people: Rows, posts: Rows) -> str:
    """Return the whole text: of a long post its note, of a repost what it repeats."""
    repeated = posts.get(_referenced(row, "retweeted") or "")
    if repeated is None:
        note = row.get("note_tweet") or {}
        return str(note.get("text") or row["text"])
    head = re.match(r"RT @\w+: ", row["text"])
    name = people.get(repeated.get("author_id", ""), {}).get("username", "")
    return (head[0] if head else f"RT @{name}: ") + _text(repeated, people, {})


def _referenced(row: Any, how: str) -> str | None:
    """Return the id of the post that `row` replies to or repeats, None for none."""
    found = (each["id"] for each in row.get("referenced_tweets") or () if each["type"] == how)
    return next(found, None)


def _posted_at(number: str) -> str | None:
    """Return the time that an id tells, as ISO; None for the ids of before November 2010."""
    ms = int(number) >> 22
    if not ms:
        return None
    return datetime.fromtimestamp((ms + _FIRST_MS) / 1000, UTC).isoformat(timespec="milliseconds")


SOURCE = X()
