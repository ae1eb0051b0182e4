"""The demo's posts: read from `texts/*.tsv`, written by hand; brand and people are invented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files

from earful.demo import history
from earful.demo.catalogue import (
    BLOG,
    BRAND_PAGE,
    BREAKING,
    FORUM,
    FORUM_CORNER,
    NEWS,
    PODCAST,
    ZONE,
)

PLACES = (
    "tiki", "appstore", "page", "corner", "forum", "news", "blog", "podcast", "breaks",
    "hackernews", "mastodon",
)  # fmt: skip
_FIRST_ID = {
    "tiki": 19650000, "appstore": 11820000000, "page": 1000, "corner": 7000, "forum": 40200,
    "news": 88100, "blog": 310, "podcast": 200, "breaks": 550100, "hackernews": 45600000,
    "mastodon": 115400000000000000,
}  # fmt: skip


class Truth(StrEnum):
    """What a brand team would say of a post, decided by the person who wrote it.

    `URGENT`, `HIGH` and `FLAG` belong in today's list (`FLAG` in any severity),
    `NEVER` does not, `EITHER` may or may not; `ELSEWHERE` is not about the brand.
    """

    URGENT = "urgent"
    HIGH = "high"
    FLAG = "flag"
    NEVER = "never"
    EITHER = "either"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post of the sample web; `key` is its native id there, `at` aware UTC.

    `name` is what the story calls it ("" for everyday posts). `text` is what the
    author wrote; where `is_mojibake`, the site sends it as broken letters.
    """

    place: str
    key: str
    name: str
    at: datetime
    truth: Truth
    text: str
    author: str
    title: str = ""
    stars: int | None = None
    product: str = ""
    language: str = ""
    is_mojibake: bool = False

    @property
    def sent(self) -> str:
        """The text as the site sends it."""
        return broken(self.text) if self.is_mojibake else self.text

    @property
    def mention_key(self) -> str:
        """The key under which a reader of the site knows the post."""
        return _WIRE_KEYS.get(self.place, "{}").format(self.key)


_WIRE_KEYS = {
    "page": f"{BRAND_PAGE}#danh-gia-{{}}",
    "corner": f"{FORUM_CORNER}#bai-{{}}",
    "forum": f"https://{FORUM}/bai/{{}}",
    "news": f"https://{NEWS}/bai/{{}}",
    "breaks": f"https://{BREAKING}/bai/{{}}",
    "blog": f"tag:{BLOG},2024:post-{{}}",
    "podcast": f"https://{PODCAST}/tap/{{}}",
}


def broken(text: str) -> str:
    """Return `text` as a tool shows it that takes UTF-8 for Windows-1252."""
    return text.encode().decode("cp1252")


@cache
def all_posts() -> tuple[Post, ...]:
    """Return every post of the sample web, oldest first, with native ids rising in time."""
    drafts = [draft for place in PLACES for draft in _drafts(place)]
    return tuple(sorted(_numbered(_dated(drafts)), key=lambda post: (post.at, post.key)))


def at_place(place: str, *, now: datetime, product: str = "") -> list[Post]:
    """Return the posts that visitors of `place` can see at `now`, newest first."""
    return [
        post
        for post in reversed(all_posts())
        if post.place == place and post.at < now and product in ("", post.product)
    ]


def named(name: str) -> Post:
    """Return the post that the story calls `name`; KeyError if there is none."""
    for post in all_posts():
        if post.name == name:
            return post
    raise KeyError(name)


_MOJIBAKE = "MOJIBAKE:"  # before a text that its site sends as broken letters
_UNDATED = datetime.max.replace(tzinfo=UTC)


def _drafts(place: str) -> Iterator[Post]:
    for row in rows(f"{place}.tsv"):
        text = row["text"].removeprefix(_MOJIBAKE)
        yield Post(
            place=place,
            key="",
            name=row["name"],
            at=_moment(row["when"]) if row["when"] else _UNDATED,
            truth=Truth(row["truth"]),
            text=text,
            author=row["author"],
            title=row.get("title", ""),
            stars=int(row["stars"]) if row.get("stars") else None,
            product=row.get("product", ""),
            language=row.get("language", ""),
            is_mojibake=text != row["text"],
        )
    for made in history.compose(place, tuple(rows("parts.tsv"))):
        yield Post(
            place=place,
            key="",
            name="",
            at=_UNDATED,
            truth=Truth.FLAG if made.is_bad else Truth.NEVER,
            text=made.text,
            author=made.author,
            title=made.title,
            stars=made.stars,
            product=made.product,
        )


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one table beside this module, by the names in its first line."""
    table = files("earful.demo") / "texts" / name
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    for line in lines:
        yield dict(zip(head.split("\t"), line.split("\t"), strict=True))


def _moment(when: str) -> datetime:
    local = datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    return local.astimezone(UTC)


def _dated(drafts: Iterable[Post]) -> list[Post]:
    """Give every everyday post its moment in the nine weeks, in an order of its own."""
    drafts = list(drafts)
    everyday = sorted(
        (post for post in drafts if post.at == _UNDATED),
        key=lambda post: history.shuffled(post.place + post.title + post.text),
    )
    moments = history.moments(len(everyday))
    dated = [replace(post, at=at) for post, at in zip(everyday, moments, strict=True)]
    return [post for post in drafts if post.at != _UNDATED] + dated


def _numbered(dated: Iterable[Post]) -> Iterator[Post]:
    """Give native ids that rise with time inside each place, as real sites do."""
    dated = sorted(dated, key=lambda post: (post.at, post.text))
    for place in PLACES:
        here = [post for post in dated if post.place == place]
        for rank, post in enumerate(here):
            yield replace(post, key=_key(post, _FIRST_ID[place] + rank * 17))


def _key(post: Post, number: int) -> str:
    if post.place == "mastodon":  # as the real ones: milliseconds since 1970, 16 bits of counter
        number = int(post.at.timestamp() * 1000) << 16
    return str(number)
