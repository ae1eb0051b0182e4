"""The sources that need no key: which there are, which are wanted, and who answered."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import click
from rich.columns import Columns
from rich.text import Text

import scheduler
from alerts.trouble import in_words
from crawlers.registry import source_of
from earful.app import App
from earful.commands.collect import GOOD
from earful.show import bullet
from earful.targets import watch_name
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.text import fold
from store import watches
from store.watches import Watch

LANGUAGES = ("vi", "en")
_NEWS_EVERY_MIN = 60


class NewsFeed(NamedTuple):
    """One feed of the built-in list; whether it answers is seen when it is asked."""

    name: str
    language: str
    address: str


def news_feeds(languages: Sequence[str] = LANGUAGES) -> list[NewsFeed]:
    """Return the built-in list of news feeds in `languages`."""
    text = files("earful").joinpath("news_feeds.tsv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:], delimiter="\t")
    return [feed for feed in (NewsFeed(*row) for row in rows) if feed.language in languages]


def chosen_feeds(typed: str, feeds: Sequence[NewsFeed]) -> list[NewsFeed]:
    """Return those of `feeds` that `typed` names: all, none, vi, en, numbers, parts of names.

    Raises ConfigError for what names no feed.
    """
    wanted: set[NewsFeed] = set()
    for word in filter(None, (each.strip() for each in typed.split(","))):
        found = _named(word, feeds)
        if not found and word.casefold() != "none":
            raise ConfigError(
                "no such news feed", subject=word, next_step="write all, none, vi, en or 1,3,7"
            )
        wanted.update(found)
    return [feed for feed in feeds if feed in wanted]


def _named(word: str, feeds: Sequence[NewsFeed]) -> list[NewsFeed]:
    if word.casefold() == "all":
        return list(feeds)
    if word.casefold() in LANGUAGES:
        return [feed for feed in feeds if feed.language == word.casefold()]
    if word.isdecimal():
        return list(feeds[int(word) - 1 : int(word)]) if int(word) else []
    return [feed for feed in feeds if fold(word) in fold(feed.name)]


def ask_for_feeds(app: App, feeds: Sequence[NewsFeed], *, usual: str) -> list[NewsFeed]:
    """Show `feeds` with their numbers and ask which are wanted; Enter takes the `usual` ones."""
    lines = [Text(f"{n:2} {feed.name} ({feed.language})") for n, feed in enumerate(feeds, 1)]
    app.err.print(Columns(lines, equal=True, column_first=True))
    asked = app.words("Which news? all, none, vi, en, or numbers: 1,3,7")
    while True:
        try:
            return chosen_feeds(click.prompt(asked, default=usual, err=True), feeds)
        except ConfigError as e:
            app.note(f"✕ {e}")


def add_keyless(
    app: App, brand: Brand, feeds: Sequence[NewsFeed], *, with_google: bool = False
) -> list[Watch]:
    """Add `feeds`, Hacker News and a Mastodon tag for `brand`; return their watches."""
    tag = "".join(fold(brand.name).split())
    wanted = [("feed", each.address, each.name) for each in feeds]
    wanted += [("hackernews", brand.name, ""), ("mastodon", f"mastodon.social/{tag}", "")]
    if with_google:
        wanted.append(("google_news", brand.name, ""))
    now = scheduler.utc_now()
    ids = set()
    for kind, target, name in wanted:
        source = source_of(kind)
        ids.add(
            watches.add(
                app.store,
                kind,
                target,
                now=now,
                brand=brand.name,
                name=name or watch_name(source, target),
                every_min=max(_NEWS_EVERY_MIN, source.default_every_min),
            )
        )
    return [each for each in watches.listing(app.store, now=now) if each.id in ids]


def tell_who_answered(app: App, visited: Sequence[scheduler.Visited]) -> bool:
    """Say how many sources answered and why others did not; return whether any did."""
    words = app.words
    silent: dict[str, list[str]] = defaultdict(list)
    for each in visited:
        if each.facts.outcome not in GOOD:
            silent[in_words(each.facts.reason, words)].append(each.watch.name)
    answered = len(visited) - sum(map(len, silent.values()))
    app.note(words("{n} of {total} sources answered", n=answered, total=len(visited)))
    if silent:
        app.note(bullet(f"{', '.join(names)}: {reason}" for reason, names in silent.items()))
    if not answered:
        app.note(words("No source answered: is this machine connected to the internet?"))
    return answered > 0
