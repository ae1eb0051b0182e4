"""Lays out the phrases of harm when this is imported, before crawl children are forked."""

from __future__ import annotations

from cases.flag import IN_TITLE
from cases.harm import HARM, hear

for codes in ((), HARM, IN_TITLE):
    hear("", codes)
