"""Sites and programs that are read from files only: what people exported or saved."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import ClassVar

from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceChanged
from ingest.files import read_table
from ingest.mention import FeedbackKind, Scale
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order


class ExportedFiles(Source):
    """Files of one site; the target is a folder or file of them, nothing is fetched.

    `place` are the site's addresses, recognised so that it is told why it is not
    crawled (`why`) and what to save instead (`instead`); `scale` is that of ratings
    whose column declares none, `feedback_kind` what its rows are.
    """

    access = Access.IMPORT
    expect = Expect(min_items=1, filled=(), rhythm_days=7)
    default_every_min = 60
    pages_from_newest = False
    matches_by_construction = True
    is_fetched = False
    place: ClassVar[re.Pattern[str]]
    why: ClassVar[str]
    instead: ClassVar[str] = (
        "save its reviews to a file (a page in your browser, a tool's list), "
        "then: earful import FILE"
    )
    scale: ClassVar[Scale | None] = None
    feedback_kind: ClassVar[FeedbackKind | None] = None

    def recognise(self, url: str) -> str | None:
        """Return the address itself, so that it is told why the site is not crawled."""
        host = host_of(url)
        path = url.partition(host)[2] if host else ""
        return url if host and self.place.match(host + path) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError for an address, which no program may read."""
        if not target.strip() or "://" in target:
            raise ConfigError(self.why, subject=f"{self.kind}:{target}", next_step=self.instead)

    def first(self, order: Order) -> Ask:
        """Raise ConfigError: files are visited by the roof, not fetched."""
        raise ConfigError(
            "files are not fetched",
            subject=f"{self.kind}:{order.target}",
            next_step="visit the folder with the importer",
        )

    def read(self, fetched: Fetched) -> Page:
        """Return the rows of one file; ids are the site's own, rows without any the file's."""
        name = PurePath(fetched.url).name
        table = read_table(fetched.body, name=name, scale=self.scale, kind=self.feedback_kind)
        fatal = [each.words for each in table.problems if each.is_fatal]
        if fatal and not table.items:
            raise SourceChanged(fatal[0], subject=self.kind, next_step=self.instead)
        page = table.page()
        has_ids = any(each.key for each in page.items)
        return replace(page, source=self.kind) if has_ids else page
