"""Booking.com reviews, from lists that tools saved."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles


class Booking(ExportedFiles):
    """Lists of reviews: what was liked and what was not are two fields, both are the text."""

    kind = "booking"
    name_en = "Booking.com"
    name_vi = "Booking.com"
    covers = "lists that tools save, with the house's replies"
    does_not_cover = "anything that was not saved: the site keeps programs out"
    evidence = "read on a tool's list of 2026-03"
    place = re.compile(r"(?:[\w.-]+\.)?booking\.com(?:/|$)")
    why = "Booking.com keeps programs out"


SOURCE = Booking()
