"""The demo's story holds together: files, brand, watches, answers and what must be true."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from earful.demo import drop, story
from earful.demo.catalogue import ZONE
from earful.demo.posts import Truth, all_posts, named
from ingest.files import read_table
from ingest.mention import FeedbackKind, Mention, Speaker
from ingest.normalise import normalise_page
from ingest.page import Page
from ingest.query import matcher

TABLES = ("survey", "shopee-reviews", "social", "tiktok-shop", "tracker", "figures")


def table(name: str) -> list[list[str]]:
    return list(csv.reader(StringIO(drop.body_of(f"{name}.csv").decode())))


# the files


def test_the_drop_folder_holds_exactly_the_files_of_the_story(tmp_path: Path) -> None:
    laid = drop.lay_out(tmp_path / "drop")
    assert [path.name for path in laid] == sorted(each.name for each in story.FILES)
    assert {each.name for each in story.FILES} == set(story.EXPECTED_FILE_MENTIONS)
    for path in laid:
        assert path.read_bytes() == drop.body_of(path.name)


def test_the_files_are_the_same_bytes_each_time() -> None:
    for each in story.FILES:
        assert drop.body_of(each.name) == drop.body_of(each.name)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_table_has_every_column_and_its_own_id(name: str) -> None:
    head, *rows = table(name)
    assert 8 <= len(rows) <= 40
    assert all(len(row) == len(head) for row in rows)
    assert len({row[0] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", TABLES[:-1])
def test_no_row_is_written_after_its_file_arrives(name: str) -> None:
    arrives = next(each.arrives_at for each in story.FILES if each.name == f"{name}.csv")
    local = arrives.astimezone(ZONE)
    head, *rows = table(name)
    column = next(n for n, word in enumerate(head) if "Ngày" in word or "Thời gian" in word)
    assert max(row[column] for row in rows) < f"{local:%Y-%m-%d %H:%M}"


_REPLY = "Phản hồi của người bán"


def test_the_counts_of_the_files_are_true() -> None:
    expected = story.EXPECTED_FILE_MENTIONS
    for name in TABLES[:-1]:
        head, *rows = table(name)
        replies = [row[head.index(_REPLY)] for row in rows] if _REPLY in head else []
        assert len(rows) + sum(map(bool, replies)) == expected[f"{name}.csv"]
    assert len(drop.body_of("inapp.jsonl").decode().splitlines()) == expected["inapp.jsonl"]
    conversation = drop.body_of("support.txt").decode()
    assert conversation.count("2026-11-") == expected["support.txt"]
    interview = drop.body_of("interview.txt").decode()
    assert interview.count("Đáp:") * 2 == expected["interview.txt"]


def test_the_in_app_lines_are_json_with_ids_of_their_own() -> None:
    rows = [json.loads(line) for line in drop.body_of("inapp.jsonl").decode().splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)


def test_the_star_ratings_are_a_real_excel_book_with_stars_and_no_texts() -> None:
    sheet = load_workbook(BytesIO(drop.body_of("stars.xlsx"))).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    assert head == ("Mã đánh giá", "Ngày đánh giá", "Sản phẩm", "Số sao")
    assert len(rows) == story.EXPECTED_FILE_MENTIONS["stars.xlsx"]
    assert all(isinstance(row[3], int) and 1 <= row[3] <= 5 for row in rows)
    hinge = [
        int(str(row[3]))
        for row in rows
        if "Nồi" in str(row[2]) and str(row[1]).endswith("/11/2026")
    ]
    assert min(hinge) == 1
    assert len({row[0] for row in rows}) == len(rows)


def test_one_row_of_the_shops_export_has_lost_its_letters() -> None:
    _, *rows = table("shopee-reviews")
    lossy = [row for row in rows if row[6].count("?") >= 5]
    assert [row[0] for row in lossy] == ["SP-90120"]


@pytest.mark.parametrize("each", story.FILES, ids=lambda each: each.name)
def test_the_file_reader_finds_every_row_without_being_told_the_columns(
    each: story.FileDrop,
) -> None:
    body = drop.body_of(each.name)
    page = read_table(body, name=each.name, kind=each.kind, zone=story.BRAND.zone)
    mentions, problems = normalise_page(page, fetched_at=each.arrives_at)
    assert len(mentions) == story.EXPECTED_FILE_MENTIONS[each.name]
    # a review without words is a star rating, whatever the file is called
    said = {mention.feedback_kind for mention in mentions if mention.speaker is Speaker.CUSTOMER}
    assert said <= {each.kind, FeedbackKind.STARS}
    assert not any(mention.is_keyless for mention in mentions)
    assert all(mention.posted_at for mention in mentions if not mention.key.endswith("/reply"))
    damaged = [] if each.name != "shopee-reviews.csv" else [("damaged-text", "SP-90120")]
    assert [(problem.code, problem.key) for problem in (*page.problems, *problems)] == damaged


def test_staff_and_interviewers_are_not_heard_as_customers() -> None:
    for name, customers in (("support.txt", 8), ("interview.txt", 5)):
        page = read_table(drop.body_of(name), name=name, zone=story.BRAND.zone)
        assert sum(item.speaker is Speaker.CUSTOMER for item in page.items) == customers


def test_survey_answers_keep_their_scales_social_posts_their_reach_and_figures_their_days() -> None:
    def read(name: str) -> Page:
        return read_table(drop.body_of(name), name=name, zone=story.BRAND.zone)

    metrics = {(answer.metric, answer.scale.high) for answer in read("survey.csv").items[0].answers}
    assert metrics == {("csat", 5), ("nps", 10), ("ces", 7)}
    assert max(item.reach or 0 for item in read("social.csv").items) == 15400
    assert len(read("figures.csv").figures) == 28 * 3


# the plot


def test_the_brand_listens_in_its_own_zone_and_two_spellings() -> None:
    assert story.BRAND.zone == "Asia/Ho_Chi_Minh"
    assert any("Lúa Mây" in query for query in story.BRAND.queries)
    assert "luamay" in story.BRAND.queries


def test_the_brand_query_keeps_every_post_about_the_brand_and_no_false_friend() -> None:
    term_in = matcher(story.BRAND)
    for post in all_posts():
        if post.place in ("tiki", "appstore", "page", "corner"):
            continue  # these sites are about the brand by construction
        mention = Mention(source=post.place, key=post.key, title=post.title, text=post.text)
        assert bool(term_in(mention)) is (post.truth != Truth.ELSEWHERE), post


def test_the_passes_rise_to_the_present() -> None:
    passes = [*story.HISTORY_NOW, story.NOW]
    assert passes == sorted(set(passes))


def test_named_posts_are_named_once() -> None:
    names = [post.name for post in all_posts() if post.name]
    assert len(names) == len(set(names))


def test_the_urgent_posts_are_the_five_that_hurt() -> None:
    urgent = {post.name for post in story.expected(Truth.URGENT)}
    assert urgent == {"shock", "burn", "fake", "headline", "boycott"}


def test_what_must_be_flagged_and_what_must_not_are_both_many_and_apart() -> None:
    flagged = story.expected(Truth.URGENT, Truth.HIGH, Truth.FLAG)
    never = story.expected(Truth.NEVER)
    assert len(flagged) >= 90
    assert len(never) >= 180
    assert not {post.mention_key for post in flagged} & {post.mention_key for post in never}
    assert story.NEVER_HEARD not in flagged


def test_answers_come_after_the_post_and_after_the_visit_that_saw_it() -> None:
    posts = {post.mention_key: post for post in story.heard()}
    filed = {row[0] for row in table("shopee-reviews") + table("social")}
    for answered in story.ANSWERED:
        assert answered.at < story.NOW
        if answered.key in filed:
            continue
        seen = next(now for now in (*story.HISTORY_NOW, story.NOW) if posts[answered.key].at < now)
        assert answered.at > seen
    keys = [answered.key for answered in story.ANSWERED]
    assert len(keys) == len(set(keys))


def test_what_is_still_open_was_not_answered() -> None:
    answered = {each.key for each in story.ANSWERED}
    for name in story.STILL_OPEN:
        assert named(name).mention_key not in answered


def test_most_answers_of_friday_are_in_time_and_two_are_late() -> None:
    second = story.HISTORY_NOW[1]
    posts = {post.mention_key for post in story.heard()}
    friday = [each for each in story.ANSWERED if each.key in posts and each.at > second]
    target = second + timedelta(hours=story.BRAND.answer_within_h)
    assert sum(each.at > target for each in friday) == 2
    assert sum(each.at <= target for each in friday) >= 10
