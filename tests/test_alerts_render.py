"""The digest laid out: text, HTML and terminal; hostile text stays text everywhere."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from alerts_facts import LUA_MAY, NOW, OPEN, QUIET, in_vietnamese
from rich.console import Console

from alerts import render
from alerts.cards import card
from alerts.digest import Bar, Card, DayFacts, Digest, compose
from alerts.facts import Win
from alerts.terminal import print_digest
from ingest.words import Words

PUBLIC = "https://listen.luamay.example/"
DAYS = [LUA_MAY, in_vietnamese(LUA_MAY), QUIET, in_vietnamese(QUIET)]


def packed(facts: DayFacts) -> Digest:
    """Return the fullest digest there can be: five long cards, every section filled."""
    long = tuple(
        replace(OPEN[0], case_id=n, text="Nồi rò điện, nhắn shop không ai trả lời. " * 60)
        for n in range(900, 905)
    )
    return compose(replace(facts, open_cases=long, more_open=995))


@pytest.mark.parametrize("facts", DAYS)
@pytest.mark.parametrize("public_url", [None, PUBLIC])
def test_the_mail_stays_small_and_has_no_images(facts: DayFacts, public_url: str | None) -> None:
    for digest in (compose(facts), packed(facts)):
        page = render.html(digest, public_url=public_url)
        assert len(page.encode()) < render.HTML_BUDGET
        assert "<img" not in page
        assert "<script" not in page
        assert "prefers-color-scheme:dark" in page.replace(" ", "")


def test_there_are_no_dead_buttons_without_a_public_address() -> None:
    page = render.html(compose(LUA_MAY))
    links = re.findall(r'href="([^"]*)"', page)
    assert links == [
        "https://photos.example/p/77",
        "https://shop.example/review/4821",
        "https://reviews.example/9",
        "https://shop.example/review/4890",
    ]
    assert "earful cases show 13" in page
    assert "earful feedback 4822 --not-us" in page
    assert "Answer this" not in page


def test_with_a_public_address_every_card_can_be_answered_and_corrected() -> None:
    page = render.html(compose(LUA_MAY), public_url=PUBLIC)
    for path in (
        "/m/4822",
        "/m/4822/wrong?is=not-negative",
        "/m/4821/wrong?is=not-us",
        "/inbox",
        "/mentions?theme=quality",
        "/m/4890",
        "/sources",
        "/me/digest",
    ):
        assert f'href="https://listen.luamay.example{path}"' in page
    assert "earful cases" not in page


def test_the_html_speaks_the_brands_language() -> None:
    page = render.html(compose(in_vietnamese(LUA_MAY)), public_url=PUBLIC)
    for words in ('<html lang="vi"', "Cần trả lời ngay", "Có gì thay đổi", "Tin vui", "Nhầm hãng"):
        assert words in page
    assert 'lang="en"' in page  # the one English post keeps its own language


@pytest.mark.parametrize("facts", DAYS)
def test_the_text_is_72_columns_wide_but_for_addresses(facts: DayFacts) -> None:
    for digest in (compose(facts), packed(facts)):
        lines = render.text(digest).splitlines()
        assert max(len(line) for line in lines if "https://" not in line) <= 72


def test_the_text_has_everything_the_html_says() -> None:
    text = " ".join(render.text(compose(LUA_MAY)).split())
    for said in (
        "Negative: 31 (▲ high usually 7–15)",
        "== Needs an answer now (4 of 4) ==",
        "1. [35 min late] Instagram, posted Sat 02:25",
        "Why: speaks of danger to people: “chập điện”, “tóe lửa”",
        "earful cases show 13",
        "* Spike: quality. 25 of the day's 31 negative mentions",
        "so this count is too low.",
        "Posted earlier: 14 older posts",
    ):
        assert said in text
    public = render.text(compose(LUA_MAY), public_url=PUBLIC)
    assert "https://listen.luamay.example/m/4822" in public
    assert "earful cases show" not in public


def test_a_quiet_day_is_short_in_every_form() -> None:
    digest = compose(QUIET)
    assert len(render.text(digest).split("\n\n")) == 4
    assert "Needs an answer" not in render.html(digest)
    assert "Needs an answer" not in on_screen(digest, width=80)


def test_the_json_is_the_digest_with_its_letters() -> None:
    text = render.as_json(compose(in_vietnamese(LUA_MAY)))
    assert "bản tin" in text.casefold()
    assert Digest.from_json(json.loads(text)) == compose(in_vietnamese(LUA_MAY))


def test_bars_keep_their_proportion_and_small_days_stay_visible() -> None:
    bars = (Bar("1", 0, False), Bar("2", 1, False), Bar("3", 100, True), Bar("4", None, False))
    assert render.bar_heights(bars, 72) == [0, 2, 72, 0]
    assert render.bar_heights((), 72) == []
    gaps = replace(compose(LUA_MAY), bars=bars)
    assert 'height="72"' in render.html(gaps)


def on_screen(digest: Digest, *, width: int) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=False, highlight=False)
    print_digest(digest, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("facts", DAYS)
@pytest.mark.parametrize("width", [40, 79, 80, 100, 160])
def test_the_terminal_fits_its_width(facts: DayFacts, width: int) -> None:
    told = on_screen(compose(facts), width=width)
    assert max(len(line) for line in told.splitlines()) <= width
    assert "Lúa Mây" in told


def test_the_terminal_shows_the_news_the_cases_and_the_next_step() -> None:
    told = on_screen(compose(LUA_MAY), width=120)
    for said in ("Fri 20 Nov 2026 (UTC+7)", "▃▃▃▂▃▃▃▃▃▅█▇▆", "35 min late", "Shopee ★1"):
        assert said in told
    assert "earful\u00a0cases\u00a0show\u00a013" in told
    assert "earful\u00a0feedback\u00a04822\u00a0--not-us" in told
    assert "\x1b" not in told
    gap = replace(compose(LUA_MAY), bars=(Bar("1", None, False), Bar("2", 3, True)))
    assert "·█" in on_screen(gap, width=120)


def test_markup_of_the_terminal_in_a_post_stays_text() -> None:
    case = replace(OPEN[0], text="[bold red]x[/] \x1b[31mđỏ\x07 [link=http://a]y[/link]")
    told = on_screen(compose(replace(LUA_MAY, open_cases=(case,))), width=120)
    assert "[bold red]x[/] [31mđỏ [link=http://a]y[/link]" in told
    assert "\x1b" not in told


HOSTILE = (
    '<script>alert("1")</script>',
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% for x in y %}",
    "</td></table><iframe src=//a.example>",
    "javascript:alert(1)",
    "&lt;b&gt; ' onmouseover='x",
)


def hostile(vector: str) -> DayFacts:
    case = replace(OPEN[0], text=vector, title=vector, source=vector, url=vector, language=vector)
    win = Win(mention_id=1, text=vector, source=vector, url=vector, product=vector)
    return replace(LUA_MAY, open_cases=(case,), wins=(win,))


def first_card(vector: str) -> Card:
    (case,) = hostile(vector).open_cases
    return card(case, Words("vi"), now=NOW, zone=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.mark.parametrize("vector", HOSTILE)
def test_hostile_text_is_escaped_in_the_mail(vector: str) -> None:
    page = render.html(compose(hostile(vector)), public_url=PUBLIC)
    assert "<script" not in page
    assert "<img" not in page
    assert "<iframe" not in page
    assert "49" not in render.card_html(first_card("{{ 7*7 }}"), language="en")
    assert not re.search(r"<[^>]*\son\w+=", page)


@pytest.fixture(scope="module")
def judge_of_html(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "check_html", shared / "corpora" / "tools" / "check_html.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def vectors(shared: Path) -> list[str]:
    lines = (shared / "corpora" / "security" / "xss.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line)["vector"] for line in lines]
    return [each for each in found if each and not each.startswith("REPEAT:")]


EVERY = pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.soak)])


@EVERY
def test_no_known_attack_is_active_in_a_card(
    shared: Path, judge_of_html: ModuleType, step: int
) -> None:
    every = vectors(shared)[::step]
    assert len(every) > 5_000 / step
    harmless = set(judge_of_html.active(card_of("hello")))
    for start in range(0, len(every), 50):
        some = every[start : start + 50]
        fragment = "".join(card_of(vector) for vector in some)
        assert set(judge_of_html.active(fragment)) <= harmless, some


@EVERY
def test_no_known_attack_is_active_in_the_finished_mail(
    shared: Path, judge_of_html: ModuleType, step: int
) -> None:
    benign = set(judge_of_html.active(render.html(compose(hostile("hello")))))
    every = vectors(shared)[::step]
    for start in range(0, len(every), 100):
        case = hostile(" ".join(each[:60] for each in every[start : start + 100]))
        long = tuple(replace(OPEN[0], text=each) for each in every[start : start + 5])
        page = render.html(compose(replace(case, open_cases=(*case.open_cases, *long)[:5])))
        assert set(judge_of_html.active(page)) <= benign


def card_of(vector: str) -> str:
    return render.card_html(first_card(vector), language="vi")
