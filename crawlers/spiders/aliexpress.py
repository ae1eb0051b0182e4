"""AliExpress reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class AliExpress(ExportedFiles):
    """Lists of evaluations: stars of 20 to 100, later words, the seller's reply."""

    kind = "aliexpress"
    name_en = "AliExpress"
    name_vi = "AliExpress"
    covers = "lists that tools save, with what the buyer added later and the seller's reply"
    does_not_cover = "anything that was not saved: the site keeps programs out"
    evidence = "read on a tool's list of 2025-12"
    place = re.compile(r"(?:[\w.-]+\.)?aliexpress\.(?:com|us|ru)(?:/|$)")
    why = "AliExpress keeps programs out"


SOURCE = AliExpress()
