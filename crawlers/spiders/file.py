"""Files that people drop in a folder or upload: exports of shops, surveys and desks."""

from __future__ import annotations

from pathlib import PurePath

from crawlers.base import Access, Expect, Source
from ingest.errors import ConfigError
from ingest.files import read_table
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order


class DroppedFiles(Source):
    """A folder or file; the target is its path. The roof visits it, nothing is fetched.

    What is expected is a rhythm: a file that stays away is due, never a quiet week.
    """

    kind = "file"
    name_en = "Files"
    name_vi = "Tệp"
    access = Access.IMPORT
    covers = "what the exported files hold: CSV, Excel, JSON and JSON lines"
    does_not_cover = "anything after the newest file; the digest says since when a file is due"
    evidence = "read on real seller exports of 2022-2026"
    expect = Expect(min_items=1, filled=(), rhythm_days=7)
    default_every_min = 60
    pages_from_newest = False
    matches_by_construction = True
    is_fetched = False

    def recognise(self, url: str) -> str | None:
        """Return None: a path is no web address, the roof tells it apart."""
        return None

    def check_target(self, target: str) -> None:
        """Raise ConfigError for an empty path or a web address."""
        if not target.strip() or "://" in target:
            raise ConfigError(
                "is not a folder or file",
                subject=f"file:{target}",
                next_step="give the path of the folder in which exports are dropped",
            )

    def first(self, order: Order) -> Ask:
        """Raise ConfigError: files are visited by the roof, not fetched."""
        raise ConfigError(
            "files are not fetched",
            subject=f"file:{order.target}",
            next_step="visit the folder with the importer",
        )

    def read(self, fetched: Fetched) -> Page:
        """Return the rows of one file; its columns are guessed."""
        return read_table(fetched.body, name=PurePath(fetched.url).name).page()


SOURCE = DroppedFiles()
