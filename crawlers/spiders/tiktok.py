"""Comments under TikTok videos, from files that people or their tools saved."""

from __future__ import annotations

import re
from typing import Any

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

_NONE = (None, "", "0", 0)


class TikTok(Source):
    """Saved comments; the target is a folder or file of them, nothing is fetched.

    A file is a list of comments, or `{comments: [...]}` as the site's own answer has it:
    `{cid, text, create_time, digg_count, aweme_id (the video), reply_id, user}`.
    """

    kind = "tiktok"
    name_en = "TikTok comments"
    name_vi = "Bình luận TikTok"
    access = Access.IMPORT
    covers = "the comments in a saved file, with the replies in it"
    does_not_cover = "anything that was not saved: TikTok blocks programs that read it"
    evidence = "read on a file of 2026-01 that a crawler saved (fewer fields than the site's)"
    expect = Expect(min_items=1, filled=("key", "posted"), rhythm_days=7)
    default_every_min = 60
    pages_from_newest = False
    matches_by_construction = True
    marks = frozenset({"cid", "create_time", "digg_count"})
    is_fetched = False

    def recognise(self, url: str) -> str | None:
        """Return the address itself, so that it is told why TikTok is not crawled."""
        is_shop = re.search(r"tiktok\.com/(?:shop|view/product)(?:/|$)", url)
        is_video = re.fullmatch(r"(?:(?:www|m|vt|vm)\.)?tiktok\.com", host_of(url))
        return url if is_video and not is_shop else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError for an address, which no program may read."""
        if not target.strip() or "://" in target:
            raise ConfigError(
                "TikTok blocks programs that read it",
                subject=f"tiktok:{target}",
                next_step="save the comments to a file and give its folder: earful import FILE",
            )

    def first(self, order: Order) -> Ask:
        """Raise ConfigError: files are visited by the roof, not fetched."""
        raise ConfigError(
            "files are not fetched",
            subject=f"tiktok:{order.target}",
            next_step="visit the folder with the importer",
        )

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the comments of one file, each followed by its replies."""
        answer = read_json(fetched, kind=self.kind)
        is_list = isinstance(answer, list)
        rows = answer if is_list else listed(answer, "comments", kind=self.kind)
        parts = [part for row in rows for part in (row, *_replies(row))]
        items, problems = read_each(parts, _read_comment, kind=self.kind)
        has_more = not is_list and bool(answer.get("has_more"))
        total = None if is_list else answer.get("total")
        return Page(
            source=self.kind, items=items, is_end=not has_more, total=total, problems=problems
        )


def _replies(row: Any) -> list[Any]:
    return list(row.get("reply_comment") or ()) if isinstance(row, dict) else []


def _read_comment(row: Any) -> RawItem:
    user = row.get("user") or row
    above = row.get("reply_id")
    return RawItem(
        key=row["cid"],
        text=row["text"],
        author=user.get("unique_id") or user.get("nickname"),
        posted=row["create_time"],
        feedback_kind=FeedbackKind.COMMENT,
        likes=row.get("digg_count"),
        parent=row.get("aweme_id") if above in _NONE else str(above),
        language=row.get("comment_language"),
    )


SOURCE = TikTok()
