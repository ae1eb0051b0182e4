"""Capterra reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class Capterra(ExportedFiles):
    """Lists of reviews; the overall rating counts, not one of its parts."""

    kind = "capterra"
    name_en = "Capterra"
    name_vi = "Capterra"
    covers = "lists that tools save"
    does_not_cover = "anything that was not saved: the site keeps programs out"
    evidence = "read on a tool's list of 2026-07"
    place = re.compile(r"(?:[\w.-]+\.)?capterra\.[a-z.]{2,6}(?:/|$)")
    why = "Capterra keeps programs out"


SOURCE = Capterra()
