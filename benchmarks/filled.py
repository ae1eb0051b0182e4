"""A store with many mentions, taken in by the real door; the verdicts of a thousand recur."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.posts import BRAND, post
from cases.flag import decide
from ingest.brand import Brand
from ingest.mention import FeedbackKind, Mention, RawItem
from ingest.page import Fetched, Page
from scoring.judge import Judge
from scoring.verdict import Verdict
from store.engine import Store, open_store
from store.intake import Hit, Intake, take_in

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FIRST = datetime(2026, 5, 1, tzinfo=UTC)
PAGE = 500
JUDGED = 1_000


class Opinions:
    """Judges a thousand posts, and hands their verdicts out: judging is measured elsewhere."""

    def __init__(self) -> None:
        judge = Judge()
        said = [post(number) for number in range(JUDGED)]
        self._known = [judge.text(each.text, title=each.title) for each in said]

    def __call__(self, mention: Mention) -> Verdict:
        """Return some post's verdict, always the same for a mention."""
        return self._known[int(mention.key) % JUDGED]


def page_of(start: int, *, size: int = PAGE, edited: str = "") -> tuple[Fetched, Page]:
    """Return a page of reviews with the numbers from `start`."""
    items = []
    for number in range(start, start + size):
        said = post(number)
        posted = FIRST + timedelta(minutes=number)
        items.append(
            RawItem(
                key=str(number), title=said.title, text=f"{said.text}{edited}",
                author=said.author, posted=posted.isoformat(), stars=1 + number % 5,
                feedback_kind=FeedbackKind.REVIEW, url=f"https://luamay.example/r/{number}",
            )
        )  # fmt: skip
    fetched = Fetched(url=f"https://luamay.example/{start}{edited}", body=b"-", fetched_at=NOW)
    return fetched, Page(source="luamay.example", items=tuple(items))


def taken(store: Store, page: tuple[Fetched, Page], *, opinions: Opinions) -> Intake:
    """Take a page in, everything about the one brand."""
    brand = Brand(name=BRAND)
    return take_in(
        store, [page], match=lambda _mention: (Hit(BRAND),), judge=opinions,
        flag=lambda mention, verdict, _name: decide(mention, verdict, brand), now=NOW,
    )  # fmt: skip


@contextmanager
def filled(mentions: int) -> Iterator[Store]:
    """Give a store with that many mentions, in a folder of its own that goes afterwards."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'earful.db'}")
        opinions = Opinions()
        for start in range(0, mentions, PAGE):
            taken(store, page_of(start), opinions=opinions)
        yield store
        store.close()
