"""Best Buy reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class BestBuy(ExportedFiles):
    """Lists of reviews; the maker's answers are left out."""

    kind = "bestbuy"
    name_en = "Best Buy"
    name_vi = "Best Buy"
    covers = "lists that tools save"
    does_not_cover = "anything that was not saved; the maker's answers"
    evidence = "read on a tool's list of 2025-12"
    place = re.compile(r"(?:[\w.-]+\.)?bestbuy\.(?:com|ca)(?:/|$)")
    why = "Best Buy keeps programs out"


SOURCE = BestBuy()
