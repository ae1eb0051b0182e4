"""Amazon reviews, from pages and lists that people saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class Amazon(ExportedFiles):
    """Saved review pages in any language, and lists that tools save."""

    kind = "amazon"
    name_en = "Amazon"
    name_vi = "Amazon"
    covers = "review pages that you saved in your browser, and lists that tools save"
    does_not_cover = "anything that was not saved: review pages want a login"
    evidence = (
        "read on three US pages of 2020 and a tool's list of 2025-12; "
        "other languages from documentation"
    )
    place = re.compile(r"(?:[\w.-]+\.)?(?:amazon\.[a-z.]{2,6}|amzn\.(?:to|asia|eu))(?:/|$)")
    why = "Amazon shows its reviews to people who are logged in only"
    page_mark = b'data-hook="review"'


SOURCE = Amazon()
