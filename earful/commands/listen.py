"""`earful listen "BRAND"`: hear a brand now, with no key and no set-up."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import click

import scheduler
from crawlers.registry import source_of
from earful.app import NOTHING_COLLECTED, App
from earful.commands.collect import GOOD, visit
from earful.commands.mentions import mentions_table
from earful.show import bullet
from earful.targets import watch_name
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.text import fold
from store import mentions, watches
from store.mentions import Filter
from store.watches import Watch

NEWS_EVERY_MIN = 60


class NewsFeed(NamedTuple):
    """One feed of the built-in list; whether it answers is seen when it is asked."""

    name: str
    language: str
    address: str


@click.command("listen")
@click.argument("brand")
@click.option("--lang", default="vi,en", help="Which languages' news feeds: vi, en or vi,en.")
@click.option(
    "--google-news", type=click.BOOL, help="Ask Google News too (y/n); else you are asked."
)
@click.pass_obj
def command(app: App, brand: str, lang: str, google_news: bool | None) -> None:
    """Look for BRAND in public sources that need no key, and show what is said.

    Adds news feeds, Hacker News and a Mastodon tag (and Google News, if you say
    yes), collects, scores, and shows the newest mentions and what needs an answer.
    """
    words = app.words
    chosen = _brand(app, brand, lang)
    app.keep_brand(chosen)
    _advice(app, chosen)
    with_google = _asks_google(app) if google_news is None else google_news
    added = _add_sources(app, chosen, lang.split(","), with_google=with_google)
    app.note(words("Looking for {brand} in {n} public sources.", brand=chosen.name, n=len(added)))
    visited = visit(app, added)
    _tell_who_answered(app, visited)
    _show(app, chosen)
    if not any(each.facts.outcome in GOOD for each in visited):
        app.exit_code = NOTHING_COLLECTED


def _brand(app: App, name: str, lang: str) -> Brand:
    if not name.strip():
        raise ConfigError("no brand given", next_step='earful listen "Your brand"')
    unknown = set(lang.split(",")) - {"vi", "en"}
    if unknown:
        raise ConfigError("not a language", subject=", ".join(unknown), next_step="write vi,en")
    for known in app.brands():
        if known.name.casefold() == name.strip().casefold():
            return known
    joined = "".join(fold(name).split())
    queries = (f'"{name.strip()}"', joined) if " " in name.strip() else (f'"{name.strip()}"',)
    return Brand(name=name.strip(), queries=queries, language=app.words.language)


def _advice(app: App, brand: Brand) -> None:
    words = app.words
    app.note(words("Have a shop? Drop your review file first:  earful import reviews.xlsx"))
    app.note(words("No key and no set-up needed. Also good, when you have them:"))
    lines = [
        words("a product's page or its link on Tiki:  earful add https://..."),
        words("a Google Alerts feed for {brand}:  earful add https://www.google.com/alerts/feeds/...",
              brand=brand.name),
        words("your app on the App Store:  earful add https://apps.apple.com/vn/app/id..."),
        words("Shopee, Lazada, TikTok Shop: export the reviews, then earful import FILE"),
    ]  # fmt: skip
    app.note(bullet(lines))


def _asks_google(app: App) -> bool:
    if not app.err.is_terminal or app.is_quiet:
        return False
    asked = app.words("Ask Google News too? Its feeds are meant for personal reading.")
    return click.confirm(asked, default=False, err=True)


def news_feeds(languages: Sequence[str]) -> list[NewsFeed]:
    """Return the built-in list of news feeds in `languages`."""
    text = files("earful").joinpath("news_feeds.tsv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:], delimiter="\t")
    return [feed for feed in (NewsFeed(*row) for row in rows) if feed.language in languages]


def _add_sources(
    app: App, brand: Brand, languages: Sequence[str], *, with_google: bool
) -> list[Watch]:
    """Add the keyless sources for `brand`; return their watches."""
    tag = "".join(fold(brand.name).split())
    wanted = [("feed", each.address, each.name) for each in news_feeds(languages)]
    wanted += [("hackernews", brand.name, ""), ("mastodon", f"mastodon.social/{tag}", "")]
    if with_google:
        wanted.append(("google_news", brand.name, ""))
    now = scheduler.utc_now()
    ids = []
    for kind, target, name in wanted:
        source = source_of(kind)
        ids.append(
            watches.add(
                app.store,
                kind,
                target,
                now=now,
                brand=brand.name,
                name=name or watch_name(source, target),
                every_min=max(NEWS_EVERY_MIN, source.default_every_min),
            )
        )
    return [each for each in watches.listing(app.store, now=now) if each.id in ids]


def _tell_who_answered(app: App, visited: Sequence[scheduler.Visited]) -> None:
    words = app.words
    silent: dict[str, list[str]] = defaultdict(list)
    for each in visited:
        if each.facts.outcome not in GOOD:
            silent[each.facts.reason].append(each.watch.name)
    answered = len(visited) - sum(map(len, silent.values()))
    app.note(words("{n} of {total} sources answered", n=answered, total=len(visited)))
    if silent:
        app.note(bullet(f"{', '.join(names)}: {reason}" for reason, names in silent.items()))
    if not answered:
        app.note(words("No source answered: is this machine connected to the internet?"))


def _show(app: App, brand: Brand) -> None:
    words, store = app.words, app.store
    now = scheduler.utc_now()
    wanted = Filter(brand=brand.name)
    rows = mentions.find(store, wanted, limit=10)
    if app.is_json:
        app.print_json({"brand": brand.name, "mentions": mentions.count(store, wanted)})
        return
    if rows:
        app.out.print(mentions_table(rows, words=words, now=now, zone=brand.zone))
    counts = {
        label: mentions.count(store, Filter(brand=brand.name, label=label))
        for label in ("positive", "neutral", "negative")
    }
    waiting = mentions.count(store, Filter(brand=brand.name, needs_answer=True, now=now))
    said = words(
        "{total} mentions · ▲ {positive} positive · ● {neutral} neutral · ▼ {negative} negative"
        " · {waiting} need an answer",
        total=mentions.count(store, wanted), waiting=waiting, **counts,
    )  # fmt: skip
    app.out.print(said, markup=False)
    app.note(words("Next:  earful cases   earful digest   earful run"))
