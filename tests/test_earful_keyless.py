"""The news feeds that can be chosen in `listen` and `init`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from earful.app import App
from earful.keyless import NewsFeed, add_keyless, ask_for_feeds, chosen_feeds, news_feeds
from ingest.brand import Brand
from ingest.errors import ConfigError
from store import watches

FEEDS = [
    NewsFeed("Báo Sáng", "vi", "https://baosang.example/rss"),
    NewsFeed("Báo Sáng Kinh doanh", "vi", "https://baosang.example/kinh-doanh.rss"),
    NewsFeed("Đêm Nay", "vi", "https://demnay.example/feed"),
    NewsFeed("The Evening", "en", "https://evening.example/rss.xml"),
]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("all", [1, 2, 3, 4]),
        ("none", []),
        ("", []),
        ("vi", [1, 2, 3]),
        ("EN", [4]),
        ("3, 1", [1, 3]),
        ("en,2", [2, 4]),
        ("bao sang", [1, 2]),
        ("đêm", [3]),
        ("dem,evening", [3, 4]),
    ],
)
def test_feeds_are_chosen_by_language_number_or_name(typed: str, numbers: list[int]) -> None:
    assert chosen_feeds(typed, FEEDS) == [FEEDS[n - 1] for n in numbers]


@pytest.mark.parametrize("typed", ["0", "5", "fr", "1,báo chiều"])
def test_what_names_no_feed_is_told(typed: str) -> None:
    with pytest.raises(ConfigError, match="no such news feed"):
        chosen_feeds(typed, FEEDS)


def test_the_built_in_list_has_both_languages_and_no_address_twice() -> None:
    feeds = news_feeds()
    assert {feed.language for feed in feeds} == {"vi", "en"}
    assert len({feed.address for feed in feeds}) == len(feeds) >= 25
    assert all(feed.address.startswith("https://") for feed in feeds)
    assert [feed.language for feed in news_feeds(["en"])] == ["en"] * len(chosen_feeds("en", feeds))


def test_the_choice_is_asked_again_after_a_mistake(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("7\n2,4\n"))
    assert ask_for_feeds(App(), FEEDS, usual="all") == [FEEDS[1], FEEDS[3]]
    told = capfd.readouterr().err
    assert "3 Đêm Nay (vi)" in told
    assert "7: no such news feed" in told


def test_chosen_feeds_are_watched_for_the_brand(tmp_path: Path) -> None:
    app = App(database=f"sqlite:///{tmp_path / 'e.db'}")
    brand = Brand(name="Lúa Mây", queries=('"Lúa Mây"',))
    app.keep_brand(brand)
    added = add_keyless(app, brand, FEEDS[:2])
    assert [(each.kind, each.target) for each in added] == [
        ("feed", FEEDS[0].address),
        ("feed", FEEDS[1].address),
        ("hackernews", "Lúa Mây"),
        ("mastodon", "mastodon.social/luamay"),
    ]
    assert [each.id for each in add_keyless(app, brand, FEEDS[:1])] == [
        added[0].id, added[2].id, added[3].id,
    ]  # fmt: skip
    assert watches.find(app.store, str(added[0].id), now=added[0].next_due_at).name == "Báo Sáng"
    app.close()
