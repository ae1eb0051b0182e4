"""Tripadvisor reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class Tripadvisor(ExportedFiles):
    """Lists of reviews without ids, names or days: keep one file per place."""

    kind = "tripadvisor"
    name_en = "Tripadvisor"
    name_vi = "Tripadvisor"
    covers = "lists that tools save: stars and words"
    does_not_cover = "anything that was not saved; who wrote and when"
    evidence = "read on a tool's list of 2025-10"
    place = re.compile(r"(?:[\w.-]+\.)?tripadvisor\.[a-z.]{2,6}(?:/|$)")
    why = "Tripadvisor keeps programs out"


SOURCE = Tripadvisor()
