"""Glassdoor reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class Glassdoor(ExportedFiles):
    """Lists of employees' reviews; the overall rating counts."""

    kind = "glassdoor"
    name_en = "Glassdoor"
    name_vi = "Glassdoor"
    covers = "lists that tools save"
    does_not_cover = "anything that was not saved: the site wants a login"
    evidence = "read on a tool's list of 2026-01"
    place = re.compile(r"(?:[\w.-]+\.)?glassdoor\.[a-z.]{2,6}(?:/|$)")
    why = "Glassdoor wants a login"


SOURCE = Glassdoor()
