"""G2 reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class G2(ExportedFiles):
    """Lists of reviews: likes and dislikes are both the text."""

    kind = "g2"
    name_en = "G2"
    name_vi = "G2"
    covers = "lists that tools save"
    does_not_cover = "anything that was not saved: the site keeps programs out"
    evidence = "read on a tool's list of 2025-12"
    place = re.compile(r"(?:[\w.-]+\.)?g2\.com(?:/|$)")
    why = "G2 keeps programs out"


SOURCE = G2()
