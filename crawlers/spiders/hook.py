"""Feedback that the own app or site posts to `earful hook`; nothing is fetched."""

from __future__ import annotations

from crawlers.asking import asked_for
from crawlers.base import Access, Expect, Source
from ingest.errors import ConfigError
from ingest.page import Ask, Fetched, Page
from ingest.posted import SOURCE as SPACE
from ingest.posted import posted_fields, read_posted
from ingest.visit import Order, Outcome, VisitFacts


class PostedFeedback(Source):
    """What was posted; the target is a name for it. The hook takes posts in as they come.

    While it runs it says so every quarter of an hour. A visit by the service
    therefore only ever finds that it has stopped.
    """

    kind = "hook"
    name_en = "In-app feedback"
    name_vi = "Góp ý trong ứng dụng"
    access = Access.KEY
    covers = "feedback and bug reports that your app posts, signed, and those of the feedback form"
    does_not_cover = (
        "what is posted while `earful hook` does not run; callers' addresses are not kept"
    )
    evidence = "from documentation: the format is our own, told in docs/hook.md"
    expect = Expect(min_items=0, filled=("key",))
    default_every_min = 60
    pages_from_newest = False
    matches_by_construction = True
    is_fetched = False
    keys = ("secret", "form_key")
    keys_en = "Make both up yourself, long and random; the form key stands in public pages"
    keys_vi = "Hãy tự đặt cả hai, dài và ngẫu nhiên; khoá biểu mẫu nằm trên trang công khai"

    def recognise(self, url: str) -> str | None:
        """Return None: the hook is no address to read."""
        return None

    def check_target(self, target: str) -> None:
        """Raise ConfigError for a name that is none."""
        if not target.strip() or "://" in target:
            raise ConfigError(
                "is not a name", subject=f"hook:{target}", next_step="start it: earful hook"
            )

    def first(self, order: Order) -> Ask:
        """Raise ConfigError: posts come by themselves."""
        raise ConfigError(
            "posts come by themselves", subject="hook", next_step="start it: earful hook"
        )

    def read(self, fetched: Fetched) -> Page:
        """Return the one item of a post. Raises UnreadableItem when it is none."""
        fields = posted_fields(fetched.body, content_type=fetched.content_type)
        came_at = fetched.fetched_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        item = read_posted(fields, key=asked_for(fetched.url, "key"), posted_at=came_at)
        return Page(source=SPACE, items=(item,))


def visit_stopped(order: Order) -> VisitFacts:
    """Return what a visit to a hook that has not said for an hour that it runs finds."""
    words = f"the hook '{order.target}' does not run. Next: earful hook"
    return VisitFacts(outcome=Outcome.DOWN, reason=words)


SOURCE = PostedFeedback()
