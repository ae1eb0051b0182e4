"""`earful listen "BRAND"`: hear a brand now, with no key and no set-up."""

from __future__ import annotations

from collections.abc import Sequence

import click

import scheduler
from earful.app import NOTHING_COLLECTED, App
from earful.commands.collect import visit
from earful.commands.mentions import mentions_table
from earful.keyless import (
    LANGUAGES,
    NewsFeed,
    add_keyless,
    ask_for_feeds,
    chosen_feeds,
    news_feeds,
    tell_who_answered,
)
from earful.show import bullet
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.text import fold
from store import mentions
from store.mentions import Filter


@click.command("listen")
@click.argument("brand")
@click.option("--lang", default="vi,en", help="Which languages' news feeds: vi, en or vi,en.")
@click.option("--news", help="Which of them: all, none, numbers or names; else you are asked.")
@click.option(
    "--google-news", type=click.BOOL, help="Ask Google News too (y/n); else you are asked."
)
@click.pass_obj
def command(app: App, brand: str, lang: str, news: str | None, google_news: bool | None) -> None:
    """Look for BRAND in public sources that need no key, and show what is said.

    Adds news feeds, Hacker News and a Mastodon tag (and Google News, if you say
    yes), collects, scores, and shows the newest mentions and what needs an answer.
    """
    words = app.words
    chosen = _brand(app, brand, lang)
    app.keep_brand(chosen)
    _advice(app, chosen)
    feeds = _feeds(app, lang.split(","), news)
    with_google = _asks_google(app) if google_news is None else google_news
    added = add_keyless(app, chosen, feeds, with_google=with_google)
    app.note(words("Looking for {brand} in {n} public sources.", brand=chosen.name, n=len(added)))
    visited = visit(app, added)
    has_answer = tell_who_answered(app, visited)
    _show(app, chosen)
    if not has_answer:
        app.exit_code = NOTHING_COLLECTED


def _brand(app: App, name: str, lang: str) -> Brand:
    if not name.strip():
        raise ConfigError("no brand given", next_step='earful listen "Your brand"')
    unknown = set(lang.split(",")) - set(LANGUAGES)
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


def _feeds(app: App, languages: Sequence[str], typed: str | None) -> list[NewsFeed]:
    feeds = news_feeds(languages)
    if typed is not None:
        return chosen_feeds(typed, feeds)
    return ask_for_feeds(app, feeds, usual="all") if app.can_ask else feeds


def _asks_google(app: App) -> bool:
    if not app.can_ask:
        return False
    asked = app.words("Ask Google News too? Its feeds are meant for personal reading.")
    return click.confirm(asked, default=False, err=True)


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
